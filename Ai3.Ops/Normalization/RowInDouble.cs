namespace Ai3.Ops;

/// <summary>Normalises one row in double, two passes over the statistics, for any element type.</summary>
internal static unsafe class RowInDouble
{
    /// <summary>The axes of a row: segments and contiguous elements.</summary>
    public readonly record struct Shape(RowAxis Outer, RowAxis Inner);

    /// <summary>Normalises the row that begins at element <paramref name="at"/>; y may be x. Scale and bias may be null.</summary>
    public static (double Mean, double Inverse) Normalize<E>(RowStatistics statistics, Shape shape, void* x, void* y, nint at, void* scale, nint scaleAt, void* bias, nint biasAt)
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
        {
            nint i = at + (nint)(a * shape.Outer.Stride), s = scaleAt + (nint)(a * shape.Outer.Scale), t = biasAt + (nint)(a * shape.Outer.Bias);
            for (long b = 0; b < shape.Inner.Dim; b++, i++, s += (nint)shape.Inner.Scale, t += (nint)shape.Inner.Bias)
            {
                double value = (E.Load(x, i) - mean) * inverse;
                if (scale != null)
                    value *= E.Load(scale, s);
                if (bias != null)
                    value += E.Load(bias, t);
                E.Store(y, i, value);
            }
        }
        return (mean, inverse);
    }
}
