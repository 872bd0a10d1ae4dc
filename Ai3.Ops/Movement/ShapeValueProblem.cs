using System.Collections.Immutable;
using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>An i64 output that follows from the input's shape alone: Shape, Size.</summary>
internal sealed record ShapeValueProblem : Problem
{
    /// <summary>The operator's word in the key.</summary>
    public required string Name { get; init; }

    public required TensorType Input { get; init; }

    /// <summary>The output's elements.</summary>
    public required ImmutableArray<long> Values { get; init; }

    /// <summary>True if the output has rank 0.</summary>
    public bool IsScalar { get; init; }

    public override ImmutableArray<TensorType> Inputs => [Input];

    public override ImmutableArray<TensorType> Outputs => [new(DType.Int64, IsScalar ? Shape.Scalar : [Values.Length])];

    public override string Key => MovementKey.Write(Name, Inputs, Outputs, MovementKey.Word("values", Values));

    public static ShapeValueProblem? Parse(string key, string name) => MovementKeyReader.Read(key, name, static r =>
    {
        ImmutableArray<long> values = r.Ints("values");
        bool isScalar = r.Output(0).Shape.Rank == 0;
        if (isScalar && values.Length != 1)
            throw new FormatException("a scalar has one value");
        return new ShapeValueProblem { Name = r.Name, Input = r.Input(0), Values = values, IsScalar = isScalar };
    });
}
