using System.Collections.Immutable;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>Functions whose result is a truth value, and those of truth values.</summary>
internal static unsafe class Predicates
{
    public static ImmutableArray<ElementwiseFunction> All { get; } =
    [
        Define.Test<Equal>("equal", static (a, b) => a == b),
        Define.Test<Greater>("greater", static (a, b) => a > b),
        Define.Test<Less>("less", static (a, b) => a < b),
        Define.Test<GreaterOrEqual>("greater_or_equal", static (a, b) => a >= b),
        Define.Test<LessOrEqual>("less_or_equal", static (a, b) => a <= b),
        Define.Logic<And>("and", static (a, b) => a && b),
        Define.Logic<Or>("or", static (a, b) => a || b),
        Define.Logic<Xor>("xor", static (a, b) => a != b),
        new()
        {
            Name = "not",
            Exact = static (x, _, _, _) => x == 0 ? 1 : 0,
            Scalar = static _ => new RowFunction(&Not, DType.Bool, DType.Bool),
        },
        new()
        {
            Name = "is_nan",
            Exact = static (x, _, _, _) => double.IsNaN(x) ? 1 : 0,
            Scalar = static p => p.Operands[0].Type == DType.Float64 ? new RowFunction(&IsNaN<double>, DType.Bool, DType.Float64)
                : new RowFunction(&IsNaN<float>, DType.Bool, DType.Float32),
        },
        new()
        {
            // Alpha and beta: whether negative and positive infinity count.
            Name = "is_inf",
            Exact = static (x, _, _, p) => p.Alpha != 0 && x == double.NegativeInfinity || p.Beta != 0 && x == double.PositiveInfinity ? 1 : 0,
            Scalar = static p => p.Operands[0].Type == DType.Float64 ? new RowFunction(&IsInfinite<double>, DType.Bool, DType.Float64)
                : new RowFunction(&IsInfinite<float>, DType.Bool, DType.Float32),
        },
    ];

    private static void Not(RowArgs* r)
    {
        var x = (byte*)r->A;
        var y = (bool*)r->Y;
        for (nint i = 0; i < r->Count; i++)
            y[i] = x[i] == 0;
    }

    private static void IsNaN<T>(RowArgs* r) where T : unmanaged, INumber<T>
    {
        var x = (T*)r->A;
        var y = (bool*)r->Y;
        for (nint i = 0; i < r->Count; i++)
            y[i] = T.IsNaN(x[i]);
    }

    private static void IsInfinite<T>(RowArgs* r) where T : unmanaged, INumber<T>
    {
        var x = (T*)r->A;
        var y = (bool*)r->Y;
        bool negative = r->Alpha != 0, positive = r->Beta != 0;
        for (nint i = 0; i < r->Count; i++)
            y[i] = negative && T.IsNegativeInfinity(x[i]) || positive && T.IsPositiveInfinity(x[i]);
    }

    private readonly struct Equal : INumberTest, IVectorTest
    {
        public static bool Apply<T>(T a, T b) where T : unmanaged, INumber<T> => a == b;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector256<T> Apply<T>(Vector256<T> a, Vector256<T> b) where T : unmanaged, INumber<T> => Vector256.Equals(a, b);
    }

    private readonly struct Greater : INumberTest, IVectorTest
    {
        public static bool Apply<T>(T a, T b) where T : unmanaged, INumber<T> => a > b;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector256<T> Apply<T>(Vector256<T> a, Vector256<T> b) where T : unmanaged, INumber<T> => Vector256.GreaterThan(a, b);
    }

    private readonly struct Less : INumberTest, IVectorTest
    {
        public static bool Apply<T>(T a, T b) where T : unmanaged, INumber<T> => a < b;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector256<T> Apply<T>(Vector256<T> a, Vector256<T> b) where T : unmanaged, INumber<T> => Vector256.LessThan(a, b);
    }

    private readonly struct GreaterOrEqual : INumberTest, IVectorTest
    {
        public static bool Apply<T>(T a, T b) where T : unmanaged, INumber<T> => a >= b;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector256<T> Apply<T>(Vector256<T> a, Vector256<T> b) where T : unmanaged, INumber<T> => Vector256.GreaterThanOrEqual(a, b);
    }

    private readonly struct LessOrEqual : INumberTest, IVectorTest
    {
        public static bool Apply<T>(T a, T b) where T : unmanaged, INumber<T> => a <= b;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector256<T> Apply<T>(Vector256<T> a, Vector256<T> b) where T : unmanaged, INumber<T> => Vector256.LessThanOrEqual(a, b);
    }

    private readonly struct And : ILogicBinary
    {
        public static bool Apply(bool a, bool b) => a & b;
    }

    private readonly struct Or : ILogicBinary
    {
        public static bool Apply(bool a, bool b) => a | b;
    }

    private readonly struct Xor : ILogicBinary
    {
        public static bool Apply(bool a, bool b) => a ^ b;
    }
}
