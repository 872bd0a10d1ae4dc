using System.Collections.Immutable;
using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>Einsum, with axes of extent 1 broadcast as NumPy does.</summary>
internal sealed class EinsumOp() : OpDefinition<EinsumProblem>(EinsumAlgorithms.All)
{
    public static EinsumOp V12 { get; } = new() { Name = "Einsum", Since = 12, MinInputs = 1, MaxInputs = int.MaxValue };

    public override Oracle<EinsumProblem> Oracle => EinsumOracle.Evaluate;

    public override ImmutableArray<ValueFact> Infer(NodeFacts node)
    {
        EinsumEquation equation = Equation(node);
        DType type = node.SameType([.. Enumerable.Range(0, node.Inputs.Length)]);
        var shapes = new SymbolicShape[node.Inputs.Length];
        for (int i = 0; i < shapes.Length; i++)
        {
            TensorFact input = node.Tensor(i);
            TypeSet.Numeric.Check(input, i);
            if (input.Shape is null)
                return [new TensorFact(type, null)];
            shapes[i] = input.Shape;
        }
        ImmutableArray<ImmutableArray<int>> labels = equation.Labels([.. shapes.Select(s => s.Rank)]);
        var sizes = new Dictionary<int, Dim>();
        for (int i = 0; i < shapes.Length; i++)
            for (int axis = 0; axis < labels[i].Length; axis++)
                sizes[labels[i][axis]] = sizes.TryGetValue(labels[i][axis], out Dim size) ? Merge(node, size, shapes[i][axis], i, axis) : shapes[i][axis];
        return [MovementFacts.Output(type, SymbolicShape.Create([.. equation.OutputLabels(labels).Select(label => sizes[label])]))];
    }

    public override Problem CreateProblem(NodeFacts node) =>
        EinsumProblem.Create(Equation(node), MovementFacts.Operands(node)) with { ConstantInputs = node.ConstantInputs };

    public override Problem? ParseProblem(string key) => EinsumProblem.Parse(key);

    private static EinsumEquation Equation(NodeFacts node) => EinsumEquation.Parse(node.Attributes.String("equation"), node.Inputs.Length);

    private static Dim Merge(NodeFacts node, Dim a, Dim b, int input, int axis)
    {
        if (a == b || b.Is(1))
            return a;
        if (a.Is(1))
            return b;
        if (a.IsKnown && b.IsKnown)
            throw new OpException($"axis {axis} of input {input} is {b}, must be {a} like its label elsewhere");
        return a.IsKnown ? a : b.IsKnown ? b : node.Fresh();
    }
}
