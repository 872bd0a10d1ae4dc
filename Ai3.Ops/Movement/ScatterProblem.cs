using System.Collections.Immutable;
using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>
/// The data with some elements replaced by updates, or reduced with them, in order of the updates. By element (an index replaces
/// the coordinate along Axis: ScatterElements, Scatter) or by slice (tuples of indices: ScatterND).
/// </summary>
internal sealed record ScatterProblem : Problem
{
    /// <summary>The operator's word in the key.</summary>
    public required string Name { get; init; }

    public required TensorType Data { get; init; }

    /// <summary>i32 or i64: of the data's rank, or [tuples..., k] by slice.</summary>
    public required TensorType Indices { get; init; }

    /// <summary>The data's type; the indices' shape, or [tuples..., slice...] by slice.</summary>
    public required TensorType Updates { get; init; }

    /// <summary>The axis by element; -1 by slice.</summary>
    public required int Axis { get; init; }

    public required ScatterReduction Reduction { get; init; }

    public override ImmutableArray<TensorType> Inputs => [Data, Indices, Updates];

    public override ImmutableArray<TensorType> Outputs => [Data];

    public override string Key => MovementKey.Write(Name, Inputs, Outputs, Axis < 0 ? "" : MovementKey.Word("axis", Axis), Word(Reduction));

    public static ScatterProblem? Parse(string key, string name, bool bySlice) => MovementKeyReader.Read(key, name, r =>
        Create(name, r.Input(0), r.Input(1), r.Input(2), bySlice ? null : r.Axis, Enum.GetValues<ScatterReduction>().First(v => r.Has(Word(v)))));

    /// <exception cref="OpException">Types or shapes contradict each other.</exception>
    public static ScatterProblem Create(string name, TensorType data, TensorType indices, TensorType updates, int? axis, ScatterReduction reduction)
    {
        MovementFacts.RequireIndexType(indices.Type, "indices");
        if (updates.Type != data.Type)
            throw new OpException($"updates are {updates.Type.ShortName()}, must be {data.Type.ShortName()} like the data");
        if (!ScatterReductions.Supports(data.Type, reduction).IsYes)
            throw new OpUnsupportedException($"{name} with reduction {Word(reduction)} of {data.Type.ShortName()} is not supported");
        CheckShapes(data.Shape, indices.Shape, updates.Shape, axis);
        return new ScatterProblem
        {
            Name = name,
            Data = data,
            Indices = indices,
            Updates = updates,
            Axis = axis is { } a ? ShapeMath.NormalizeAxis(a, data.Shape.Rank) : -1,
            Reduction = reduction,
        };
    }

    /// <exception cref="OpException">The shapes contradict each other.</exception>
    public static void CheckShapes(SymbolicShape data, SymbolicShape indices, SymbolicShape updates, int? axis)
    {
        SymbolicShape? wanted = axis is null ? TupleIndices.SlicesShape(data, indices, 0) : indices;
        if (axis is { } a)
            ElementIndices.CheckShapes(data, indices, ShapeMath.NormalizeAxis(a, data.Rank));
        if (wanted is null)
            return;
        if (wanted.Rank != updates.Rank)
            throw new OpException($"updates have shape {updates}, must be {wanted} for indices {indices} and data {data}");
        for (int i = 0; i < wanted.Rank; i++)
            MovementFacts.Merge(wanted[i], updates[i], $"dimensions {i} of the updates {updates} and the elements {wanted} that indices {indices} name");
    }

    private static string Word(ScatterReduction reduction) => reduction.ToString().ToLowerInvariant();
}
