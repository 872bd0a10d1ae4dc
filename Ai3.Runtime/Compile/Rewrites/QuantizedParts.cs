using Ai3.Tensors;

namespace Ai3.Runtime;

/// <summary>What rewrites of quantised graphs share: the values round a DequantizeLinear or QuantizeLinear node.</summary>
internal sealed record QuantizedParts(Node Node, GraphValue Codes, GraphValue Scale, GraphValue? Zero, DType Type)
{
    /// <summary>The DequantizeLinear behind a float32 value, of 8-bit or int32 codes with constant scale and zero point; null if it is anything else.</summary>
    public static QuantizedParts? Behind(GraphValue? value) => value?.Producer is { Domain: "", OpType: "DequantizeLinear" } node
        && node.Inputs[0] is { Tensor.Type: DType.UInt8 or DType.Int8 or DType.Int32 } codes ? Of(node, codes, codes.Tensor!.Type) : null;

    /// <summary>The QuantizeLinear of a float32 value to 8 bits with one constant scale; null if it is anything else.</summary>
    public static QuantizedParts? Of(Node? node) => node is { Domain: "", OpType: "QuantizeLinear" }
        && node.Outputs[0] is { Tensor.Type: DType.UInt8 or DType.Int8 } codes && Of(node, codes, codes.Tensor!.Type) is { IsPerTensor: true } parts ? parts : null;

    /// <summary>True if scale and zero point are one for all.</summary>
    public bool IsPerTensor => Scale.Constant!.Count == 1;

    /// <summary>The scales.</summary>
    public ReadOnlySpan<float> Scales => Scale.Constant!.AsSpan<float>();

    /// <summary>The zero point of an element of the scales.</summary>
    public int ZeroAt(int index) => Zero is null ? 0 : Type switch
    {
        DType.UInt8 => Zero.Constant!.AsSpan<byte>()[index],
        DType.Int8 => Zero.Constant!.AsSpan<sbyte>()[index],
        _ => Zero.Constant!.AsSpan<int>()[index],
    };

    /// <summary>The zero point as a value, made where the node has none.</summary>
    public GraphValue ZeroOr(GraphPatch patch) => Zero ?? patch.AddConstant($"{Node.Name}.zero", Tensor.Zeros(Type, Scale.Constant!.Shape));

    /// <summary>True if the scales run along an axis of the codes, or there is one.</summary>
    public bool IsAlong(int axis)
    {
        int rank = Codes.Tensor!.Shape?.Rank ?? 0;
        long given = Node.Attributes.Int("axis", 1);
        return IsPerTensor || rank > 0 && (rank == 1 ? 0 : given < 0 ? given + rank : given) == axis && Scale.Constant!.Shape.Rank == 1;
    }

    private static QuantizedParts? Of(Node node, GraphValue codes, DType type)
    {
        if (node.Inputs[1] is not { Constant: { Type: DType.Float32, Count: > 0 } scale } value || node.Attributes.Int("block_size", 0) != 0
            || node.Attributes.Int("precision", 0) is not (0 or (long)DType.Float32) || node.Attributes.Int("output_dtype", 0) is not (0 or (long)DType.Float32 or (long)DType.UInt8 or (long)DType.Int8))
            return null;
        GraphValue? zero = node.Inputs.Count > 2 ? node.Inputs[2] : null;
        if (zero is not null && (zero.Constant is null || zero.Constant.Type != type || zero.Constant.Count != scale.Count))
            return null;
        foreach (float s in scale.AsSpan<float>())
            if (!(s > 0) || !float.IsFinite(s))
                return null;
        return new QuantizedParts(node, codes, value, zero, type);
    }
}
