using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>a^b, where base and exponent may differ in type; the result has the base's type.</summary>
/// <remarks>Integers raised to integers wrap; a negative exponent gives the truncated quotient 1 / a^-b, with 0 for a = 0.</remarks>
internal static unsafe class Power
{
    public static ImmutableArray<ElementwiseFunction> All { get; } =
    [
        new()
        {
            Name = "pow",
            Exact = static (a, b, _, p) => IsWhole(p) ? ExactWhole(a, b) : p.Output.Type.IsInteger() ? Math.Truncate(Math.Pow(a, b)) : Math.Pow(a, b),
            Scalar = static p => IsWhole(p) ? new RowFunction(&WholeLoop, DType.Int64, DType.Int64, DType.Int64)
                : new RowFunction(&RealLoop, DType.Float64, DType.Float64, DType.Float64),
            ScalarError = ErrorBound.Ulp(1),
            Simd = static level => Isa.Select<Rows, RowFunction>(level, default),
            SimdError = ErrorBound.Ulp(2),
            IsCostly = true,
        },
    ];

    private static bool IsWhole(ElementwiseProblem p) => p.Operands[0].Type.IsInteger() && p.Operands[1].Type.IsInteger();

    private static double ExactWhole(double a, double b)
    {
        if (b < 0)
            return a == 0 ? 0 : Math.Truncate(Math.Pow(a, b));
        return Math.Pow(a, b);
    }

    private static void WholeLoop(RowArgs* r)
    {
        long* a = (long*)r->A, b = (long*)r->B, y = (long*)r->Y;
        for (nint i = 0; i < r->Count; i++, a += r->StepA, b += r->StepB)
            y[i] = Whole(*a, *b);
    }

    private static long Whole(long a, long b)
    {
        if (b < 0)
            return a == 1 ? 1 : a == -1 ? (b & 1) == 0 ? 1 : -1 : 0;
        long result = 1;
        for (long factor = a; b != 0; b >>= 1, factor *= factor)
            if ((b & 1) != 0)
                result *= factor;
        return result;
    }

    private static void RealLoop(RowArgs* r)
    {
        double* a = (double*)r->A, b = (double*)r->B, y = (double*)r->Y;
        for (nint i = 0; i < r->Count; i++, a += r->StepA, b += r->StepB)
            y[i] = Math.Pow(*a, *b);
    }

    private static void SingleLoop(RowArgs* r)
    {
        float* a = (float*)r->A, b = (float*)r->B, y = (float*)r->Y;
        for (nint i = 0; i < r->Count; i++, a += r->StepA, b += r->StepB)
            y[i] = (float)Math.Pow(*a, *b);
    }

    /// <summary>One small exponent for a whole row is multiplication; the rest goes one by one.</summary>
    private readonly struct Rows : IIsaFunc<RowFunction>
    {
        public RowFunction Create<S, V>() where S : struct, ISimd<V> where V : unmanaged => new(&Run<S, V>, DType.Float32, DType.Float32, DType.Float32);

        private static void Run<S, V>(RowArgs* r) where S : struct, ISimd<V> where V : unmanaged
        {
            float exponent = r->StepB == 0 && r->StepA == 1 ? *(float*)r->B : float.NaN;
            if (exponent == 2)
                Multiply<S, V>(r->Count, (float*)r->A, (float*)r->Y, cube: false);
            else if (exponent == 3)
                Multiply<S, V>(r->Count, (float*)r->A, (float*)r->Y, cube: true);
            else
                SingleLoop(r);
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private static void Multiply<S, V>(nint n, float* x, float* y, bool cube) where S : struct, ISimd<V> where V : unmanaged
        {
            for (; n > 0; n -= S.Lanes, x += S.Lanes, y += S.Lanes)
            {
                int lanes = (int)nint.Min(n, S.Lanes);
                V v = S.LoadPartial(x, lanes);
                V square = S.Mul(v, v);
                S.StorePartial(cube ? S.Mul(square, v) : square, y, lanes);
            }
        }
    }
}
