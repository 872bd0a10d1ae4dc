using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>Element-wise functions of transformers, with a bias inside or a factor outside.</summary>
internal static class TransformerActivations
{
    private static readonly double RootOfHalf = Math.Sqrt(0.5);
    private static readonly double RootOfTwoOverPi = Math.Sqrt(2 / Math.PI);

    public static ImmutableArray<ElementwiseFunction> Functions { get; } =
    [
        Function<BiasGelu>("bias_gelu", static (x, b, _, _) => 0.5 * (x + b) * (1 + ReferenceMath.Erf((x + b) / Math.Sqrt(2)))) with
        {
            Magnitude = static (x, b, _, _) => Math.Abs(x) + Math.Abs(b),
            ScalarError = ErrorBound.Relative(4),
            SimdError = ErrorBound.Relative(8),
        },
        Function<BiasGeluTanh>("bias_gelu_tanh", static (x, b, _, _) => GeluTanh(x + b)) with
        {
            Magnitude = static (x, b, _, _) => Math.Abs(x) + Math.Abs(b),
            ScalarError = ErrorBound.Relative(4),
            SimdError = ErrorBound.Relative(10),
        },
        Function<SwiGlu>("swiglu", static (a, b, _, p) => a / (1 + Math.Exp(-p.Alpha * a)) * b) with
        {
            Magnitude = static (a, b, _, p) => Math.Abs(a * b) * (1 + Math.Abs(p.Alpha * a)),
            ScalarError = ErrorBound.Relative(4),
            SimdError = ErrorBound.Relative(10),
        },
    ];

    private static double GeluTanh(double x) => 0.5 * x * (1 + Math.Tanh(RootOfTwoOverPi * (x + 0.044715 * x * x * x)));

    private static ElementwiseFunction Function<F>(string name, ExactFunction exact) where F : struct, IBiasedActivation => new()
    {
        Name = name,
        Exact = exact,
        Scalar = static _ => BiasedRows<F>.Scalar,
        Simd = static level => Isa.Select<BiasedRows<F>, RowFunction>(level, default),
        IsCostly = true,
    };

    private readonly struct BiasGelu : IBiasedActivation
    {
        public static double Apply(double x, double b, double alpha) => 0.5 * (x + b) * (1 + RealMath.Erf((x + b) * RootOfHalf));

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static V Apply<S, V>(V x, V b, V alpha) where S : struct, ISimd<V> where V : unmanaged
        {
            x = S.Add(x, b);
            V half = S.Mul(x, S.Create(0.5f));
            return S.MulAdd(half, VectorMath.Erf<S, V>(S.Mul(x, S.Create(0.707106781f))), half);
        }
    }

    private readonly struct BiasGeluTanh : IBiasedActivation
    {
        public static double Apply(double x, double b, double alpha) => GeluTanh(x + b);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static V Apply<S, V>(V x, V b, V alpha) where S : struct, ISimd<V> where V : unmanaged
        {
            x = S.Add(x, b);
            V half = S.Mul(x, S.Create(0.5f));
            V u = S.MulAdd(S.Mul(S.Mul(x, x), S.Create(0.044715f)), x, x);
            return S.MulAdd(half, VectorMath.Tanh<S, V>(S.Mul(u, S.Create(0.797884561f))), half);
        }
    }

    private readonly struct SwiGlu : IBiasedActivation
    {
        public static double Apply(double x, double b, double alpha) => x / (1 + Math.Exp(-alpha * x)) * b;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static V Apply<S, V>(V x, V b, V alpha) where S : struct, ISimd<V> where V : unmanaged =>
            S.Mul(S.Mul(x, VectorMath.Sigmoid<S, V>(S.Mul(alpha, x))), b);
    }
}

/// <summary>A function of two real numbers with a constant.</summary>
internal interface IBiasedActivation
{
    static abstract double Apply(double x, double b, double alpha);

    static abstract V Apply<S, V>(V x, V b, V alpha) where S : struct, ISimd<V> where V : unmanaged;
}

/// <summary>Loops over a row of two operands: float32 vectors, or doubles that every other type is converted to.</summary>
internal readonly unsafe struct BiasedRows<F> : IIsaFunc<RowFunction> where F : struct, IBiasedActivation
{
    public static RowFunction Scalar => new(&Run, DType.Float64, DType.Float64, DType.Float64);

    public RowFunction Create<S, V>() where S : struct, ISimd<V> where V : unmanaged => new(&Run<S, V>, DType.Float32, DType.Float32, DType.Float32);

    private static void Run(RowArgs* r)
    {
        double* x = (double*)r->A, b = (double*)r->B, y = (double*)r->Y;
        for (nint i = 0; i < r->Count; i++)
            y[i] = F.Apply(x[i * r->StepA], b[i * r->StepB], r->Alpha);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Run<S, V>(RowArgs* r) where S : struct, ISimd<V> where V : unmanaged
    {
        float* x = (float*)r->A, b = (float*)r->B, y = (float*)r->Y;
        V alpha = S.Create((float)r->Alpha), oneX = S.Splat(x), oneB = S.Splat(b);
        for (nint i = 0; i < r->Count; i += S.Lanes)
        {
            int n = (int)Math.Min(S.Lanes, r->Count - i);
            V vx = r->StepA == 0 ? oneX : S.LoadPartial(x + i, n), vb = r->StepB == 0 ? oneB : S.LoadPartial(b + i, n);
            S.StorePartial(F.Apply<S, V>(vx, vb, alpha), y + i, n);
        }
    }
}
