using System.Collections.Immutable;

namespace Ai3.Ops;

/// <summary>How a power-of-two-only float8 is rounded.</summary>
public enum ScaleRounding
{
    /// <summary>Away from zero.</summary>
    Up,
    /// <summary>Towards zero.</summary>
    Down,
    /// <summary>To nearest, ties up.</summary>
    Nearest,
}

/// <summary>y = x in another element type.</summary>
public sealed record CastProblem : Problem
{
    /// <summary>The input.</summary>
    public required TensorType Input { get; init; }

    /// <summary>The output, of the input's shape.</summary>
    public required TensorType Output { get; init; }

    /// <summary>Whether a float8 is its greatest value where the number is too large, rather than infinity or NaN.</summary>
    public bool Saturate { get; init; } = true;

    /// <summary>The rounding of <see cref="Tensors.DType.Float8E8M0"/>.</summary>
    public ScaleRounding Rounding { get; init; }

    /// <inheritdoc/>
    public override ImmutableArray<TensorType> Inputs => [Input];

    /// <inheritdoc/>
    public override ImmutableArray<TensorType> Outputs => [Output];

    /// <inheritdoc/>
    public override string Key => $"cast {Input} -> {Output}{(Saturate ? "" : " nosat")}{(Rounding == ScaleRounding.Up ? "" : Rounding == ScaleRounding.Down ? " down" : " nearest")}";

    /// <summary>Reads a key, or gives null if it is none of a cast.</summary>
    internal static CastProblem? Parse(string key)
    {
        string[] words = key.Split(' ');
        if (words.Length < 4 || words[0] != "cast" || words[2] != "->" || !TensorTypeText.TryParse(words[1], out TensorType input)
            || !TensorTypeText.TryParse(words[3], out TensorType output) || input.Shape != output.Shape)
            return null;
        return new CastProblem
        {
            Input = input,
            Output = output,
            Saturate = !words.Contains("nosat"),
            Rounding = words.Contains("down") ? ScaleRounding.Down : words.Contains("nearest") ? ScaleRounding.Nearest : ScaleRounding.Up,
        };
    }
}
