using System.Runtime.Intrinsics;
using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>8-bit matrices less their zero points as int16, in the layouts of <see cref="PairTile"/>.</summary>
internal static unsafe class PairPacking
{
    /// <summary>Pairs along K.</summary>
    public static long Pairs(long k) => ShapeMath.CeilDiv(k, 2);

    /// <summary>Shorts of the panels of a matrix [k, n].</summary>
    public static long PanelCount(long k, long n, int width) => ShapeMath.Multiply(ShapeMath.RoundUp(n, width), ShapeMath.Multiply(2, Pairs(k)));

    /// <summary>Writes a row: x [k] less the zero point, a zero behind if k is odd.</summary>
    public static void Row(byte* x, nint step, nint k, bool signed, int zero, short* y)
    {
        Widen(x, step, k, signed, zero, y);
        if ((k & 1) != 0)
            y[k] = 0;
    }

    /// <summary>y [k] = x [k] less the zero point.</summary>
    public static void Widen(byte* x, nint step, nint k, bool signed, int zero, short* y)
    {
        nint i = 0;
        if (step == 1)
            i = Vectors(x, k, signed, zero, y);
        for (; i < k; i++)
            y[i] = (short)((signed ? (sbyte)x[i * step] : x[i * step]) - zero);
    }

    private static nint Vectors(byte* x, nint k, bool signed, int zero, short* y)
    {
        Vector128<short> offset = Vector128.Create((short)zero);
        nint i = 0;
        for (; i + 16 <= k; i += 16)
        {
            Vector128<byte> v = Vector128.Load(x + i);
            (Vector128<short> low, Vector128<short> high) = signed ? Vector128.Widen(v.AsSByte()) : (Vector128.WidenLower(v).AsInt16(), Vector128.WidenUpper(v).AsInt16());
            (low - offset).Store(y + i);
            (high - offset).Store(y + i + 8);
        }
        return i;
    }

    /// <summary>Writes panel columns [n, n + columns) of a matrix: [pairs][width][2], zeros up to the width.</summary>
    /// <param name="b">Element (k, n) is b[k*rowStep + n*columnStep].</param>
    /// <param name="rowStep">Elements from a row to the next.</param>
    /// <param name="columnStep">Elements from a column to the next.</param>
    /// <param name="k">Rows.</param>
    /// <param name="n">The first column.</param>
    /// <param name="columns">Columns, up to <paramref name="width"/>.</param>
    /// <param name="width">Columns of a panel.</param>
    /// <param name="signed">Whether elements are int8.</param>
    /// <param name="zeros">Zero points at zeros[n*zeroStep], of b's type; null for none.</param>
    /// <param name="zeroStep">0 if all columns share one.</param>
    /// <param name="y">The panel.</param>
    public static void Panel(byte* b, nint rowStep, nint columnStep, nint k, nint n, int columns, int width, bool signed, byte* zeros, nint zeroStep, short* y)
    {
        for (nint row = 0; row < k; row += 2, y += 2 * width)
        {
            byte* first = b + row * rowStep + n * columnStep;
            byte* second = row + 1 < k ? first + rowStep : null;
            for (int j = 0; j < columns; j++)
            {
                int zero = zeros == null ? 0 : signed ? (sbyte)zeros[(n + j) * zeroStep] : zeros[(n + j) * zeroStep];
                byte x0 = first[j * columnStep], x1 = second == null ? (byte)0 : second[j * columnStep];
                y[2 * j] = (short)((signed ? (sbyte)x0 : x0) - zero);
                y[2 * j + 1] = second == null ? (short)0 : (short)((signed ? (sbyte)x1 : x1) - zero);
            }
            for (int j = columns; j < width; j++)
                (y[2 * j], y[2 * j + 1]) = (0, 0);
        }
    }
}
