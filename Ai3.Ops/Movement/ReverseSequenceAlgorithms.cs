using System.Collections.Immutable;
using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>Every way to reverse sequences.</summary>
internal static unsafe class ReverseSequenceAlgorithms
{
    public static readonly ImmutableArray<Algorithm<ReverseSequenceProblem>> All =
    [
        new()
        {
            Name = "copy_rows",
            Source = "one run of memory for each time and batch entry",
            Supports = static (p, _) => ElementSize.RequireWholeBytes(p.Data.Type),
            CostHint = static r => 100 + 5.0 * r.Problem.Data.Shape.CountOf(..2) + r.Problem.Traffic / r.Target.BytesPerNanosecond,
            Error = static (_, _) => ErrorBound.Exact,
            Bind = static (r, _) => new Kernel(r.Problem),
        },
        new()
        {
            Name = "reference",
            Source = "one element at a time",
            IsReference = true,
            Supports = static (p, _) => ElementSize.RequireWholeBytes(p.Data.Type),
            CostHint = static r => 50.0 * r.Problem.Data.Shape.Count,
            Error = static (_, _) => ErrorBound.Exact,
            Bind = static (r, _) => new Reference(r.Problem),
        },
    ];

    private static void RequireLengths(long* lengths, long batch, long time)
    {
        for (long b = 0; b < batch; b++)
            if ((ulong)lengths[b] > (ulong)time)
                throw new OpException($"sequence_lens[{b}] is {lengths[b]}, must be 0 to {time}");
    }

    private sealed class Kernel(ReverseSequenceProblem p) : PreparedKernel
    {
        private readonly int _timeAxis = p.TimeAxis;
        private readonly long _outer = p.Data.Shape[0];
        private readonly long _middle = p.Data.Shape[1];
        private readonly long _run = p.Data.Shape.CountOf(2..) * p.Data.Type.ByteSize();

        public override void Run(in KernelArgs args)
        {
            var lengths = (long*)args.Inputs[1];
            RequireLengths(lengths, _timeAxis == 0 ? _middle : _outer, _timeAxis == 0 ? _outer : _middle);
            byte* from = (byte*)args.Inputs[0], to = (byte*)args.Outputs[0];
            for (long i = 0; i < _outer; i++)
                for (long j = 0; j < _middle; j++, to += _run)
                {
                    (long time, long length) = _timeAxis == 0 ? (i, lengths[j]) : (j, lengths[i]);
                    long source = time < length ? length - 1 - time : time;
                    long row = _timeAxis == 0 ? source * _middle + j : i * _middle + source;
                    Buffer.MemoryCopy(from + row * _run, to, _run, _run);
                }
        }
    }

    private sealed class Reference(ReverseSequenceProblem p) : PreparedKernel
    {
        public override void Run(in KernelArgs args)
        {
            var lengths = (long*)args.Inputs[1];
            long times = p.Data.Shape[p.TimeAxis], batches = p.Data.Shape[1 - p.TimeAxis], inner = p.Data.Shape.CountOf(2..);
            RequireLengths(lengths, batches, times);
            long timeStride = p.TimeAxis == 0 ? batches * inner : inner, batchStride = p.TimeAxis == 0 ? inner : times * inner;
            for (long b = 0; b < batches; b++)
                for (long t = 0; t < times; t++)
                    for (long k = 0; k < inner; k++)
                    {
                        long from = t >= lengths[b] ? t : lengths[b] - t - 1;
                        PackedBits.CopyElement((byte*)args.Inputs[0], b * batchStride + from * timeStride + k,
                            (byte*)args.Outputs[0], b * batchStride + t * timeStride + k, p.Data.Type);
                    }
        }
    }
}
