using System.Collections.Immutable;
using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>DynamicQuantizeLinear: x in float32 to uint8 with the scale and zero point that its own range gives.</summary>
/// <param name="Shape">The shape of x and y.</param>
public sealed record DynamicQuantizeProblem(Shape Shape) : Problem
{
    private const string Word = "dynamicquantize ";

    /// <inheritdoc/>
    public override ImmutableArray<TensorType> Inputs => [new TensorType(DType.Float32, Shape)];

    /// <inheritdoc/>
    public override ImmutableArray<TensorType> Outputs =>
        [new TensorType(DType.UInt8, Shape), new TensorType(DType.Float32, Shape.Scalar), new TensorType(DType.UInt8, Shape.Scalar)];

    /// <inheritdoc/>
    public override string Key => Word + Inputs[0];

    /// <summary>Reads a key, or gives null.</summary>
    public static DynamicQuantizeProblem? Parse(string key) =>
        key.StartsWith(Word, StringComparison.Ordinal) && TensorTypeText.TryParse(key[Word.Length..], out TensorType x) && x.Type == DType.Float32
            ? new DynamicQuantizeProblem(x.Shape) : null;
}
