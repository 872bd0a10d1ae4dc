using Ai3.Ops;
using Ai3.Tensors;

namespace Ai3.Testing;

/// <summary>Values for inputs that may hold anything their element type can.</summary>
public static class InputFill
{
    /// <summary>The elements of an operand, row-major, each exactly representable in its element type.</summary>
    public static double[] Fill(TensorType operand, CheckMode mode, TestRandom random)
    {
        long count = operand.Shape.Count;
        var values = new double[count];
        Func<double> next = operand.Type.IsFloat() ? Floats(mode, random) : Integers(operand.Type, mode, random);
        for (long i = 0; i < count; i++)
            values[i] = Round(operand.Type, next());
        if (mode == CheckMode.Specials && operand.Type.IsFloat())
            Sprinkle(operand.Type, values, random);
        return values;
    }

    /// <summary>Indices in [0, count), now and then counted from the end.</summary>
    public static double[] Indices(TensorType operand, long count, TestRandom random, bool negative = true)
    {
        var values = new double[operand.Shape.Count];
        for (int i = 0; i < values.Length; i++)
        {
            double index = random.Pick(0, count - 1, Math.Floor(random.Unit() * count), Math.Floor(random.Unit() * count));
            values[i] = negative && random.Chance(0.25) ? index - count : index;
        }
        return values;
    }

    /// <summary>The nearest value that the element type holds.</summary>
    public static double Round(DType type, double value) => type switch
    {
        DType.Float32 => (float)value,
        DType.Float16 => (double)(Half)value,
        DType.BFloat16 => (float)(BFloat16)(float)value,
        _ => value,
    };

    private static Func<double> Floats(CheckMode mode, TestRandom random)
    {
        switch (mode)
        {
            case CheckMode.ExactInteger:
                return () => random.Between(-4, 4);
            case CheckMode.LargeMean:
                double mean = random.Pick(1.0, 10.0, 1000.0) * random.Pick(1, -1);
                return () => mean + random.Signed();
            case CheckMode.WideRange:
                return () => random.Signed() * Math.ScaleB(1, random.Between(-40, 40));
            default:
                return random.Signed;
        }
    }

    private static Func<double> Integers(DType type, CheckMode mode, TestRandom random)
    {
        (double low, double high) = Range(type);
        if (mode == CheckMode.ExactInteger)
            return () => random.Between((int)Math.Max(low, -4), (int)Math.Min(high, 4));
        if (type.BitsPerElement() <= 8)
            return () => random.Chance(0.125) ? random.Pick(low, high) : random.Between((int)low, (int)high);
        return () => random.Between((int)Math.Max(low, -100), 100);
    }

    private static (double Low, double High) Range(DType type) => type switch
    {
        DType.Bool => (0, 1),
        DType.UInt2 => (0, 3),
        DType.Int2 => (-2, 1),
        DType.UInt4 => (0, 15),
        DType.Int4 => (-8, 7),
        DType.UInt8 => (0, 255),
        DType.Int8 => (-128, 127),
        DType.UInt16 or DType.UInt32 or DType.UInt64 => (0, 65535),
        _ => (-32768, 32767),
    };

    // One special alone, a few, or every other element: the last finds lanes that influence each other, the first tails.
    private static void Sprinkle(DType type, double[] values, TestRandom random)
    {
        if (values.Length == 0)
            return;
        int style = random.Below(4);
        if (style == 0)
        {
            values[random.Chance(0.25) ? values.Length - 1 : random.Below(values.Length)] = Special(type, random);
            return;
        }
        double density = style == 1 ? 0.5 : 0.05;
        for (int i = 0; i < values.Length; i++)
            if (random.Chance(density))
                values[i] = Special(type, random);
    }

    private static double Special(DType type, TestRandom random)
    {
        double denormal = type switch
        {
            DType.Float64 => double.Epsilon,
            DType.Float16 => (double)Half.Epsilon,
            DType.BFloat16 => Math.ScaleB(1, -133),
            _ => float.Epsilon,
        };
        return random.Below(7) switch
        {
            0 => double.NaN,
            1 => double.PositiveInfinity,
            2 => double.NegativeInfinity,
            3 => -0.0,
            4 => 0.0,
            5 => denormal * random.Between(1, 100),
            _ => -denormal * random.Between(1, 100),
        };
    }
}
