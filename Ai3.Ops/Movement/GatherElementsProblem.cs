using System.Collections.Immutable;
using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>output[i] = data[i with the coordinate along <see cref="Axis"/> replaced by indices[i]]; the output has the indices' shape.</summary>
internal sealed record GatherElementsProblem : Problem
{
    public const string Name = "gather_elements";

    public required TensorType Data { get; init; }

    /// <summary>i32 or i64, of the data's rank, nowhere larger except along the axis.</summary>
    public required TensorType Indices { get; init; }

    public required int Axis { get; init; }

    public TensorType Output => new(Data.Type, Indices.Shape);

    public override ImmutableArray<TensorType> Inputs => [Data, Indices];

    public override ImmutableArray<TensorType> Outputs => [Output];

    public override string Key => MovementKey.Write(Name, Inputs, Outputs, MovementKey.Word("axis", Axis));

    public static GatherElementsProblem? Parse(string key) => MovementKeyReader.Read(key, Name, static r => Create(r.Input(0), r.Input(1), r.Axis));

    /// <exception cref="OpException">Types or shapes contradict each other.</exception>
    public static GatherElementsProblem Create(TensorType data, TensorType indices, int axis)
    {
        MovementFacts.RequireIndexType(indices.Type, "indices");
        ElementIndices.CheckShapes(data.Shape, indices.Shape, ShapeMath.NormalizeAxis(axis, data.Shape.Rank));
        MovementFacts.Operand(data.Type, indices.Shape);
        return new GatherElementsProblem { Data = data, Indices = indices, Axis = axis };
    }
}
