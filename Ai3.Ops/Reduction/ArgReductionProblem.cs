using System.Collections.Immutable;
using System.Globalization;
using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>y = the index along an axis of the greatest or least element; the first NaN counts as either.</summary>
public sealed record ArgReductionProblem : Problem
{
    /// <summary>Whether the greatest is looked for.</summary>
    public required bool IsMax { get; init; }

    /// <summary>The input.</summary>
    public required TensorType Input { get; init; }

    /// <summary>The axis.</summary>
    public required int Axis { get; init; }

    /// <summary>Whether the axis stays as a dimension of 1.</summary>
    public bool KeepDims { get; init; } = true;

    /// <summary>Whether the last of equal elements is taken.</summary>
    public bool SelectLast { get; init; }

    /// <inheritdoc/>
    public override ImmutableArray<TensorType> Inputs => [Input];

    /// <inheritdoc/>
    public override ImmutableArray<TensorType> Outputs
    {
        get
        {
            List<long> dims = [.. Input.Shape];
            if (KeepDims)
                dims[Axis] = 1;
            else
                dims.RemoveAt(Axis);
            return [new TensorType(DType.Int64, Shape.Create([.. dims]))];
        }
    }

    /// <inheritdoc/>
    public override double Flops => Input.Shape.Count;

    /// <inheritdoc/>
    public override string Key =>
        string.Create(CultureInfo.InvariantCulture, $"{(IsMax ? "argmax" : "argmin")} {Input} axis={Axis}{(KeepDims ? " keep" : "")}{(SelectLast ? " last" : "")}");

    /// <summary>Reads a key, or gives null if it is none of these.</summary>
    internal static ArgReductionProblem? Parse(string key)
    {
        string[] words = key.Split(' ');
        if (words.Length < 3 || words[0] is not ("argmax" or "argmin") || !TensorTypeText.TryParse(words[1], out TensorType input)
            || !words[2].StartsWith("axis=", StringComparison.Ordinal) || !int.TryParse(words[2][5..], CultureInfo.InvariantCulture, out int axis)
            || axis < 0 || axis >= input.Shape.Rank)
            return null;
        return new ArgReductionProblem { IsMax = words[0] == "argmax", Input = input, Axis = axis, KeepDims = words.Contains("keep"), SelectLast = words.Contains("last") };
    }
}
