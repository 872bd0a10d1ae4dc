using System.Collections.Immutable;
using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>y = past with update written along an axis, from an index of each batch on. Inputs past, update, indices [batch].</summary>
public sealed record TensorScatterProblem : Problem
{
    /// <summary>The element type; elements take whole bytes.</summary>
    public required DType Type { get; init; }

    /// <summary>The shape of past and y.</summary>
    public required Shape Shape { get; init; }

    /// <summary>Rows of the update along the axis.</summary>
    public required long Rows { get; init; }

    /// <summary>The axis, not 0.</summary>
    public required int Axis { get; init; }

    /// <summary>Whether positions wrap round at the end of the axis.</summary>
    public bool Circular { get; init; }

    /// <summary>Whether indices are given; otherwise they are 0.</summary>
    public bool HasIndices { get; init; }

    /// <inheritdoc/>
    public override string Key => $"tensorscatter/{Type.ShortName()} in{KeyWords.Join(Shape)} rows{Rows} axis{Axis}" + (Circular ? " circular" : "") + (HasIndices ? " at" : "");

    /// <inheritdoc/>
    public override ImmutableArray<TensorType> Inputs =>
    [
        new TensorType(Type, Shape), new TensorType(Type, Tensors.Shape.Create([.. Shape.Select((d, a) => a == Axis ? Rows : d)])),
        HasIndices ? new TensorType(DType.Int64, [Shape[0]]) : TensorType.Absent,
    ];

    /// <inheritdoc/>
    public override ImmutableArray<TensorType> Outputs => [new TensorType(Type, Shape)];

    /// <summary>Reads a key, or gives null.</summary>
    public static TensorScatterProblem? Parse(string key)
    {
        if (KeyWords.Parse(key) is not { Name: "tensorscatter" } words || words.Type.ByteSize() == 0 || words.Shape("in") is not { } shape
            || words.Int("rows") is not { } rows || words.Int("axis") is not { } axis || axis < 1 || axis >= shape.Rank || rows < 0 || rows > shape[(int)axis])
            return null;
        return new TensorScatterProblem
        {
            Type = words.Type,
            Shape = shape,
            Rows = rows,
            Axis = (int)axis,
            Circular = words.Has("circular"),
            HasIndices = words.Has("at"),
        };
    }
}
