using System.Collections.Immutable;
using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>Which function of a row.</summary>
public enum SoftmaxKind
{
    /// <summary>e^x divided by the row's sum of e^x.</summary>
    Softmax,
    /// <summary>The logarithm of that.</summary>
    LogSoftmax,
    /// <summary>1 for the first largest element (or first NaN), 0 for the others.</summary>
    Hardmax,
}

/// <summary>A function of each row of x seen as [outer, length, inner], rows running along the middle.</summary>
public sealed record SoftmaxProblem : Problem
{
    /// <summary>The function.</summary>
    public required SoftmaxKind Kind { get; init; }

    /// <summary>The element type.</summary>
    public required DType Type { get; init; }

    /// <summary>The shape of x and y.</summary>
    public required Shape Shape { get; init; }

    /// <summary>The first axis of a row.</summary>
    public required int Axis { get; init; }

    /// <summary>True if a row runs along all axes from <see cref="Axis"/> on, as before opset 13.</summary>
    public bool Flattens { get; init; }

    /// <summary>Elements of a row.</summary>
    public long Length => Flattens ? Shape.CountOf(Axis..) : Shape[Axis];

    /// <summary>Rows that lie beside each other.</summary>
    public long Inner => Flattens ? 1 : Shape.CountOf((Axis + 1)..);

    /// <summary>Groups of such rows.</summary>
    public long Outer => Shape.CountOf(..Axis);

    /// <inheritdoc/>
    public override string Key => $"{Name(Kind)}/{Type.ShortName()} in{KeyWords.Join(Shape)} axis{Axis}{(Flattens ? " flat" : "")}";

    /// <inheritdoc/>
    public override ImmutableArray<TensorType> Inputs => [new TensorType(Type, Shape)];

    /// <inheritdoc/>
    public override ImmutableArray<TensorType> Outputs => [new TensorType(Type, Shape)];

    /// <inheritdoc/>
    public override double Flops => 20.0 * Shape.Count;

    /// <summary>Reads a key, or gives null.</summary>
    public static SoftmaxProblem? Parse(string key)
    {
        if (KeyWords.Parse(key) is not { } words || !words.Type.IsFloat() || words.Shape("in") is not { } shape
            || words.Int("axis") is not (>= 0 and var axis) || axis >= shape.Rank)
            return null;
        foreach (SoftmaxKind kind in Enum.GetValues<SoftmaxKind>())
            if (words.Name == Name(kind))
                return new SoftmaxProblem { Kind = kind, Type = words.Type, Shape = shape, Axis = (int)axis, Flattens = words.Has("flat") };
        return null;
    }

    private static string Name(SoftmaxKind kind) => kind switch { SoftmaxKind.Softmax => "softmax", SoftmaxKind.LogSoftmax => "logsoftmax", _ => "hardmax" };
}
