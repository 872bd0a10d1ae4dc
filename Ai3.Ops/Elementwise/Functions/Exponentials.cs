using System.Collections.Immutable;
using System.Runtime.CompilerServices;

namespace Ai3.Ops;

/// <summary>Functions and activations made of exp, log and erf.</summary>
internal static class Exponentials
{
    private static readonly double RootOfHalf = Math.Sqrt(0.5);
    private static readonly double RootOfTwoOverPi = Math.Sqrt(2 / Math.PI);

    public static ImmutableArray<ElementwiseFunction> All { get; } =
    [
        Define.Real<Exp>("exp", Math.Exp).WithSimd<Exp>(1),
        Define.Real<Log>("log", Math.Log).WithSimd<Log>(1),
        Define.Real<Sigmoid>("sigmoid", static x => 1 / (1 + Math.Exp(-x))).WithSimd<Sigmoid>(3),
        Define.Real<Tanh>("tanh", Math.Tanh).WithSimd<Tanh>(3),
        // 6 u each.
        Define.Real<Erf>("erf", ReferenceMath.Erf).WithSimd<Erf>(4) with { Float64Error = ErrorBound.Ulp(12) },
        // ExpM1 within 6 and 5 u, and a product each.
        Define.Real<Elu>("elu", static (x, _, _, p) => x < 0 ? p.Alpha * ReferenceMath.ExpM1(x) : x).WithSimd<Elu>(3) with { Float64Error = ErrorBound.Ulp(13) },
        // ExpM1 within 6 and 5 u, and two products each.
        Define.Real<Selu>("selu", static (x, _, _, p) => p.Beta * (x < 0 ? p.Alpha * ReferenceMath.ExpM1(x) : x)).WithSimd<Selu>(4) with { Float64Error = ErrorBound.Ulp(15) },
        Define.Real<Celu>("celu", static (x, _, _, p) => x < 0 ? p.Alpha * ReferenceMath.ExpM1(x / p.Alpha) : x).WithSimd<Celu>(4) with
        {
            // The rounding of x / alpha grows with its size inside the exponential.
            Magnitude = static (x, _, _, p) => Math.Abs(x) + Math.Abs(p.Alpha),
            SimdError = ErrorBound.Relative(4),
            // ExpM1 within 6 and 5 u, and a product each; the quotient is the same.
            Float64Error = ErrorBound.Relative(13),
        },
        // LogP1 within 5 u each, and a sum.
        Define.Real<Softplus>("softplus", static x => x > 0 ? x + ReferenceMath.LogP1(Math.Exp(-x)) : ReferenceMath.LogP1(Math.Exp(x))).WithSimd<Softplus>(5) with { Float64Error = ErrorBound.Ulp(12) },
        Define.Real<ScaledTanh>("scaled_tanh", static (x, _, _, p) => p.Alpha * Math.Tanh(p.Beta * x)).WithSimd<ScaledTanh>(6),
        // That of softplus, and a product each.
        Define.Real<ParametricSoftplus>("parametric_softplus", static (x, _, _, p) =>
            p.Alpha * (p.Beta * x > 0 ? p.Beta * x + ReferenceMath.LogP1(Math.Exp(-p.Beta * x)) : ReferenceMath.LogP1(Math.Exp(p.Beta * x)))) with { Float64Error = ErrorBound.Ulp(14) },
        Define.Real<Softsign>("softsign", static x => x / (1 + Math.Abs(x))).WithSimd<Softsign>(2) with { IsCostly = false },
        Define.Real<Mish>("mish", static x => x * Math.Tanh(x > 30 ? x : ReferenceMath.LogP1(Math.Exp(x)))).WithSimd<Mish>(6) with
        {
            // 6 ULP, and where e^x is denormal the rounding of that times x.
            Magnitude = static (x, _, _, _) => Math.Abs(x) * (Math.Tanh(x > 30 ? x : ReferenceMath.LogP1(Math.Exp(x))) + Math.ScaleB(1, -126)),
            SimdError = ErrorBound.Relative(12),
            // 8 u for the quotient form, 10 u for the hyperbolic tangent of a logarithm.
            Float64Error = ErrorBound.Relative(18),
        },
        Define.Real<Swish>("swish", static (x, _, _, p) => x / (1 + Math.Exp(-p.Alpha * x))).WithSimd<Swish>(4) with
        {
            Magnitude = static (x, _, _, p) => Math.Abs(x) * (1 + Math.Abs(p.Alpha * x)),
            SimdError = ErrorBound.Relative(8),
        },
        Define.Real<Gelu>("gelu", static x => 0.5 * x * ReferenceMath.OnePlusErf(x / Math.Sqrt(2))).WithSimd<Gelu>(4) with
        {
            Magnitude = static (x, _, _, _) => Math.Abs(x),
            SimdError = ErrorBound.Relative(6),
            // Half of the argument's u and of the error function's 6 u, one for the sum and one for the product, each.
            Float64Error = ErrorBound.Relative(11),
        },
        Define.Real<GeluTanh>("gelu_tanh", static x => 0.5 * x * (1 + Math.Tanh(Math.Sqrt(2 / Math.PI) * (x + 0.044715 * x * x * x)))).WithSimd<GeluTanh>(4) with
        {
            Magnitude = static (x, _, _, _) => Math.Abs(x),
            SimdError = ErrorBound.Relative(8),
        },
    ];

    private readonly struct Exp : IRealUnary, IFloatUnary
    {
        public static double Apply(double x, double alpha, double beta) => Math.Exp(x);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static V Apply<S, V>(V x, V alpha, V beta) where S : struct, ISimd<V> where V : unmanaged => VectorMath.Exp<S, V>(x);
    }

    private readonly struct Log : IRealUnary, IFloatUnary
    {
        public static double Apply(double x, double alpha, double beta) => Math.Log(x);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static V Apply<S, V>(V x, V alpha, V beta) where S : struct, ISimd<V> where V : unmanaged => VectorMath.Log<S, V>(x);
    }

    internal readonly struct Sigmoid : IRealUnary, IFloatUnary
    {
        public static double Apply(double x, double alpha, double beta) => 1 / (1 + Math.Exp(-x));

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static V Apply<S, V>(V x, V alpha, V beta) where S : struct, ISimd<V> where V : unmanaged => VectorMath.Sigmoid<S, V>(x);
    }

    internal readonly struct Tanh : IRealUnary, IFloatUnary
    {
        public static double Apply(double x, double alpha, double beta) => Math.Tanh(x);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static V Apply<S, V>(V x, V alpha, V beta) where S : struct, ISimd<V> where V : unmanaged => VectorMath.Tanh<S, V>(x);
    }

    private readonly struct Erf : IRealUnary, IFloatUnary
    {
        public static double Apply(double x, double alpha, double beta) => RealMath.Erf(x);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static V Apply<S, V>(V x, V alpha, V beta) where S : struct, ISimd<V> where V : unmanaged => VectorMath.Erf<S, V>(x);
    }

    internal readonly struct Elu : IRealUnary, IFloatUnary
    {
        public static double Apply(double x, double alpha, double beta) => x < 0 ? alpha * RealMath.ExpM1(x) : x;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static V Apply<S, V>(V x, V alpha, V beta) where S : struct, ISimd<V> where V : unmanaged =>
            S.Select(S.LessThan(x, S.Zero), S.Mul(alpha, VectorMath.ExpM1<S, V>(x)), x);
    }

    // beta is ONNX's gamma.
    private readonly struct Selu : IRealUnary, IFloatUnary
    {
        public static double Apply(double x, double alpha, double gamma) => gamma * (x < 0 ? alpha * RealMath.ExpM1(x) : x);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static V Apply<S, V>(V x, V alpha, V gamma) where S : struct, ISimd<V> where V : unmanaged =>
            S.Mul(gamma, S.Select(S.LessThan(x, S.Zero), S.Mul(alpha, VectorMath.ExpM1<S, V>(x)), x));
    }

    private readonly struct Celu : IRealUnary, IFloatUnary
    {
        public static double Apply(double x, double alpha, double beta) => x < 0 ? alpha * RealMath.ExpM1(x / alpha) : x;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static V Apply<S, V>(V x, V alpha, V beta) where S : struct, ISimd<V> where V : unmanaged =>
            S.Select(S.LessThan(x, S.Zero), S.Mul(alpha, VectorMath.ExpM1<S, V>(S.Div(x, alpha))), x);
    }

    internal readonly struct Softplus : IRealUnary, IFloatUnary
    {
        public static double Apply(double x, double alpha, double beta) => Math.Max(x, 0) + RealMath.LogP1(Math.Exp(-Math.Abs(x)));

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static V Apply<S, V>(V x, V alpha, V beta) where S : struct, ISimd<V> where V : unmanaged =>
            S.Add(S.Max(S.Zero, x), VectorMath.LogP1<S, V>(VectorMath.Exp<S, V>(S.Negate(S.Abs(x)))));
    }

    private readonly struct ScaledTanh : IRealUnary, IFloatUnary
    {
        public static double Apply(double x, double alpha, double beta) => alpha * Math.Tanh(beta * x);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static V Apply<S, V>(V x, V alpha, V beta) where S : struct, ISimd<V> where V : unmanaged => S.Mul(alpha, VectorMath.Tanh<S, V>(S.Mul(beta, x)));
    }

    private readonly struct ParametricSoftplus : IRealUnary
    {
        public static double Apply(double x, double alpha, double beta) => alpha * Softplus.Apply(beta * x, 0, 0);
    }

    private readonly struct Softsign : IRealUnary, IFloatUnary
    {
        public static double Apply(double x, double alpha, double beta) => x / (1 + Math.Abs(x));

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static V Apply<S, V>(V x, V alpha, V beta) where S : struct, ISimd<V> where V : unmanaged =>
            S.Div(x, S.Add(S.Create(1f), S.Abs(x)));
    }

    // With e = e^x: tanh(log(1 + e)) = (e^2 + 2e) / (e^2 + 2e + 2), free of cancellation; 1 above 20.
    internal readonly struct Mish : IRealUnary, IFloatUnary
    {
        public static double Apply(double x, double alpha, double beta)
        {
            double e = Math.Exp(Math.Min(x, 40));
            double t = e * (e + 2);
            return x * (t / (t + 2));
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static V Apply<S, V>(V x, V alpha, V beta) where S : struct, ISimd<V> where V : unmanaged
        {
            V two = S.Create(2f);
            V e = VectorMath.Exp<S, V>(S.Min(S.Create(20f), x));
            V t = S.Mul(e, S.Add(e, two));
            return S.Mul(x, S.Div(t, S.Add(t, two)));
        }
    }

    internal readonly struct Swish : IRealUnary, IFloatUnary
    {
        public static double Apply(double x, double alpha, double beta) => x / (1 + Math.Exp(-alpha * x));

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static V Apply<S, V>(V x, V alpha, V beta) where S : struct, ISimd<V> where V : unmanaged =>
            S.Div(x, VectorMath.OnePlusExpOfNegative<S, V>(S.Mul(alpha, x)));
    }

    internal readonly struct Gelu : IRealUnary, IFloatUnary
    {
        public static double Apply(double x, double alpha, double beta) => 0.5 * x * RealMath.OnePlusErf(x * RootOfHalf);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static V Apply<S, V>(V x, V alpha, V beta) where S : struct, ISimd<V> where V : unmanaged
        {
            V half = S.Mul(x, S.Create(0.5f));
            return S.MulAdd(half, VectorMath.Erf<S, V>(S.Mul(x, S.Create(0.707106781f))), half);
        }
    }

    internal readonly struct GeluTanh : IRealUnary, IFloatUnary
    {
        public static double Apply(double x, double alpha, double beta) => 0.5 * x * (1 + Math.Tanh(RootOfTwoOverPi * (x + 0.044715 * x * x * x)));

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static V Apply<S, V>(V x, V alpha, V beta) where S : struct, ISimd<V> where V : unmanaged
        {
            V half = S.Mul(x, S.Create(0.5f));
            V u = S.MulAdd(S.Mul(S.Mul(x, x), S.Create(0.044715f)), x, x);
            return S.MulAdd(half, VectorMath.Tanh<S, V>(S.Mul(u, S.Create(0.797884561f))), half);
        }
    }
}
