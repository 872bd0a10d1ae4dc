using System.Collections.Immutable;
using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>Every way to gate by a GELU.</summary>
internal static unsafe class BiasSplitGeluAlgorithms
{
    public static readonly ImmutableArray<Algorithm<BiasSplitGeluProblem>> All =
    [
        new()
        {
            Name = "simd",
            Source = "the error function of every element in vectors",
            Needs = "f32",
            Supports = static (p, _) => Applicability.If(p.X.Type == DType.Float32, $"element type is {p.X.Type.ShortName()}, needs f32"),
            CostHint = static r => 100 + r.Problem.X.Shape.Count * 8.0 / r.Target.Lanes / r.Target.Threads,
            Error = static (_, _) => ErrorBound.Relative(12),
            Bind = static (r, _) => Isa.Select<Binder, PreparedKernel>(r.Target.Isa, new Binder(r.Problem)),
        },
        new()
        {
            Name = "scalar",
            Source = "the definition, in double",
            Supports = static (_, _) => Applicability.Yes,
            CostHint = static r => 100 + r.Problem.X.Shape.Count * 20.0 / r.Target.Threads,
            Error = static (_, _) => ErrorBound.Relative(8),
            Bind = static (r, _) => ElementTypes.Select<Binder, PreparedKernel>(r.Problem.X.Type, new Binder(r.Problem)),
        },
        ReferenceAlgorithm.Of<BiasSplitGeluProblem>(Evaluate),
    ];

    internal static OracleResult Evaluate(BiasSplitGeluProblem p, IReadOnlyList<double[]?> inputs)
    {
        double[] x = inputs[0]!, bias = inputs[1]!, values = new double[x.Length / 2], magnitudes = new double[values.Length];
        long width = p.X.Shape[^1] / 2;
        for (long i = 0; i < values.Length; i++)
        {
            long c = i % width, at = i / width * 2 * width + c;
            double left = x[at] + bias[c], right = x[at + width] + bias[c + width];
            values[i] = left * (0.5 * right * (1 + ReferenceMath.Erf(right / Math.Sqrt(2))));
            magnitudes[i] = (Math.Abs(x[at]) + Math.Abs(bias[c])) * (Math.Abs(x[at + width]) + Math.Abs(bias[c + width]));
        }
        return new OracleResult([values], [magnitudes]);
    }

    private interface IRow
    {
        static abstract int Size { get; }

        static abstract void Run(byte* x, byte* bias, byte* y, nint width);
    }

    private readonly struct Binder(BiasSplitGeluProblem p) : IIsaFunc<PreparedKernel>, IElementFunc<PreparedKernel>
    {
        public PreparedKernel Create<S, V>() where S : struct, ISimd<V> where V : unmanaged => new Kernel<Vectors<S, V>>(p);

        public PreparedKernel Create<E>() where E : struct, IElement => new Kernel<Scalars<E>>(p);
    }

    private readonly struct Vectors<S, V> : IRow where S : struct, ISimd<V> where V : unmanaged
    {
        public static int Size => sizeof(float);

        public static void Run(byte* x, byte* bias, byte* y, nint width)
        {
            float* left = (float*)x, right = left + width, b = (float*)bias;
            for (nint i = 0; i < width; i += S.Lanes)
            {
                int n = (int)Math.Min(S.Lanes, width - i);
                V l = S.Add(S.LoadPartial(left + i, n), S.LoadPartial(b + i, n)), r = S.Add(S.LoadPartial(right + i, n), S.LoadPartial(b + width + i, n));
                V half = S.Mul(r, S.Create(0.5f));
                V gelu = S.MulAdd(half, VectorMath.Erf<S, V>(S.Mul(r, S.Create(0.707106781f))), half);
                S.StorePartial(S.Mul(l, gelu), (float*)y + i, n);
            }
        }
    }

    private readonly struct Scalars<E> : IRow where E : struct, IElement
    {
        private static readonly double RootOfHalf = Math.Sqrt(0.5);

        public static int Size => typeof(E) == typeof(Float64Element) ? 8 : typeof(E) == typeof(Float32Element) ? 4 : 2;

        public static void Run(byte* x, byte* bias, byte* y, nint width)
        {
            for (nint i = 0; i < width; i++)
            {
                double left = E.Load(x, i) + E.Load(bias, i), right = E.Load(x, width + i) + E.Load(bias, width + i);
                E.Store(y, i, left * (0.5 * right * (1 + RealMath.Erf(right * RootOfHalf))));
            }
        }
    }

    private sealed class Kernel<R>(BiasSplitGeluProblem p) : PreparedKernel where R : struct, IRow
    {
        private readonly nint _width = (nint)(p.X.Shape[^1] / 2);
        private readonly long _rows = p.X.Shape.Count == 0 ? 0 : p.X.Shape.CountOf(..^1);

        public override void Run(in KernelArgs args)
        {
            var body = new Body<R> { X = (byte*)args.Inputs[0], Bias = (byte*)args.Inputs[1], Y = (byte*)args.Outputs[0], Width = _width, Split = new RowSplit(_rows) };
            args.Workers.For(body.Split.Items, ref body);
        }
    }

    private struct Body<R> : IParallelBody where R : struct, IRow
    {
        public byte* X, Bias, Y;
        public nint Width;
        public RowSplit Split;

        public readonly void Run(int begin, int end, int worker)
        {
            for (nint row = (nint)Split.Begin(begin); row < (nint)Split.End(end); row++)
                R.Run(X + row * 2 * Width * R.Size, Bias, Y + row * Width * R.Size, Width);
        }
    }
}
