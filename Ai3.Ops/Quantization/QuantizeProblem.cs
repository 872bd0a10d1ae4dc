using System.Collections.Immutable;
using System.Globalization;
using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>
/// y = saturate(round(x / scale) + zero point), or back: y = (x - zero point) * scale. Scale and zero point are one for all, one for each
/// index of an axis, or one for each block along an axis.
/// </summary>
public sealed record QuantizeProblem : Problem
{
    /// <summary>False for quantising, true for the way back.</summary>
    public required bool Dequantize { get; init; }

    /// <summary>x.</summary>
    public required TensorType Input { get; init; }

    /// <summary>The scale.</summary>
    public required TensorType Scale { get; init; }

    /// <summary>The zero point, of the scale's shape; may be absent.</summary>
    public required TensorType ZeroPoint { get; init; }

    /// <summary>The element type of y.</summary>
    public required DType OutputType { get; init; }

    /// <summary>The axis of the scale, in [0, rank); means nothing where the scale is one for all.</summary>
    public int Axis { get; init; }

    /// <summary>Elements along the axis that share a scale; 0 where the scale is not blocked.</summary>
    public long Block { get; init; }

    /// <summary>The type in which x is divided by the scale.</summary>
    public DType Precision { get; init; } = DType.Float32;

    /// <summary>Whether a float8 is its greatest value where the number is too large, rather than infinity or NaN.</summary>
    public bool Saturate { get; init; } = true;

    /// <inheritdoc/>
    public override ImmutableArray<TensorType> Inputs => [Input, Scale, ZeroPoint];

    /// <inheritdoc/>
    public override ImmutableArray<TensorType> Outputs => [new TensorType(OutputType, Input.Shape)];

    /// <inheritdoc/>
    public override string Key => FormattableString.Invariant(
        $"{Word} {Input} {Scale} {ZeroPoint} -> {OutputType.ShortName()} axis{Axis} block{Block} {Precision.ShortName()}{(Saturate ? "" : " nosat")}");

    private string Word => Dequantize ? "dequantize" : "quantize";

    /// <summary>Reads a key; null if it is none of a quantisation.</summary>
    public static QuantizeProblem? Parse(string key)
    {
        string[] words = key.Split(' ');
        if (words.Length is < 9 or > 10 || words[0] is not ("quantize" or "dequantize") || words[4] != "->"
            || !TensorTypeText.TryParse(words[1], out TensorType input) || !TensorTypeText.TryParse(words[2], out TensorType scale)
            || !TensorTypeText.TryParse(words[3], out TensorType zero) || input.IsAbsent || scale.IsAbsent
            || !Number(words[6], "axis", out long axis) || !Number(words[7], "block", out long block))
            return null;
        var problem = new QuantizeProblem
        {
            Dequantize = words[0] == "dequantize",
            Input = input,
            Scale = scale,
            ZeroPoint = zero,
            OutputType = DTypes.Parse(words[5]),
            Axis = (int)axis,
            Block = block,
            Precision = DTypes.Parse(words[8]),
            Saturate = words.Length == 9,
        };
        return QuantizeChecks.IsValid(problem) ? problem : null;
    }

    private static bool Number(string word, string name, out long value)
    {
        value = 0;
        return word.StartsWith(name, StringComparison.Ordinal)
            && long.TryParse(word[name.Length..], NumberStyles.None, CultureInfo.InvariantCulture, out value) && value <= int.MaxValue;
    }
}
