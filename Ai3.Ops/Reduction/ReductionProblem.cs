using System.Collections.Immutable;
using System.Globalization;
using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>y = f(x over some axes) for each position of the other axes.</summary>
public sealed record ReductionProblem : Problem
{
    /// <summary>What is computed.</summary>
    public required ReductionFunction Function { get; init; }

    /// <summary>The input.</summary>
    public required TensorType Input { get; init; }

    /// <summary>The axes that are reduced, ascending; none makes every element a sum of its own.</summary>
    public required ImmutableArray<int> Axes { get; init; }

    /// <summary>Whether reduced axes stay as dimensions of 1.</summary>
    public bool KeepDims { get; init; } = true;

    /// <summary>The input that listed the axes, already read into <see cref="Axes"/>; absent if they were an attribute.</summary>
    public TensorType AxesInput { get; init; }

    /// <inheritdoc/>
    public override ImmutableArray<TensorType> Inputs => AxesInput.IsAbsent ? [Input] : [Input, AxesInput];

    /// <inheritdoc/>
    public override ImmutableArray<TensorType> Outputs => [new TensorType(Input.Type, OutputShape)];

    /// <inheritdoc/>
    public override double Flops => Input.Shape.Count;

    /// <summary>The output's dimensions.</summary>
    public Shape OutputShape
    {
        get
        {
            var dims = new List<long>();
            for (int i = 0; i < Input.Shape.Rank; i++)
                if (!Axes.Contains(i))
                    dims.Add(Input.Shape[i]);
                else if (KeepDims)
                    dims.Add(1);
            return Shape.Create([.. dims]);
        }
    }

    /// <summary>The number of elements that make one of the output.</summary>
    public long Count
    {
        get
        {
            long count = 1;
            foreach (int axis in Axes)
                count = Input.Shape.Count == 0 && Input.Shape[axis] == 0 ? 0 : ShapeMath.Multiply(count, Input.Shape[axis]);
            return count;
        }
    }

    /// <inheritdoc/>
    public override string Key =>
        $"reduce/{Function.ToString().ToLowerInvariant()} {Input} axes={string.Join(',', Axes)}{(KeepDims ? " keep" : "")}{(AxesInput.IsAbsent ? "" : $" by={AxesInput}")}";

    /// <summary>Reads a key, or gives null if it is none of a reduction.</summary>
    internal static ReductionProblem? Parse(string key)
    {
        string[] words = key.Split(' ');
        if (words.Length < 3 || !words[0].StartsWith("reduce/", StringComparison.Ordinal) || !words[2].StartsWith("axes=", StringComparison.Ordinal)
            || !Enum.TryParse(words[0][7..], ignoreCase: true, out ReductionFunction function) || !TensorTypeText.TryParse(words[1], out TensorType input))
            return null;
        var axes = ImmutableArray.CreateBuilder<int>();
        foreach (string word in words[2][5..].Split(',', StringSplitOptions.RemoveEmptyEntries))
        {
            if (!int.TryParse(word, CultureInfo.InvariantCulture, out int axis) || axis < 0 || axis >= input.Shape.Rank)
                return null;
            axes.Add(axis);
        }
        TensorType by = TensorType.Absent;
        string? last = Array.Find(words, w => w.StartsWith("by=", StringComparison.Ordinal));
        if (last is not null && !TensorTypeText.TryParse(last[3..], out by))
            return null;
        return new ReductionProblem { Function = function, Input = input, Axes = axes.ToImmutable(), KeepDims = words.Contains("keep"), AxesInput = by };
    }
}
