using System.Collections.Immutable;
using Ai3.Ops;
using Ai3.Tensors;

namespace Ai3.Runtime;

/// <summary>Gathers what an operator is told about a node.</summary>
internal static class NodeFactsOf
{
    public static NodeFacts Create(Node node, Func<GraphValue, ValueFact?> factOf, Func<Dim> fresh)
    {
        var inputs = ImmutableArray.CreateBuilder<ValueFact?>(node.Inputs.Count);
        foreach (GraphValue? input in node.Inputs)
            inputs.Add(input is null ? null : factOf(input) ?? new TensorFact(DType.Undefined, null));
        return new NodeFacts(node.Attributes, node.Opset, inputs.MoveToImmutable(), node.Outputs.Count, fresh) { Fusion = node.Fusion };
    }

    /// <summary>Runs an operator's code, adding the node to what goes wrong in it.</summary>
    public static T Guard<T>(Node node, Func<T> action)
    {
        try
        {
            return action();
        }
        catch (Exception e) when (e is OpException or ShapeException)
        {
            throw new GraphException(e.Message, node.Name, node.QualifiedOp, e);
        }
    }
}
