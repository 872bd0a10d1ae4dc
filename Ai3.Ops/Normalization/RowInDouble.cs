using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>Normalises one row in double, two passes over the statistics, for any element type.</summary>
internal static unsafe class RowInDouble
{
    /// <summary>The axes of a row: segments and contiguous elements.</summary>
    public readonly record struct Shape(RowAxis Outer, RowAxis Inner);

    /// <summary>Scale or bias, at the row's base.</summary>
    public readonly struct Affine(void* at, DType type)
    {
        public double Read(long i) => ElementAccess.Read(at, type, i);
    }

    /// <summary>Normalises the row that begins at element <paramref name="at"/>; y may be x.</summary>
    public static (double Mean, double Inverse) Normalize<E>(RowStatistics statistics, Shape shape, void* x, void* y, nint at, Affine? scale, Affine? bias)
        where E : struct, IElement
    {
        double count = (double)shape.Outer.Dim * shape.Inner.Dim, mean = 0, sum = 0;
        if (statistics.Centers)
        {
            for (long a = 0; a < shape.Outer.Dim; a++)
                for (long b = 0; b < shape.Inner.Dim; b++)
                    mean += E.Load(x, at + (nint)(a * shape.Outer.Stride + b));
            mean /= count;
        }
        for (long a = 0; a < shape.Outer.Dim; a++)
            for (long b = 0; b < shape.Inner.Dim; b++)
            {
                double d = E.Load(x, at + (nint)(a * shape.Outer.Stride + b)) - mean;
                sum += statistics.SumsMagnitudes ? Math.Abs(d) : d * d;
            }
        double inverse = statistics.Inverse(sum, count);
        for (long a = 0; a < shape.Outer.Dim; a++)
            for (long b = 0; b < shape.Inner.Dim; b++)
            {
                nint i = at + (nint)(a * shape.Outer.Stride + b);
                double value = (E.Load(x, i) - mean) * inverse;
                if (scale is { } s)
                    value *= s.Read(a * shape.Outer.Scale + b * shape.Inner.Scale);
                if (bias is { } t)
                    value += t.Read(a * shape.Outer.Bias + b * shape.Inner.Bias);
                E.Store(y, i, value);
            }
        return (mean, inverse);
    }
}
