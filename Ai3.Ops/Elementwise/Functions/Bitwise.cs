using System.Collections.Immutable;
using System.Numerics;
using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>Functions of the bits of integers.</summary>
internal static class Bitwise
{
    public static ImmutableArray<ElementwiseFunction> All { get; } =
    [
        Of<And>("bitwise_and", static (a, b, _, _) => (long)a & (long)b),
        Of<Or>("bitwise_or", static (a, b, _, _) => (long)a | (long)b),
        Of<Xor>("bitwise_xor", static (a, b, _, _) => (long)a ^ (long)b),
        Of<ShiftLeft>("shift_left", static (a, b, _, p) => Shifts(b, p) ? (ulong)a << (int)b & ulong.MaxValue >> 64 - 8 * Size(p) : 0),
        Of<ShiftRight>("shift_right", static (a, b, _, p) => Shifts(b, p) ? (ulong)a >> (int)b : 0),
        new()
        {
            Name = "bitwise_not",
            Exact = static (x, _, _, p) => ElementwiseReference.IsUnsigned(p) ? (ulong)x ^ ulong.MaxValue >> 64 - 8 * Size(p) : ~(long)x,
            Scalar = static p => ScalarRows.Unary<Not>(p.Operands[0].Type),
        },
    ];

    private static ElementwiseFunction Of<F>(string name, ExactFunction exact) where F : struct, IBitsBinary => new()
    {
        Name = name,
        Exact = exact,
        Scalar = static p => ScalarRows.Bits<F>(p.Operands[0].Type),
    };

    private static int Size(ElementwiseProblem p) => p.Output.Type.ByteSize();

    private static bool Shifts(double count, ElementwiseProblem p) => count >= 0 && count < 8 * Size(p);

    private readonly struct And : IBitsBinary
    {
        public static T Apply<T>(T a, T b) where T : unmanaged, IBinaryInteger<T> => a & b;
    }

    private readonly struct Or : IBitsBinary
    {
        public static T Apply<T>(T a, T b) where T : unmanaged, IBinaryInteger<T> => a | b;
    }

    private readonly struct Xor : IBitsBinary
    {
        public static T Apply<T>(T a, T b) where T : unmanaged, IBinaryInteger<T> => a ^ b;
    }

    // A shift by the width or more leaves nothing.
    private readonly struct ShiftLeft : IBitsBinary
    {
        public static unsafe T Apply<T>(T a, T b) where T : unmanaged, IBinaryInteger<T>
        {
            ulong count = ulong.CreateTruncating(b);
            return count < 8 * (ulong)sizeof(T) ? a << (int)count : T.Zero;
        }
    }

    private readonly struct ShiftRight : IBitsBinary
    {
        public static unsafe T Apply<T>(T a, T b) where T : unmanaged, IBinaryInteger<T>
        {
            ulong count = ulong.CreateTruncating(b);
            return count < 8 * (ulong)sizeof(T) ? a >>> (int)count : T.Zero;
        }
    }

    // -x - 1 is ~x in two's complement.
    private readonly struct Not : INumberUnary
    {
        public static T Apply<T>(T x) where T : unmanaged, INumber<T> => -x - T.One;
    }
}
