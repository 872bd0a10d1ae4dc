using System.Runtime.CompilerServices;
using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>
/// out[i] = in[Offset + sum of index * step] by runs of the innermost axis: copied (step 1), filled (step 0) or gathered.
/// Axes are merged first, so a run is as long as the problem allows. Tasks are ranges of output elements.
/// </summary>
internal static unsafe class StridedCopy
{
    public static Applicability Supports(StridedCopyProblem p, Target target) => ElementSize.RequireWholeBytes(p.Input.Type).And(
        Applicability.If(StridedLayout.Of(p).Rank <= StridedLayout.MaxRank, $"box has more than {StridedLayout.MaxRank} axes after merging"));

    public static double CostHint(Request<StridedCopyProblem> r)
    {
        StridedCopyProblem p = r.Problem;
        StridedLayout layout = StridedLayout.Of(p);
        double count = layout.Count, rows = count / Math.Max(layout.Extents[^1], 1);
        double bytes = 2 * count * p.Output.Type.ByteSize() / r.Target.BytesPerNanosecond;
        // A strided read touches a line for each element until the lines fit in a cache.
        double gather = layout.Steps[^1] is 0 or 1 ? 0 : Math.Min(Math.Abs((double)layout.Steps[^1]) * p.Output.Type.ByteSize() / 64, 1) * 2 * count;
        return 100 + 2 * rows + bytes + gather;
    }

    public static PreparedKernel Bind(Request<StridedCopyProblem> request, PackedConstants? packed) =>
        ElementSize.Select<Maker, PreparedKernel>(request.Problem.Input.Type, new Maker(StridedLayout.Of(request.Problem)));

    private readonly struct Maker(StridedLayout layout) : IElementSizeFunc<PreparedKernel>
    {
        public PreparedKernel Create<T>() where T : unmanaged => new Kernel<T>(layout);
    }

    private sealed class Kernel<T>(StridedLayout layout) : PreparedKernel where T : unmanaged
    {
        public override void Run(in KernelArgs args)
        {
            int tasks = WorkSplit.Tasks(layout.Count, 2.0 * layout.Count * sizeof(T), args.Workers);
            fixed (long* extents = layout.Extents, steps = layout.Steps)
            {
                var body = new Body<T>((T*)args.Inputs[0] + layout.Offset, (T*)args.Outputs[0], extents, steps, layout.Rank, layout.Count, tasks);
                args.Workers.For(tasks, ref body);
            }
        }
    }

    private readonly struct Body<T>(T* source, T* destination, long* extents, long* steps, int rank, long count, int tasks) : IParallelBody
        where T : unmanaged
    {
        public void Run(int begin, int end, int worker) => Range(WorkSplit.Begin(count, begin, tasks), WorkSplit.Begin(count, end, tasks));

        private void Range(long first, long last)
        {
            if (first >= last)
                return;
            long* index = stackalloc long[StridedLayout.MaxRank];
            T* from = source;
            long rest = first;
            for (int axis = rank - 1; axis >= 0; axis--)
            {
                index[axis] = rest % extents[axis];
                from += index[axis] * steps[axis];
                rest /= extents[axis];
            }
            long inner = extents[rank - 1], step = steps[rank - 1];
            T* to = destination + first, stop = destination + last;
            if (index[rank - 1] > 0)
            {
                long n = Math.Min(inner - index[rank - 1], stop - to);
                CopyRun(from, to, n, step);
                to += n;
                from -= index[rank - 1] * step;
                from += Carry(index);
            }
            while (stop - to >= inner)
            {
                long rows = rank > 1 ? Math.Min(extents[rank - 2] - index[rank - 2], (stop - to) / inner) : 1;
                CopyRows(from, to, rows, inner, step, rank > 1 ? steps[rank - 2] : 0);
                to += rows * inner;
                if (rank == 1)
                    return;
                from += (rows - 1) * steps[rank - 2];
                index[rank - 2] += rows - 1;
                from += Carry(index);
            }
            if (stop > to)
                CopyRun(from, to, stop - to, step);
        }

        // The next row: how far the input moves.
        private long Carry(long* index)
        {
            long move = 0;
            for (int axis = rank - 2; axis >= 0; axis--)
            {
                move += steps[axis];
                if (++index[axis] < extents[axis])
                    break;
                move -= extents[axis] * steps[axis];
                index[axis] = 0;
            }
            return move;
        }

        private static void CopyRows(T* from, T* to, long rows, long inner, long step, long rowStep)
        {
            if (step == 1 && inner * sizeof(T) <= 32)
                for (; rows > 0; rows--, from += rowStep, to += inner)
                    for (long i = 0; i < inner; i++)
                        to[i] = from[i];
            else
                for (; rows > 0; rows--, from += rowStep, to += inner)
                    CopyRun(from, to, inner, step);
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private static void CopyRun(T* from, T* to, long n, long step)
        {
            if (step == 1)
                Buffer.MemoryCopy(from, to, n * sizeof(T), n * sizeof(T));
            else if (step == 0)
                Fill(*from, to, n);
            else
                Gather(from, to, n, step);
        }

        private static void Fill(T value, T* to, long n)
        {
            for (; n > int.MaxValue; n -= int.MaxValue, to += int.MaxValue)
                new Span<T>(to, int.MaxValue).Fill(value);
            new Span<T>(to, (int)n).Fill(value);
        }

        private static void Gather(T* from, T* to, long n, long step)
        {
            for (; n >= 4; n -= 4, from += 4 * step, to += 4)
            {
                T a = from[0], b = from[step], c = from[2 * step], d = from[3 * step];
                to[0] = a;
                to[1] = b;
                to[2] = c;
                to[3] = d;
            }
            for (; n > 0; n--, from += step, to++)
                *to = *from;
        }
    }
}
