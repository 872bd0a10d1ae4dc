using System.Collections.Immutable;
using System.Numerics;
using System.Runtime.CompilerServices;

namespace Ai3.Ops;

/// <summary>Activations made of a few arithmetic steps.</summary>
internal static class Rectifiers
{
    public static ImmutableArray<ElementwiseFunction> All { get; } =
    [
        Define.Unary<Relu>("relu", static x => x < 0 ? 0 : x).WithSimd<Relu>(0),
        Define.Real<LeakyRelu>("leaky_relu", static (x, _, _, p) => x < 0 ? p.Alpha * x : x).WithSimd<LeakyRelu>(1) with { IsCostly = false },
        Define.Real<ThresholdedRelu>("thresholded_relu", static (x, _, _, p) => x > p.Alpha ? x : 0).WithSimd<ThresholdedRelu>(0) with { IsCostly = false },
        Define.Real<HardSigmoid>("hard_sigmoid", static (x, _, _, p) => Bound(p.Alpha * x + p.Beta)).WithSimd<HardSigmoid>(1) with
        {
            Magnitude = static (x, _, _, p) => Math.Abs(p.Alpha * x) + Math.Abs(p.Beta),
            SimdError = ErrorBound.Relative(2),
            IsCostly = false,
        },
        Define.Real<HardSwish>("hard_swish", static x => x * Bound(x / 6 + 0.5)).WithSimd<HardSwish>(1) with
        {
            Magnitude = static (x, _, _, _) => Math.Abs(x) * (Math.Abs(x) / 6 + 0.5),
            SimdError = ErrorBound.Relative(4),
            IsCostly = false,
        },
        Define.Real<Shrink>("shrink", static (x, _, _, p) => x < -p.Alpha ? x + p.Beta : x > p.Alpha ? x - p.Beta : 0) with { IsCostly = false },
        Define.Real<Affine>("affine", static (x, _, _, p) => p.Alpha * x + p.Beta).WithSimd<Affine>(1) with
        {
            Magnitude = static (x, _, _, p) => Math.Abs(p.Alpha * x) + Math.Abs(p.Beta),
            SimdError = ErrorBound.Relative(2),
            IsCostly = false,
        },
        Define.Real<Clip>("clip_const", static (x, _, _, p) => x < p.Alpha ? Math.Min(p.Alpha, p.Beta) : x > p.Beta ? p.Beta : x).WithSimd<Clip>(0) with { IsCostly = false },
    ];

    private static double Bound(double x) => double.IsNaN(x) ? x : Math.Max(0, Math.Min(1, x));

    internal readonly struct Relu : INumberUnary, IFloatUnary
    {
        public static T Apply<T>(T x) where T : unmanaged, INumber<T> => x < T.Zero ? T.Zero : x;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static V Apply<S, V>(V x, V alpha, V beta) where S : struct, ISimd<V> where V : unmanaged => S.Max(S.Zero, x);
    }

    internal readonly struct LeakyRelu : IRealUnary, IFloatUnary
    {
        public static double Apply(double x, double alpha, double beta) => x < 0 ? alpha * x : x;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static V Apply<S, V>(V x, V alpha, V beta) where S : struct, ISimd<V> where V : unmanaged =>
            S.Select(S.LessThan(x, S.Zero), S.Mul(alpha, x), x);
    }

    private readonly struct ThresholdedRelu : IRealUnary, IFloatUnary
    {
        public static double Apply(double x, double alpha, double beta) => x > alpha ? x : 0;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static V Apply<S, V>(V x, V alpha, V beta) where S : struct, ISimd<V> where V : unmanaged => S.And(S.LessThan(alpha, x), x);
    }

    internal readonly struct HardSigmoid : IRealUnary, IFloatUnary
    {
        public static double Apply(double x, double alpha, double beta) => double.IsNaN(x) ? x : Math.Clamp(alpha * x + beta, 0, 1);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static V Apply<S, V>(V x, V alpha, V beta) where S : struct, ISimd<V> where V : unmanaged =>
            S.Min(S.Create(1f), S.Max(S.Zero, S.MulAdd(alpha, x, beta)));
    }

    internal readonly struct HardSwish : IRealUnary, IFloatUnary
    {
        public static double Apply(double x, double alpha, double beta) => double.IsNaN(x) ? x : x * Math.Clamp(x / 6 + 0.5, 0, 1);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static V Apply<S, V>(V x, V alpha, V beta) where S : struct, ISimd<V> where V : unmanaged =>
            S.Mul(x, S.Min(S.Create(1f), S.Max(S.Zero, S.MulAdd(x, S.Create(1f / 6), S.Create(0.5f)))));
    }

    private readonly struct Shrink : IRealUnary
    {
        public static double Apply(double x, double lambd, double bias)
        {
            if (x < -lambd)
                return x + bias;
            return x > lambd ? x - bias : 0;
        }
    }

    private readonly struct Affine : IRealUnary, IFloatUnary
    {
        public static double Apply(double x, double alpha, double beta) => alpha * x + beta;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static V Apply<S, V>(V x, V alpha, V beta) where S : struct, ISimd<V> where V : unmanaged => S.MulAdd(alpha, x, beta);
    }

    internal readonly struct Clip : IRealUnary, IFloatUnary
    {
        public static double Apply(double x, double low, double high) => x < low ? Math.Min(low, high) : x > high ? high : x;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static V Apply<S, V>(V x, V low, V high) where S : struct, ISimd<V> where V : unmanaged => S.Min(high, S.Max(low, x));
    }
}
