using System.Diagnostics.CodeAnalysis;

namespace Ai3.Tensors;

/// <summary>All arithmetic on dimensions, checked. Nothing else in the code base multiplies dimensions.</summary>
public static class ShapeMath
{
    /// <summary>The product of dimensions; a zero anywhere gives 0 whatever the others are.</summary>
    /// <exception cref="ShapeException">A dimension is negative or the product does not fit in 63 bits.</exception>
    public static long Product(ReadOnlySpan<long> dims)
    {
        long product = 1;
        bool overflow = false, zero = false;
        foreach (long dim in dims)
        {
            if (dim < 0)
                Throw($"dimension {dim} in [{string.Join(",", dims.ToArray())}] is negative; dimensions are 0 or more");
            zero |= dim == 0;
            if (!overflow && dim != 0 && product > long.MaxValue / dim)
                overflow = true;
            else if (!overflow)
                product *= dim;
        }
        if (zero)
            return 0;
        if (overflow)
            Throw($"the element count of [{string.Join(",", dims.ToArray())}] does not fit in 63 bits");
        return product;
    }

    /// <summary>a * b.</summary>
    /// <exception cref="ShapeException">The result does not fit in 63 bits.</exception>
    public static long Multiply(long a, long b)
    {
        try { return checked(a * b); }
        catch (OverflowException) { Throw($"{a} * {b} does not fit in 63 bits"); return 0; }
    }

    /// <summary>a + b.</summary>
    /// <exception cref="ShapeException">The result does not fit in 63 bits.</exception>
    public static long Add(long a, long b)
    {
        try { return checked(a + b); }
        catch (OverflowException) { Throw($"{a} + {b} does not fit in 63 bits"); return 0; }
    }

    /// <summary>An axis in [-rank, rank) as one in [0, rank).</summary>
    /// <exception cref="ShapeException">The axis is outside.</exception>
    public static int NormalizeAxis(long axis, int rank)
    {
        if (axis < -rank || axis >= rank)
            Throw($"axis {axis} is outside [{-rank}, {rank - 1}] for rank {rank}");
        return (int)(axis < 0 ? axis + rank : axis);
    }

    /// <summary>Axes normalised, each at most once.</summary>
    /// <exception cref="ShapeException">An axis is outside, or given twice.</exception>
    public static int[] NormalizeAxes(ReadOnlySpan<long> axes, int rank)
    {
        var result = new int[axes.Length];
        for (int i = 0; i < axes.Length; i++)
        {
            result[i] = NormalizeAxis(axes[i], rank);
            if (Array.IndexOf(result, result[i], 0, i) >= 0)
                Throw($"axis {axes[i]} is given twice");
        }
        return result;
    }

    /// <summary>Row-major strides in elements; the innermost is 1.</summary>
    public static long[] RowMajorStrides(ReadOnlySpan<long> dims)
    {
        var strides = new long[dims.Length];
        long stride = 1;
        for (int i = dims.Length - 1; i >= 0; i--)
        {
            strides[i] = stride;
            stride = Multiply(stride, Math.Max(dims[i], 1));
        }
        return strides;
    }

    /// <summary>Quotient rounded up, for a non-negative dividend and a positive divisor.</summary>
    public static long CeilDiv(long a, long b) => a / b + (a % b != 0 ? 1 : 0);

    /// <summary>The least multiple of <paramref name="b"/> that is not below <paramref name="a"/>.</summary>
    public static long RoundUp(long a, long b) => Multiply(CeilDiv(a, b), b);

    [DoesNotReturn]
    private static void Throw(string message) => throw new ShapeException(message);
}
