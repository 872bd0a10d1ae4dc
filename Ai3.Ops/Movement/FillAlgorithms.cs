using System.Collections.Immutable;

namespace Ai3.Ops;

/// <summary>Every way to fill a tensor with one value.</summary>
internal static unsafe class FillAlgorithms
{
    public static readonly ImmutableArray<Algorithm<FillProblem>> All =
    [
        new()
        {
            Name = "fill",
            Source = "runs of one value",
            Supports = static (p, _) => ElementSize.RequireWholeBytes(p.Output.Type),
            CostHint = static r => 100 + r.Problem.Output.ByteLength / r.Target.BytesPerNanosecond,
            Error = static (_, _) => ErrorBound.Exact,
            Bind = static (r, _) => ElementSize.Select<Maker, PreparedKernel>(r.Problem.Output.Type, new Maker(r.Problem)),
        },
        new()
        {
            Name = "reference",
            Source = "one element at a time",
            IsReference = true,
            Supports = static (p, _) => ElementSize.RequireBytes(p.Output.Type),
            CostHint = static r => 50.0 * r.Problem.Output.Shape.Count,
            Error = static (_, _) => ErrorBound.Exact,
            Bind = static (r, _) => new Reference(r.Problem),
        },
    ];

    private readonly struct Maker(FillProblem problem) : IElementSizeFunc<PreparedKernel>
    {
        public PreparedKernel Create<T>() where T : unmanaged => new Kernel<T>(problem);
    }

    private sealed class Kernel<T>(FillProblem p) : PreparedKernel where T : unmanaged
    {
        private readonly long _count = p.Output.Shape.Count;
        private readonly UInt128 _bits = p.Bits;

        public override void Run(in KernelArgs args)
        {
            int tasks = WorkSplit.Tasks(_count, (double)_count * sizeof(T), args.Workers);
            UInt128 bits = _bits;
            var body = new Body<T>((T*)args.Outputs[0], *(T*)&bits, _count, tasks);
            args.Workers.For(tasks, ref body);
        }
    }

    private readonly struct Body<T>(T* output, T value, long count, int tasks) : IParallelBody where T : unmanaged
    {
        public void Run(int begin, int end, int worker)
        {
            long last = WorkSplit.Begin(count, end, tasks);
            for (long i = WorkSplit.Begin(count, begin, tasks); i < last;)
            {
                int n = (int)Math.Min(last - i, int.MaxValue);
                new Span<T>(output + i, n).Fill(value);
                i += n;
            }
        }
    }

    private sealed class Reference(FillProblem p) : PreparedKernel
    {
        public override void Run(in KernelArgs args)
        {
            UInt128 bits = p.Bits;
            long count = p.Output.Shape.Count;
            PackedBits.ClearLastByte((byte*)args.Outputs[0], count, p.Output.Type);
            for (long i = 0; i < count; i++)
                PackedBits.CopyElement((byte*)&bits, 0, (byte*)args.Outputs[0], i, p.Output.Type);
        }
    }
}
