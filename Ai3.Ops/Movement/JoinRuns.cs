using System.Collections.Immutable;
using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>
/// The whole is rows (one for each index of the axes before the joined one), each a run from every part in turn. Tasks are
/// ranges of the whole's bytes.
/// </summary>
internal static unsafe class JoinRuns
{
    public static ImmutableArray<FormatChoice> Formats(JoinProblem p, Target target)
    {
        int block = target.ChannelBlock;
        bool blocks = p.Whole.Type == DType.Float32 && p.Whole.Shape.Rank >= 3
            && (p.Axis != 1 || p.Parts.All(part => part.Shape[1] % block == 0));
        if (!blocks)
            return FormatChoice.PlainOnly;
        Format format = Format.Blocked(block);
        return [FormatChoice.Plain, FormatChoice.Uniform(format, p.IsConcat ? p.Parts.Length : 1, p.IsConcat ? 1 : p.Parts.Length)];
    }

    public static double CostHint(Request<JoinProblem> r)
    {
        JoinProblem p = r.Problem;
        double runs = (double)p.Whole.Shape.CountOf(..p.Axis) * p.Parts.Length;
        return 100 + 5 * runs + 2.0 * p.Whole.ByteLength / r.Target.BytesPerNanosecond;
    }

    /// <summary>Inputs of a single row are slices of the output.</summary>
    public static ImmutableArray<long> Slices(Request<JoinProblem> r)
    {
        JoinProblem p = r.Problem;
        Format format = r.Formats.Output(0);
        if (!p.IsConcat || p.Whole.Shape.Count == 0)
            return [];
        var offsets = ImmutableArray.CreateBuilder<long>(p.Parts.Length);
        long end = 0;
        foreach (TensorType part in p.Parts)
        {
            offsets.Add(end);
            end = ShapeMath.Add(end, RunBytes(part, p.Axis, format));
        }
        return end == p.Whole.Type.ByteCount(format.StorageCount(p.Whole.Shape)) ? offsets.ToImmutable() : [];
    }

    public static PreparedKernel Bind(Request<JoinProblem> request, PackedConstants? packed)
    {
        JoinProblem p = request.Problem;
        Format format = p.IsConcat ? request.Formats.Output(0) : request.Formats.Input(0);
        long[] runs = [.. p.Parts.Select(part => RunBytes(part, p.Axis, format))];
        long row = runs.Sum();
        return new Kernel(runs, row, row == 0 ? 0 : p.Whole.Type.ByteCount(format.StorageCount(p.Whole.Shape)), p.IsConcat);
    }

    // Bytes of a part that are next to each other and beside another part's. In blocks the element order is [n][C/c][spatial][c].
    private static long RunBytes(TensorType part, int axis, Format format)
    {
        long elements = part.Shape.CountOf(axis..);
        if (format.Kind == FormatKind.Blocked)
        {
            if (axis == 0)
                elements = format.StorageCount(part.Shape);
            else if (axis > 1)
                elements = ShapeMath.Multiply(elements, format.Block);
        }
        return part.Type.ByteCount(elements);
    }

    private sealed class Kernel(long[] runs, long row, long bytes, bool isConcat) : PreparedKernel
    {
        public override void Run(in KernelArgs args)
        {
            if (isConcat && row == bytes && IsInPlace(args))
                return;
            int tasks = WorkSplit.Tasks(bytes, 2.0 * bytes, args.Workers);
            fixed (nint* parts = isConcat ? args.Inputs : args.Outputs)
            fixed (long* lengths = runs)
            {
                var body = new Body((byte*)(isConcat ? args.Outputs[0] : args.Inputs[0]), parts, lengths, runs.Length, row, bytes, isConcat, tasks);
                args.Workers.For(tasks, ref body);
            }
        }

        private bool IsInPlace(in KernelArgs args)
        {
            nint place = args.Outputs[0];
            for (int i = 0; i < runs.Length; i++)
            {
                if (args.Inputs[i] != place && runs[i] != 0)
                    return false;
                place += (nint)runs[i];
            }
            return true;
        }
    }

    private readonly struct Body(byte* whole, nint* parts, long* runs, int partCount, long row, long bytes, bool isConcat, int tasks) : IParallelBody
    {
        public void Run(int begin, int end, int worker) => Range(WorkSplit.Begin(bytes, begin, tasks), WorkSplit.Begin(bytes, end, tasks));

        private void Range(long position, long last)
        {
            if (position >= last)
                return;
            long outer = position / row, inRun = position - outer * row;
            int part = 0;
            while (inRun >= runs[part])
                inRun -= runs[part++];
            while (position < last)
            {
                long length = Math.Min(runs[part] - inRun, last - position);
                byte* piece = (byte*)parts[part] + outer * runs[part] + inRun;
                if (isConcat)
                {
                    if (piece != whole + position)
                        Buffer.MemoryCopy(piece, whole + position, length, length);
                }
                else if (parts[part] != 0)
                    Buffer.MemoryCopy(whole + position, piece, length, length);
                position += length;
                inRun += length;
                // The next part that has elements; position < last promises one.
                while (position < last && inRun == runs[part])
                {
                    inRun = 0;
                    if (++part == partCount)
                        (part, outer) = (0, outer + 1);
                }
            }
        }
    }
}
