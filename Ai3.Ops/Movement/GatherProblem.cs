using System.Collections.Immutable;
using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>output[outer, indices..., inner] = data[outer, index, inner], the index along <see cref="Axis"/>.</summary>
internal sealed record GatherProblem : Problem
{
    public const string Name = "gather";

    public required TensorType Data { get; init; }

    /// <summary>i32 or i64, any shape.</summary>
    public required TensorType Indices { get; init; }

    public required int Axis { get; init; }

    public required TensorType Output { get; init; }

    public override ImmutableArray<TensorType> Inputs => [Data, Indices];

    public override ImmutableArray<TensorType> Outputs => [Output];

    public override string Key => MovementKey.Write(Name, Inputs, Outputs, MovementKey.Word("axis", Axis));

    public static GatherProblem? Parse(string key) => MovementKeyReader.Read(key, Name, static r => Create(r.Input(0), r.Input(1), r.Axis));

    /// <exception cref="OpException">Types or shapes contradict each other.</exception>
    public static GatherProblem Create(TensorType data, TensorType indices, int axis)
    {
        MovementFacts.RequireIndexType(indices.Type, "indices");
        SymbolicShape output = GatherOp.OutputShape(data.Shape, indices.Shape, ShapeMath.NormalizeAxis(axis, data.Shape.Rank));
        return new GatherProblem { Data = data, Indices = indices, Axis = axis, Output = MovementFacts.Operand(data.Type, output) };
    }
}
