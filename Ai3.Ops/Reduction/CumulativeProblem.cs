using System.Collections.Immutable;
using System.Globalization;

namespace Ai3.Ops;

/// <summary>y[i] = the sum or product of x up to i along an axis.</summary>
public sealed record CumulativeProblem : Problem
{
    /// <summary>Whether elements are multiplied.</summary>
    public required bool IsProduct { get; init; }

    /// <summary>The input, and the output's type and shape.</summary>
    public required TensorType Input { get; init; }

    /// <summary>The input that named the axis, already read into <see cref="Axis"/>.</summary>
    public required TensorType AxisInput { get; init; }

    /// <summary>The axis.</summary>
    public required int Axis { get; init; }

    /// <summary>Whether x[i] itself is left out.</summary>
    public bool Exclusive { get; init; }

    /// <summary>Whether the end of the axis is the beginning.</summary>
    public bool Reverse { get; init; }

    /// <inheritdoc/>
    public override ImmutableArray<TensorType> Inputs => [Input, AxisInput];

    /// <inheritdoc/>
    public override ImmutableArray<TensorType> Outputs => [Input];

    /// <inheritdoc/>
    public override double Flops => Input.Shape.Count;

    /// <inheritdoc/>
    public override string Key => string.Create(CultureInfo.InvariantCulture,
        $"{(IsProduct ? "cumprod" : "cumsum")} {Input} axis={Axis} by={AxisInput}{(Exclusive ? " exclusive" : "")}{(Reverse ? " reverse" : "")}");

    /// <summary>Reads a key, or gives null if it is none of these.</summary>
    internal static CumulativeProblem? Parse(string key)
    {
        string[] words = key.Split(' ');
        if (words.Length < 4 || words[0] is not ("cumsum" or "cumprod") || !TensorTypeText.TryParse(words[1], out TensorType input)
            || !words[2].StartsWith("axis=", StringComparison.Ordinal) || !int.TryParse(words[2][5..], CultureInfo.InvariantCulture, out int axis)
            || axis < 0 || axis >= input.Shape.Rank || !words[3].StartsWith("by=", StringComparison.Ordinal) || !TensorTypeText.TryParse(words[3][3..], out TensorType by))
            return null;
        return new CumulativeProblem
        {
            IsProduct = words[0] == "cumprod",
            Input = input,
            AxisInput = by,
            Axis = axis,
            Exclusive = words.Contains("exclusive"),
            Reverse = words.Contains("reverse"),
        };
    }
}
