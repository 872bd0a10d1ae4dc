using System.Collections.Immutable;
using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>output[i] = start + i * delta for i below Count; start and delta are read at run time.</summary>
internal sealed record RangeProblem : Problem
{
    public const string Name = "range";

    /// <summary>Start, limit and delta: one element each.</summary>
    public required ImmutableArray<TensorType> Operands { get; init; }

    public required long Count { get; init; }

    public DType Type => Operands[0].Type;

    public override ImmutableArray<TensorType> Inputs => Operands;

    public override ImmutableArray<TensorType> Outputs => [new(Type, [Count])];

    public override string Key => MovementKey.Write(Name, Inputs, Outputs);

    public static RangeProblem? Parse(string key) => MovementKeyReader.Read(key, Name, static r => Create(r.Inputs, r.Output(0).Shape.Count));

    /// <exception cref="OpException">An operand is not one number, or the types differ.</exception>
    public static RangeProblem Create(ImmutableArray<TensorType> operands, long count)
    {
        if (operands.Length != 3 || operands.Any(o => o.IsAbsent || o.Shape.Count != 1 || o.Type != operands[0].Type))
            throw new OpException($"start, limit and delta are {string.Join(", ", operands)}, must be one number each, of one type");
        if (!operands[0].Type.IsFloat() && !operands[0].Type.IsInteger())
            throw new OpException($"start is {operands[0].Type.ShortName()}, must be a number");
        MovementFacts.Operand(operands[0].Type, [count]);
        return new RangeProblem { Operands = operands, Count = count };
    }
}
