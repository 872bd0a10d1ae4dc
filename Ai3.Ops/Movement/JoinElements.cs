namespace Ai3.Ops;

/// <summary>
/// For runs of a few elements, which are not worth a call to copy memory: part by part, the part's elements go to or come from
/// their place in every row of the whole. Tasks are ranges of rows.
/// </summary>
internal static unsafe class JoinElements
{
    private const long MostElements = 16;

    public static Applicability Supports(JoinProblem p, Target target)
    {
        Applicability bytes = ElementSize.RequireWholeBytes(p.Whole.Type);
        if (!bytes.IsYes)
            return bytes;
        long row = p.Whole.Shape.CountOf(p.Axis..);
        return Applicability.If(row <= MostElements, $"a row of the whole has {row} elements, needs at most {MostElements}");
    }

    public static double CostHint(Request<JoinProblem> r) => 100 + (double)r.Problem.Whole.Shape.Count + 2.0 * r.Problem.Whole.ByteLength / r.Target.BytesPerNanosecond;

    public static PreparedKernel Bind(Request<JoinProblem> request, PackedConstants? packed) =>
        ElementSize.Select<Maker, PreparedKernel>(request.Problem.Whole.Type, new Maker(request.Problem));

    private readonly struct Maker(JoinProblem problem) : IElementSizeFunc<PreparedKernel>
    {
        public PreparedKernel Create<T>() where T : unmanaged => new Kernel<T>(problem);
    }

    private sealed class Kernel<T>(JoinProblem p) : PreparedKernel where T : unmanaged
    {
        private readonly long[] _runs = [.. p.Parts.Select(part => part.Shape.CountOf(p.Axis..))];
        private readonly long _rows = p.Whole.Shape.CountOf(..p.Axis);
        private readonly long _row = p.Whole.Shape.CountOf(p.Axis..);
        private readonly bool _isConcat = p.IsConcat;

        public override void Run(in KernelArgs args)
        {
            int tasks = WorkSplit.Tasks(_rows, 2.0 * _rows * _row * sizeof(T), args.Workers);
            fixed (nint* parts = _isConcat ? args.Inputs : args.Outputs)
            fixed (long* runs = _runs)
            {
                var body = new Body<T>((T*)(_isConcat ? args.Outputs[0] : args.Inputs[0]), (T**)parts, runs, _runs.Length, _rows, _row, _isConcat, tasks);
                args.Workers.For(tasks, ref body);
            }
        }
    }

    private readonly struct Body<T>(T* whole, T** parts, long* runs, int partCount, long rows, long row, bool isConcat, int tasks) : IParallelBody
        where T : unmanaged
    {
        public void Run(int begin, int end, int worker)
        {
            long first = WorkSplit.Begin(rows, begin, tasks), count = WorkSplit.Begin(rows, end, tasks) - first;
            T* place = whole + first * row;
            for (int i = 0; i < partCount; place += runs[i++])
            {
                T* part = parts[i] + first * runs[i];
                if (isConcat)
                    Copy(part, runs[i], place, row, runs[i], count);
                else if (parts[i] != null)
                    Copy(place, row, part, runs[i], runs[i], count);
            }
        }

        private static void Copy(T* from, long fromStride, T* to, long toStride, long run, long count)
        {
            for (; count > 0; count--, from += fromStride, to += toStride)
                for (long i = 0; i < run; i++)
                    to[i] = from[i];
        }
    }
}
