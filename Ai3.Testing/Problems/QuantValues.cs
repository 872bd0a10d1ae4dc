using Ai3.Ops;
using Ai3.Tensors;

namespace Ai3.Testing;

/// <summary>Values of scales, zero points and codes.</summary>
internal static class QuantValues
{
    /// <summary>Positive factors, half of them powers of two, so that quotients fall on ties.</summary>
    public static double[] Scales(TensorType operand, TestRandom random)
    {
        var values = new double[operand.Shape.Count];
        for (int i = 0; i < values.Length; i++)
        {
            double value = Math.ScaleB(random.Chance(0.5) ? 1 : 1 + random.Unit(), random.Between(-6, 3));
            values[i] = operand.Type == DType.Float8E8M0 ? random.Between(120, 130) : operand.Type == DType.Int32 ? random.Between(1, 9) : InputFill.Round(operand.Type, value);
        }
        return values;
    }

    /// <summary>Any code of a type; of types without arithmetic, its bits.</summary>
    public static double[] Codes(TensorType operand, TestRandom random)
    {
        var values = new double[operand.Shape.Count];
        int bits = operand.Type.BitsPerElement();
        (int low, int high) = operand.Type switch
        {
            DType.Int32 => (-2_000_000, 2_000_000),
            DType.Int8 or DType.Int16 or DType.Int4 or DType.Int2 => (-(1 << bits - 1), (1 << bits - 1) - 1),
            _ => (0, (1 << bits) - 1),
        };
        for (int i = 0; i < values.Length; i++)
            values[i] = random.Chance(0.1) ? random.Pick(low, high) : random.Between(low, high);
        return values;
    }

    /// <summary>Zero points: any integer code; 0 for float types and int32.</summary>
    public static double[] Zeros(TensorType operand, TestRandom random) =>
        operand.Type is DType.UInt8 or DType.Int8 or DType.UInt16 or DType.Int16 or DType.UInt4 or DType.Int4 or DType.UInt2 or DType.Int2
            ? Codes(operand, random) : new double[operand.Shape.Count];
}
