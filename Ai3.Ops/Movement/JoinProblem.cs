using System.Collections.Immutable;
using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>Parts beside each other along an axis and the whole they make: Concat (parts are inputs), Split (parts are outputs).</summary>
internal sealed record JoinProblem : Problem
{
    /// <summary>The operator's word in the key.</summary>
    public required string Name { get; init; }

    /// <summary>The axis along which the parts follow each other, in [0, rank).</summary>
    public required int Axis { get; init; }

    /// <summary>The parts: equal to the whole in all other dimensions.</summary>
    public required ImmutableArray<TensorType> Parts { get; init; }

    /// <summary>The whole.</summary>
    public required TensorType Whole { get; init; }

    /// <summary>Inputs after the whole of a Split whose values are already part of the problem.</summary>
    public ImmutableArray<TensorType> ValueInputs { get; init; } = [];

    /// <summary>True if the parts are the inputs.</summary>
    public required bool IsConcat { get; init; }

    public override ImmutableArray<TensorType> Inputs => IsConcat ? Parts : [Whole, .. ValueInputs];

    public override ImmutableArray<TensorType> Outputs => IsConcat ? [Whole] : Parts;

    public override string Key => MovementKey.Write(Name, Inputs, Outputs, MovementKey.Word("axis", Axis));

    public static JoinProblem? Parse(string key, string name, bool isConcat) => MovementKeyReader.Read(key, name, r => new JoinProblem
    {
        Name = name,
        Axis = r.Axis,
        Parts = isConcat ? r.Inputs : r.Outputs,
        Whole = isConcat ? r.Output(0) : r.Input(0),
        ValueInputs = isConcat ? [] : r.Inputs[1..],
        IsConcat = isConcat,
    }.Checked());

    /// <summary>This problem, if the parts make the whole.</summary>
    /// <exception cref="OpException">They do not.</exception>
    public JoinProblem Checked()
    {
        Shape whole = Whole.Shape;
        if (Parts.IsEmpty || Axis >= whole.Rank)
            throw new OpException($"{Name} has {Parts.Length} parts and axis {Axis} of {Whole}, needs a part and an axis of the whole");
        long sum = 0;
        foreach (TensorType part in Parts)
        {
            if (part.Type != Whole.Type || part.Shape.Rank != whole.Rank)
                throw new OpException($"a part is {part}, must have type and rank of {Whole}");
            for (int i = 0; i < whole.Rank; i++)
                if (i != Axis && part.Shape[i] != whole[i])
                    throw new OpException($"a part is {part}, must be as {Whole} except for axis {Axis}");
            sum = ShapeMath.Add(sum, part.Shape[Axis]);
        }
        return sum == whole[Axis] ? this : throw new OpException($"the parts have {sum} of the {whole[Axis]} elements along axis {Axis} of {Whole}");
    }
}
