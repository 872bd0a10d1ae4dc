using System.Collections.Immutable;
using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>Every way to compute OneHot.</summary>
internal static unsafe class OneHotAlgorithms
{
    public static readonly ImmutableArray<Algorithm<OneHotProblem>> All =
    [
        new()
        {
            Name = "fill_and_set",
            Source = "everything off, then one element on for each index",
            Supports = static (p, _) => ElementSize.RequireWholeBytes(p.Output.Type),
            CostHint = static r => 100 + 5.0 * r.Problem.Indices.Shape.Count + r.Problem.Output.ByteLength / r.Target.BytesPerNanosecond,
            Error = static (_, _) => ErrorBound.Exact,
            Bind = static (r, _) => ElementSize.Select<Maker, PreparedKernel>(r.Problem.Output.Type, new Maker(r.Problem)),
        },
        new()
        {
            Name = "reference",
            Source = "each element compared with its index",
            IsReference = true,
            Supports = static (p, _) => ElementSize.RequireWholeBytes(p.Output.Type),
            CostHint = static r => 50.0 * r.Problem.Output.Shape.Count,
            Error = static (_, _) => ErrorBound.Exact,
            Bind = static (r, _) => new Reference(r.Problem),
        },
    ];

    private readonly struct Maker(OneHotProblem problem) : IElementSizeFunc<PreparedKernel>
    {
        public PreparedKernel Create<T>() where T : unmanaged => new Kernel<T>(problem);
    }

    private sealed class Kernel<T>(OneHotProblem p) : PreparedKernel where T : unmanaged
    {
        private readonly DType _type = p.Indices.Type;
        private readonly bool _negative = p.Negative;
        private readonly long _depth = p.Depth;
        private readonly long _indices = p.Indices.Shape.Count;
        private readonly long _inner = p.Indices.Shape.CountOf(p.Axis..);
        private readonly long _count = p.Output.Shape.Count;

        public override void Run(in KernelArgs args)
        {
            var output = (T*)args.Outputs[0];
            T off = ((T*)args.Inputs[2])[0], on = ((T*)args.Inputs[2])[1];
            for (long done = 0; done < _count;)
            {
                int n = (int)Math.Min(_count - done, int.MaxValue);
                new Span<T>(output + done, n).Fill(off);
                done += n;
            }
            for (long i = 0; i < _indices; i++)
            {
                long index = Index((void*)args.Inputs[0], _type, i);
                if (_negative && index < 0)
                    index += _depth;
                if ((ulong)index < (ulong)_depth)
                    output[(i / _inner * _depth + index) * _inner + i % _inner] = on;
            }
        }
    }

    // Far values of any type end outside every depth.
    private static long Index(void* indices, DType type, long i)
    {
        if (type == DType.Int64)
            return ((long*)indices)[i];
        if (type == DType.UInt64)
            return ((ulong*)indices)[i] is var wide && wide <= long.MaxValue ? (long)wide : long.MinValue;
        double value = ElementAccess.Read(indices, type, i);
        return Math.Abs(value) < 1L << 62 ? (long)value : long.MinValue;
    }

    private sealed class Reference(OneHotProblem p) : PreparedKernel
    {
        public override void Run(in KernelArgs args)
        {
            long inner = p.Indices.Shape.CountOf(p.Axis..);
            for (long i = 0; i < p.Output.Shape.Count; i++)
            {
                long d = i / inner % p.Depth, at = i / inner / p.Depth * inner + i % inner;
                decimal index = p.Indices.Type switch
                {
                    DType.Int64 => ((long*)args.Inputs[0])[at],
                    DType.UInt64 => ((ulong*)args.Inputs[0])[at],
                    _ => Truncate(ElementAccess.Read((void*)args.Inputs[0], p.Indices.Type, at)),
                };
                bool isOn = index == d || (p.Negative && index < 0 && index + p.Depth == d);
                PackedBits.CopyElement((byte*)args.Inputs[2], isOn ? 1 : 0, (byte*)args.Outputs[0], i, p.Output.Type);
            }
        }

        private static decimal Truncate(double value) => Math.Abs(value) < 1e18 ? Math.Truncate((decimal)value) : decimal.MinValue / 2;
    }
}
