using System.Collections.Immutable;
using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>
/// A convolution of 8-bit integers less their zero points, summed in int32: ConvInteger (x, w, zero points of x and w; the sums are y) or
/// QLinearConv (x, w and y each with scale and zero point, then an int32 bias; y is 8-bit).
/// </summary>
public sealed record QuantizedConvProblem : Problem
{
    /// <summary>The inputs, in the operator's order.</summary>
    public required ImmutableArray<TensorType> Operands { get; init; }

    /// <summary>int32 for ConvInteger; uint8 or int8 for QLinearConv.</summary>
    public required DType OutputType { get; init; }

    /// <summary>Shapes, strides, pads, dilations and groups, as a convolution of float32 without bias.</summary>
    public required ConvProblem Geometry { get; init; }

    internal bool IsInteger => OutputType == DType.Int32;

    internal int W => IsInteger ? 1 : 3;

    internal int XZero => 2;

    internal int WZero => IsInteger ? 3 : 5;

    internal const int XScale = 1, WScale = 4, YScale = 6, YZero = 7, Bias = 8;

    internal SumOutput Output => OutputType switch { DType.Int32 => SumOutput.Int32, DType.UInt8 => SumOutput.UInt8, _ => SumOutput.Int8 };

    /// <summary>True if weights and their zero points are constants.</summary>
    internal bool HasConstantWeights => IsConstant(W) && (Operand(WZero).IsAbsent || IsConstant(WZero));

    /// <inheritdoc/>
    public override ImmutableArray<TensorType> Inputs => Operands;

    /// <inheritdoc/>
    public override ImmutableArray<TensorType> Outputs => [new TensorType(OutputType, Geometry.Outputs[0].Shape)];

    /// <inheritdoc/>
    public override double Flops => Geometry.Flops;

    /// <summary>The operands' types and shapes, then the convolution's own key.</summary>
    public override string Key => $"{(IsInteger ? "convinteger" : "qlinearconv")} {string.Join(" ", Operands)} -> {OutputType.ShortName()} | {Geometry.Key}";

    /// <summary>An operand by its place; absent where there is none.</summary>
    internal TensorType Operand(int index) => index < Operands.Length ? Operands[index] : TensorType.Absent;

    /// <summary>Reads a key; null if it is none of a quantised convolution.</summary>
    public static QuantizedConvProblem? Parse(string key)
    {
        string[] parts = key.Split(" | ");
        string[] words = parts[0].Split(' ');
        if (parts.Length != 2 || words.Length < 5 || words[0] is not ("convinteger" or "qlinearconv") || words[^2] != "->"
            || ConvKey.Parse(parts[1]) is not { HasBias: false, Fusion.IsNone: true, Type: DType.Float32 } geometry)
            return null;
        var operands = new TensorType[words.Length - 3];
        for (int i = 0; i < operands.Length; i++)
            if (!TensorTypeText.TryParse(words[i + 1], out operands[i]))
                return null;
        var problem = new QuantizedConvProblem { Operands = [.. operands], OutputType = DTypes.Parse(words[^1]), Geometry = geometry };
        if (problem.IsInteger != (words[0] == "convinteger") || operands.Length <= (problem.IsInteger ? 1 : YZero)
            || operands[0].IsAbsent || operands[problem.W].IsAbsent || operands[0].Shape != geometry.Inputs[0].Shape || operands[problem.W].Shape != geometry.Inputs[1].Shape)
            return null;
        if (geometry.HasConstantWeights)
            problem = problem with { ConstantInputs = (1u << operands.Length) - 2 };
        return problem.OutputType is DType.Int32 or DType.UInt8 or DType.Int8 && IsConsistent(problem) ? problem : null;
    }

    private static bool IsConsistent(QuantizedConvProblem p)
    {
        try
        {
            QuantizedConvOp.Check(p);
            return true;
        }
        catch (OpException)
        {
            return false;
        }
    }
}
