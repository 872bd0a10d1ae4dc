using System.Runtime.CompilerServices;

namespace Ai3.Ops;

/// <summary>What becomes of the int32 sums of a product of quantised operands.</summary>
internal enum SumOutput
{
    /// <summary>They are the output.</summary>
    Int32,
    /// <summary>float32: sum * (row scale * column scale) + bias.</summary>
    Float32,
    /// <summary>uint8: saturate(round(sum * (row scale * column scale / output scale)) + zero point).</summary>
    UInt8,
    /// <summary>int8, likewise.</summary>
    Int8,
}

/// <summary>
/// Turns rows of int32 sums into rows of output: integer addends first, then one float32 factor, rounding to nearest even,
/// zero point, saturation. Every row and column has its scale; a step of 0 says that all share one.
/// </summary>
internal unsafe struct SumsToOutput
{
    public SumOutput Kind;
    public float* RowScale;
    public nint RowScaleStep;
    public float* ColumnScale;
    public nint ColumnScaleStep;
    public float OutScale;
    public int Zero;

    /// <summary>Added to each sum of a row; null for none.</summary>
    public int* RowBias;

    /// <summary>A matrix added to the sums, with its strides; null for none.</summary>
    public int* Addend;
    public nint AddendRow;
    public nint AddendColumn;

    /// <summary>Added to each float32 column; null for none.</summary>
    public float* FloatBias;

    /// <summary>Bytes of an output element.</summary>
    public readonly int ElementSize => Kind is SumOutput.Int32 or SumOutput.Float32 ? 4 : 1;

    /// <summary>Does columns [n, n + count) of row m.</summary>
    /// <param name="sums">The sums, readable up to a whole vector; overwritten.</param>
    /// <param name="m">The row.</param>
    /// <param name="n">The first column.</param>
    /// <param name="count">Columns.</param>
    /// <param name="y">Where the first column's output goes.</param>
    public readonly void Row<S, V>(int* sums, nint m, nint n, nint count, byte* y) where S : struct, ISimd<V> where V : unmanaged
    {
        if (Addend != null)
            for (nint i = 0; i < count; i++)
                sums[i] += Addend[m * AddendRow + (n + i) * AddendColumn];
        if (RowBias != null)
            for (nint i = 0; i < count; i += S.Lanes)
                S.Store(S.AddInt(S.Load((float*)sums + i), S.CreateInt(RowBias[m])), (float*)sums + i);
        switch (Kind)
        {
            case SumOutput.Int32:
                Unsafe.CopyBlockUnaligned(y, sums, (uint)(count * sizeof(int)));
                break;
            case SumOutput.Float32:
                Reals<S, V>(sums, m, n, count, (float*)y);
                break;
            default:
                Bytes<S, V>(sums, m, n, count, y);
                break;
        }
    }

    private readonly void Reals<S, V>(int* sums, nint m, nint n, nint count, float* y) where S : struct, ISimd<V> where V : unmanaged
    {
        V row = S.Splat(RowScale + m * RowScaleStep), factor = S.Mul(row, S.Splat(ColumnScale));
        for (nint i = 0; i < count; i += S.Lanes)
        {
            int lanes = (int)nint.Min(S.Lanes, count - i);
            if (ColumnScaleStep != 0)
                factor = S.Mul(row, S.LoadPartial(ColumnScale + n + i, lanes));
            V value = S.Mul(S.FromInt(S.Load((float*)sums + i)), factor);
            if (FloatBias != null)
                value = S.Add(value, S.LoadPartial(FloatBias + n + i, lanes));
            S.StorePartial(value, y + i, lanes);
        }
    }

    private readonly void Bytes<S, V>(int* sums, nint m, nint n, nint count, byte* y) where S : struct, ISimd<V> where V : unmanaged
    {
        int lowest = Kind == SumOutput.Int8 ? sbyte.MinValue : 0;
        V low = S.Create(lowest - Zero), high = S.Create(lowest + 255 - Zero), zero = S.CreateInt(Zero), outScale = S.Create(OutScale);
        V row = S.Splat(RowScale + m * RowScaleStep), factor = S.Div(S.Mul(row, S.Splat(ColumnScale)), outScale);
        byte* tail = stackalloc byte[64];
        for (nint i = 0; i < count; i += S.Lanes)
        {
            int lanes = (int)nint.Min(S.Lanes, count - i);
            if (ColumnScaleStep != 0)
                factor = S.Div(S.Mul(row, S.LoadPartial(ColumnScale + n + i, lanes)), outScale);
            V value = S.Mul(S.FromInt(S.Load((float*)sums + i)), factor);
            // NaN gives the lowest value: Max keeps its second operand.
            V code = S.AddInt(S.ToInt(S.Min(S.Max(value, low), high)), zero);
            if (lanes == S.Lanes)
                S.StoreBytes(code, y + i);
            else
            {
                S.StoreBytes(code, tail);
                for (int j = 0; j < lanes; j++)
                    y[i + j] = tail[j];
            }
        }
    }
}
