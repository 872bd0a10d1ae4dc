using System.Collections.Immutable;
using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>
/// output[outer, d, inner] = values[1] if indices[outer, inner] is d, else values[0], for d below Depth. Indices outside the range
/// give only values[0].
/// </summary>
internal sealed record OneHotProblem : Problem
{
    public const string Name = "one_hot";

    /// <summary>Any number, truncated.</summary>
    public required TensorType Indices { get; init; }

    /// <summary>The type of the depth, which is already part of the problem.</summary>
    public required TensorType DepthInput { get; init; }

    /// <summary>Off and on: two elements.</summary>
    public required TensorType Values { get; init; }

    public required long Depth { get; init; }

    /// <summary>Where the new axis is in the output, in [0, rank].</summary>
    public required int Axis { get; init; }

    /// <summary>True if negative indices count from the end (from opset 11).</summary>
    public required bool Negative { get; init; }

    public required TensorType Output { get; init; }

    public override ImmutableArray<TensorType> Inputs => [Indices, DepthInput, Values];

    public override ImmutableArray<TensorType> Outputs => [Output];

    public override string Key => MovementKey.Write(Name, Inputs, Outputs, MovementKey.Word("axis", Axis), Negative ? "negative" : "");

    public static OneHotProblem? Parse(string key) => MovementKeyReader.Read(key, Name, static r =>
        r.Axis < r.Output(0).Shape.Rank && r.Output(0).Shape.Rank == r.Input(0).Shape.Rank + 1
            ? Create(r.Input(0), r.Input(1), r.Input(2), r.Output(0).Shape[r.Axis], r.Axis, r.Has("negative"))
            : throw new FormatException("the axis is outside the output"));

    /// <exception cref="OpException">Types or shapes contradict each other.</exception>
    public static OneHotProblem Create(TensorType indices, TensorType depthInput, TensorType values, long depth, int axis, bool negative)
    {
        if (!indices.Type.IsInteger() && !indices.Type.IsFloat())
            throw new OpException($"indices are {indices.Type.ShortName()}, must be numbers");
        if (values.Shape.Rank != 1 || values.Shape.Count != 2)
            throw new OpException($"values is {values}, must be two elements: off and on");
        return new OneHotProblem
        {
            Indices = indices,
            DepthInput = depthInput,
            Values = values,
            Depth = depth,
            Axis = axis,
            Negative = negative,
            Output = MovementFacts.Operand(values.Type, OutputShape(indices.Shape, depth, axis)),
        };
    }

    public static SymbolicShape OutputShape(SymbolicShape indices, Dim depth, int axis)
    {
        if (depth.TryGetValue(out long known) && known < 0)
            throw new OpException($"depth is {known}, must be 0 or more");
        return SymbolicShape.Create([.. indices.Take(axis), depth, .. indices.Skip(axis)]);
    }
}
