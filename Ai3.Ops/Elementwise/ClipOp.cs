using System.Collections.Immutable;
using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>Clip from opset 11 on: the bounds are scalar inputs, each of which may be absent.</summary>
internal sealed class ClipOp() : OpDefinition<ElementwiseProblem>(ElementwiseAlgorithms.For(Names, TypeSet.Numeric))
{
    private static readonly ImmutableArray<string> Names = ["clip", "min", "max", "copy"];

    /// <inheritdoc/>
    public override Oracle<ElementwiseProblem> Oracle => ElementwiseReference.Evaluate;

    /// <inheritdoc/>
    public override ImmutableArray<ValueFact> Infer(NodeFacts node)
    {
        DType type = node.SameType(0, 1, 2);
        for (int i = 0; i < node.Inputs.Length; i++)
        {
            if (node.OptionalTensor(i) is not { } fact)
                continue;
            TypeSet.Numeric.Check(fact, i);
            if (i > 0 && fact.Shape is { } shape && shape.TryGetShape(out Shape known) && known.Count != 1)
                throw new OpException($"input {i} has shape {known}, must be a scalar");
        }
        return [new TensorFact(type, node.Tensor(0).Shape)];
    }

    /// <inheritdoc/>
    public override Problem CreateProblem(NodeFacts node)
    {
        Infer(node);
        TensorType x = node.Operand(0);
        // A bound of rank 1 with one element is a scalar too.
        TensorType low = Scalar(node.Operand(1)), high = Scalar(node.Operand(2));
        string function = low.IsAbsent ? high.IsAbsent ? "copy" : "min" : high.IsAbsent ? "max" : "clip";
        ImmutableArray<TensorType> operands = high.IsAbsent ? low.IsAbsent ? [x] : [x, low] : [x, low, high];
        return new ElementwiseProblem
        {
            Function = function,
            Operands = [.. operands, .. Enumerable.Repeat(TensorType.Absent, node.Inputs.Length - operands.Length)],
            Output = x,
            ConstantInputs = node.ConstantInputs,
        };
    }

    /// <inheritdoc/>
    public override Problem? ParseProblem(string key) =>
        ElementwiseProblem.Parse(key) is { } problem && Names.Contains(problem.Function) ? problem : null;

    private static TensorType Scalar(TensorType bound) => bound.IsAbsent ? bound : bound with { Shape = Shape.Scalar };
}
