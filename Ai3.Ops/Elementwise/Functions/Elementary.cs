using System.Collections.Immutable;
using System.Numerics;
using System.Runtime.CompilerServices;

namespace Ai3.Ops;

/// <summary>Roots, roundings, signs and the circular and hyperbolic functions.</summary>
internal static class Elementary
{
    public static ImmutableArray<ElementwiseFunction> All { get; } =
    [
        Define.Unary<Absolute>("abs", static x => x < 0 ? -x : x == 0 ? 0 : x).WithSimd<Absolute>(0),
        Define.Unary<Negate>("neg", static x => -x).WithSimd<Negate>(0),
        Define.Unary<Sign>("sign", static x => x > 0 ? 1 : x < 0 ? -1 : x),
        Define.Real<Sqrt>("sqrt", Math.Sqrt).WithSimd<Sqrt>(0) with { IsCostly = false, ScalarError = ErrorBound.Exact },
        Define.Real<Reciprocal>("reciprocal", static x => 1 / x).WithSimd<Reciprocal>(0) with { IsCostly = false, ScalarError = ErrorBound.Exact },
        Define.Real<Floor>("floor", Math.Floor).WithSimd<Floor>(0) with { IsCostly = false, ScalarError = ErrorBound.Exact },
        Define.Real<Ceiling>("ceil", Math.Ceiling).WithSimd<Ceiling>(0) with { IsCostly = false, ScalarError = ErrorBound.Exact },
        Define.Real<Round>("round", static x => Math.Round(x, MidpointRounding.ToEven)).WithSimd<Round>(0) with { IsCostly = false, ScalarError = ErrorBound.Exact },
        Define.Real<Sin>("sin", Math.Sin),
        Define.Real<Cos>("cos", Math.Cos),
        Define.Real<Tan>("tan", Math.Tan),
        Define.Real<Asin>("asin", Math.Asin),
        Define.Real<Acos>("acos", Math.Acos),
        Define.Real<Atan>("atan", Math.Atan),
        Define.Real<Sinh>("sinh", Math.Sinh),
        Define.Real<Cosh>("cosh", Math.Cosh),
        Define.Real<Asinh>("asinh", Math.Asinh),
        Define.Real<Acosh>("acosh", Math.Acosh),
        Define.Real<Atanh>("atanh", Math.Atanh),
    ];

    private readonly struct Absolute : INumberUnary, IFloatUnary
    {
        // Zero minus a negative, so that the least integer wraps to itself; -0 becomes 0.
        public static T Apply<T>(T x) where T : unmanaged, INumber<T> => x < T.Zero ? -x : x == T.Zero ? T.Zero : x;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static V Apply<S, V>(V x, V alpha, V beta) where S : struct, ISimd<V> where V : unmanaged => S.Abs(x);
    }

    private readonly struct Negate : INumberUnary, IFloatUnary
    {
        public static T Apply<T>(T x) where T : unmanaged, INumber<T> => -x;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static V Apply<S, V>(V x, V alpha, V beta) where S : struct, ISimd<V> where V : unmanaged => S.Negate(x);
    }

    private readonly struct Sign : INumberUnary
    {
        // NaN and zeros stay as they are.
        public static T Apply<T>(T x) where T : unmanaged, INumber<T> => x > T.Zero ? T.One : x < T.Zero ? -T.One : x;
    }

    private readonly struct Sqrt : IRealUnary, IFloatUnary
    {
        public static double Apply(double x, double alpha, double beta) => Math.Sqrt(x);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static V Apply<S, V>(V x, V alpha, V beta) where S : struct, ISimd<V> where V : unmanaged => S.Sqrt(x);
    }

    private readonly struct Reciprocal : IRealUnary, IFloatUnary
    {
        public static double Apply(double x, double alpha, double beta) => 1 / x;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static V Apply<S, V>(V x, V alpha, V beta) where S : struct, ISimd<V> where V : unmanaged => S.Div(S.Create(1f), x);
    }

    private readonly struct Floor : IRealUnary, IFloatUnary
    {
        public static double Apply(double x, double alpha, double beta) => Math.Floor(x);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static V Apply<S, V>(V x, V alpha, V beta) where S : struct, ISimd<V> where V : unmanaged => S.Floor(x);
    }

    private readonly struct Ceiling : IRealUnary, IFloatUnary
    {
        public static double Apply(double x, double alpha, double beta) => Math.Ceiling(x);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static V Apply<S, V>(V x, V alpha, V beta) where S : struct, ISimd<V> where V : unmanaged => S.Ceiling(x);
    }

    private readonly struct Round : IRealUnary, IFloatUnary
    {
        public static double Apply(double x, double alpha, double beta) => Math.Round(x);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static V Apply<S, V>(V x, V alpha, V beta) where S : struct, ISimd<V> where V : unmanaged => S.RoundToEven(x);
    }

    private readonly struct Sin : IRealUnary
    {
        public static double Apply(double x, double alpha, double beta) => Math.Sin(x);
    }

    private readonly struct Cos : IRealUnary
    {
        public static double Apply(double x, double alpha, double beta) => Math.Cos(x);
    }

    private readonly struct Tan : IRealUnary
    {
        public static double Apply(double x, double alpha, double beta) => Math.Tan(x);
    }

    private readonly struct Asin : IRealUnary
    {
        public static double Apply(double x, double alpha, double beta) => Math.Asin(x);
    }

    private readonly struct Acos : IRealUnary
    {
        public static double Apply(double x, double alpha, double beta) => Math.Acos(x);
    }

    private readonly struct Atan : IRealUnary
    {
        public static double Apply(double x, double alpha, double beta) => Math.Atan(x);
    }

    private readonly struct Sinh : IRealUnary
    {
        public static double Apply(double x, double alpha, double beta) => Math.Sinh(x);
    }

    private readonly struct Cosh : IRealUnary
    {
        public static double Apply(double x, double alpha, double beta) => Math.Cosh(x);
    }

    private readonly struct Asinh : IRealUnary
    {
        public static double Apply(double x, double alpha, double beta) => Math.Asinh(x);
    }

    private readonly struct Acosh : IRealUnary
    {
        public static double Apply(double x, double alpha, double beta) => Math.Acosh(x);
    }

    private readonly struct Atanh : IRealUnary
    {
        public static double Apply(double x, double alpha, double beta) => Math.Atanh(x);
    }
}
