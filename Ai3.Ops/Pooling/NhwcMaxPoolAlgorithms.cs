using System.Collections.Immutable;
using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>Every way to pool bytes, channels last.</summary>
internal static unsafe class NhwcMaxPoolAlgorithms
{
    // Channels taken at once: a span's length is 31 bits.
    private const long Piece = 1 << 20;

    public static readonly ImmutableArray<Algorithm<NhwcMaxPoolProblem>> All =
    [
        new()
        {
            Name = "channels",
            Source = "the maximum of the taps' channels, a vector of bytes at a time",
            Supports = static (_, _) => Applicability.Yes,
            CostHint = static r => 100 + (r.Problem.Flops / 16 + r.Problem.Outputs[0].Shape.CountOf(..^1) * 10.0) / r.Target.Threads,
            Error = static (_, _) => ErrorBound.Exact,
            Bind = static (r, _) => r.Problem.Type == DType.UInt8 ? new Kernel<byte>(r.Problem, byte.MinValue) : new Kernel<sbyte>(r.Problem, sbyte.MinValue),
        },
        ReferenceAlgorithm.Of<NhwcMaxPoolProblem>(Evaluate),
    ];

    internal static OracleResult Evaluate(NhwcMaxPoolProblem p, IReadOnlyList<double[]?> inputs)
    {
        double[] values = new double[p.Outputs[0].Shape.Count];
        Array.Fill(values, p.Type == DType.UInt8 ? byte.MinValue : sbyte.MinValue);
        Shape output = p.Outputs[0].Shape;
        double taps = p.Axes.Aggregate(1.0, (product, a) => product * a.Kernel);
        for (long i = 0; i < values.Length; i++)
            for (long t = 0; t < taps; t++)
            {
                long rest = i / p.C, tap = t, at = 0, stride = 1;
                bool inside = true;
                for (int a = p.Axes.Length - 1; a >= 0; a--)
                {
                    WindowAxis axis = p.Axes[a];
                    long position = rest % output[a + 1] * axis.Stride - axis.PadBegin + tap % axis.Kernel * axis.Dilation;
                    inside &= position >= 0 && position < axis.In;
                    at += position * stride;
                    (rest, tap, stride) = (rest / output[a + 1], tap / axis.Kernel, stride * axis.In);
                }
                if (inside)
                    values[i] = Math.Max(values[i], inputs[0]![(rest * stride + at) * p.C + i % p.C]);
            }
        return OracleResult.Of(values);
    }

    private sealed class Kernel<T>(NhwcMaxPoolProblem p, T lowest) : PreparedKernel where T : unmanaged, System.Numerics.INumber<T>
    {
        private readonly WindowAxis[] _axes = [.. p.Axes];
        private readonly long _positions = p.Axes.Aggregate(1L, (product, a) => ShapeMath.Multiply(product, a.Out));

        public override void Run(in KernelArgs args)
        {
            var body = new Body<T> { X = (T*)args.Inputs[0], Y = (T*)args.Outputs[0], Axes = _axes, C = p.C, Positions = _positions, Lowest = lowest, Split = new RowSplit(p.C == 0 ? 0 : p.N * _positions) };
            args.Workers.For(body.Split.Items, ref body);
        }
    }

    // One item an output position: all its channels.
    private struct Body<T> : IParallelBody where T : unmanaged, System.Numerics.INumber<T>
    {
        public T* X, Y;
        public WindowAxis[] Axes;
        public long C, Positions;
        public T Lowest;
        public RowSplit Split;

        public readonly void Run(int begin, int end, int worker)
        {
            for (long row = Split.Begin(begin); row < Split.End(end); row++)
                for (long c = 0; c < C; c += Piece)
                {
                    var y = new Span<T>(Y + (nint)(row * C + c), (int)Math.Min(Piece, C - c));
                    y.Fill(Lowest);
                    Taps(0, row % Positions, Positions, row / Positions, c, y);
                }
        }

        private readonly void Taps(int axis, long position, long positions, long at, long c, Span<T> y)
        {
            if (axis == Axes.Length)
            {
                TensorPrimitives.Max(y, MemoryMarshal.CreateReadOnlySpan(ref X[(nint)(at * C + c)], y.Length), y);
                return;
            }
            WindowAxis a = Axes[axis];
            long inner = positions / a.Out, start = position / inner * a.Stride - a.PadBegin;
            long first = start >= 0 ? 0 : ShapeMath.CeilDiv(-start, a.Dilation);
            for (long k = first; k < a.Kernel && start + k * a.Dilation < a.In; k++)
                Taps(axis + 1, position % inner, inner, at * a.In + start + k * a.Dilation, c, y);
        }
    }
}
