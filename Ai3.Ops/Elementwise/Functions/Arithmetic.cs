using System.Collections.Immutable;
using System.Numerics;
using System.Runtime.CompilerServices;
using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>Functions of two or more numbers.</summary>
/// <remarks>
/// Integers wrap. Division by zero gives 0, as numpy does, and the least integer divided by -1 is itself: no value faults.
/// </remarks>
internal static class Arithmetic
{
    public static ImmutableArray<ElementwiseFunction> All { get; } =
    [
        Define.Binary<Add>("add", static (a, b, _, _) => a + b).WithSimdBinary<Add>().WithVectors<Add>(),
        Define.Binary<Sub>("sub", static (a, b, _, _) => a - b).WithSimdBinary<Sub>().WithVectors<Sub>(),
        Define.Binary<Mul>("mul", static (a, b, _, _) => a * b).WithSimdBinary<Mul>().WithVectors<Mul>(),
        Define.Binary<Div>("div", static (a, b, _, p) => p.Output.Type.IsFloat() ? a / b : b == 0 ? 0 : Math.Truncate(a / b)).WithSimdBinary<Div>(),
        Define.Binary<Add>("sum", static (a, b, _, _) => a + b).WithSimdBinary<Add>().WithVectors<Add>() with { Folds = true },
        Define.Binary<Add>("mean", static (a, b, _, _) => a + b).WithSimdBinary<Add>() with
        {
            Folds = true,
            Finish = static type => ScalarRows.Real<DivideByAlpha>(type),
        },
        Define.Binary<Max>("max", static (a, b, _, _) => a > b || double.IsNaN(a) ? a : b).WithSimdBinary<Max>() with { Folds = true },
        Define.Binary<Min>("min", static (a, b, _, _) => a < b || double.IsNaN(a) ? a : b).WithSimdBinary<Min>() with { Folds = true },
        Define.Binary<PRelu>("prelu", static (x, slope, _, _) => x < 0 ? slope * x : x).WithSimdBinary<PRelu>(),
        Define.Binary<FloorMod>("mod", static (a, b, _, p) => b == 0 && !p.Output.Type.IsFloat() ? 0 : FloorModulo(a, b)),
        Define.Binary<TruncatedMod>("fmod", static (a, b, _, p) => b == 0 && !p.Output.Type.IsFloat() ? 0 : a % b),
    ];

    private static double FloorModulo(double a, double b)
    {
        double r = a % b;
        return r < 0 && b > 0 || r > 0 && b < 0 ? r + b : r;
    }

    private readonly struct Add : INumberBinary, IFloatBinary, IVectorBinary
    {
        public static T Apply<T>(T a, T b) where T : unmanaged, INumber<T> => a + b;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector<T> Apply<T>(Vector<T> a, Vector<T> b) where T : unmanaged, INumber<T> => a + b;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static V Apply<S, V>(V a, V b) where S : struct, ISimd<V> where V : unmanaged => S.Add(a, b);
    }

    private readonly struct Sub : INumberBinary, IFloatBinary, IVectorBinary
    {
        public static T Apply<T>(T a, T b) where T : unmanaged, INumber<T> => a - b;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector<T> Apply<T>(Vector<T> a, Vector<T> b) where T : unmanaged, INumber<T> => a - b;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static V Apply<S, V>(V a, V b) where S : struct, ISimd<V> where V : unmanaged => S.Sub(a, b);
    }

    private readonly struct Mul : INumberBinary, IFloatBinary, IVectorBinary
    {
        public static T Apply<T>(T a, T b) where T : unmanaged, INumber<T> => a * b;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector<T> Apply<T>(Vector<T> a, Vector<T> b) where T : unmanaged, INumber<T> => a * b;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static V Apply<S, V>(V a, V b) where S : struct, ISimd<V> where V : unmanaged => S.Mul(a, b);
    }

    private readonly struct Div : INumberBinary, IFloatBinary
    {
        public static T Apply<T>(T a, T b) where T : unmanaged, INumber<T>
        {
            if (typeof(T) == typeof(float) || typeof(T) == typeof(double))
                return a / b;
            if (b == T.Zero)
                return T.Zero;
            return b == -T.One && T.IsNegative(b) ? -a : a / b;
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static V Apply<S, V>(V a, V b) where S : struct, ISimd<V> where V : unmanaged => S.Div(a, b);
    }

    private readonly struct Max : INumberBinary, IFloatBinary
    {
        public static T Apply<T>(T a, T b) where T : unmanaged, INumber<T> => a > b || T.IsNaN(a) ? a : b;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static V Apply<S, V>(V a, V b) where S : struct, ISimd<V> where V : unmanaged => S.Select(S.IsNaN(a), a, S.Max(a, b));
    }

    private readonly struct Min : INumberBinary, IFloatBinary
    {
        public static T Apply<T>(T a, T b) where T : unmanaged, INumber<T> => a < b || T.IsNaN(a) ? a : b;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static V Apply<S, V>(V a, V b) where S : struct, ISimd<V> where V : unmanaged => S.Select(S.IsNaN(a), a, S.Min(a, b));
    }

    private readonly struct PRelu : INumberBinary, IFloatBinary
    {
        public static T Apply<T>(T x, T slope) where T : unmanaged, INumber<T> => x < T.Zero ? slope * x : x;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static V Apply<S, V>(V x, V slope) where S : struct, ISimd<V> where V : unmanaged =>
            S.Select(S.LessThan(x, S.Zero), S.Mul(slope, x), x);
    }

    // The sign of the divisor, as in Python.
    private readonly struct FloorMod : INumberBinary
    {
        public static T Apply<T>(T a, T b) where T : unmanaged, INumber<T>
        {
            T r = TruncatedMod.Apply(a, b);
            return r != T.Zero && (r < T.Zero) != (b < T.Zero) ? r + b : r;
        }
    }

    // The sign of the dividend, as in C.
    private readonly struct TruncatedMod : INumberBinary
    {
        public static T Apply<T>(T a, T b) where T : unmanaged, INumber<T>
        {
            if (typeof(T) == typeof(float) || typeof(T) == typeof(double))
                return a % b;
            return b == T.Zero || b == -T.One && T.IsNegative(b) ? T.Zero : a % b;
        }
    }

    private readonly struct DivideByAlpha : IRealUnary
    {
        public static double Apply(double x, double alpha, double beta) => x / alpha;
    }
}
