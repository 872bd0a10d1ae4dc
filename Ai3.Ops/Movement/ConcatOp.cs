using System.Collections.Immutable;
using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>Concat: joins tensors along an axis, which is 1 by default before opset 4 and must be given after.</summary>
internal sealed class ConcatOp() : OpDefinition<JoinProblem>(JoinAlgorithms.All)
{
    private const string Word = "concat";

    public static ConcatOp V1 { get; } = new() { Name = "Concat", MinInputs = 1, MaxInputs = int.MaxValue };

    public override ImmutableArray<ValueFact> Infer(NodeFacts node)
    {
        (DType type, SymbolicShape? shape, int axis) = Resolve(node);
        return [MovementFacts.Output(type, shape, shape is null ? default : Elements(node, shape, axis))];
    }

    public override Problem CreateProblem(NodeFacts node)
    {
        (DType type, SymbolicShape? shape, int axis) = Resolve(node);
        return new JoinProblem
        {
            Name = Word,
            Axis = axis,
            Parts = MovementFacts.Operands(node),
            Whole = MovementFacts.Operand(type, shape),
            IsConcat = true,
            ConstantInputs = node.ConstantInputs,
        }.Checked();
    }

    public override bool RunsOnHost(NodeFacts node) => StringMoves.Applies(node);

    public override Value[] RunOnHost(NodeFacts node, IReadOnlyList<Value?> inputs, long maxBytes) => StringMoves.Run(this, node, inputs, maxBytes);

    public override Problem? ParseProblem(string key) => JoinProblem.Parse(key, Word, isConcat: true);

    private static (DType Type, SymbolicShape? Shape, int Axis) Resolve(NodeFacts node)
    {
        int[] all = [.. Enumerable.Range(0, node.Inputs.Length)];
        foreach (int i in all)
            node.Tensor(i);
        DType type = node.SameType(all);
        long axis = node.Opset >= 4 ? node.Attributes.Int("axis") : node.Attributes.Int("axis", 1);
        Dim[]? dims = null;
        Dim sum = 0;
        bool known = true;
        foreach (int i in all)
        {
            if (node.Tensor(i).Shape is not { } shape)
            {
                known = false;
                continue;
            }
            int normalized = ShapeMath.NormalizeAxis(axis, shape.Rank);
            dims ??= [.. shape];
            if (shape.Rank != dims.Length)
                throw new OpException($"input {i} is {shape}, must have rank {dims.Length} like the others");
            for (int k = 0; k < dims.Length; k++)
                if (k != normalized)
                    dims[k] = MovementFacts.Merge(dims[k], shape[k], $"dimensions {k} of the inputs, which are joined along axis {normalized},");
            sum += shape[normalized];
        }
        if (dims is null)
            return (type, null, 0);
        int at = ShapeMath.NormalizeAxis(axis, dims.Length);
        dims[at] = known ? sum : node.Fresh();
        return (type, SymbolicShape.Create(dims), at);
    }

    private static ImmutableArray<Dim> Elements(NodeFacts node, SymbolicShape shape, int axis)
    {
        if (shape.Rank != 1 || axis != 0)
            return default;
        var all = ImmutableArray.CreateBuilder<Dim>();
        for (int i = 0; i < node.Inputs.Length; i++)
        {
            ImmutableArray<Dim> part = MovementFacts.SmallElements(node, i);
            if (part.IsDefault || all.Count + part.Length > MovementFacts.MaxElements)
                return default;
            all.AddRange(part);
        }
        return all.ToImmutable();
    }
}
