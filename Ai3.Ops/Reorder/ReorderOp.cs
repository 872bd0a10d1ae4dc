using System.Collections.Immutable;
using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>
/// The runtime's own operator between a producer and a consumer that want different layouts. Attribute <c>to</c>: the output's layout
/// as <see cref="Format.ToString"/> writes it; the input's is its fact.
/// </summary>
internal sealed class ReorderOp() : OpDefinition<ReorderProblem>(ReorderAlgorithms.All)
{
    public static ReorderOp Definition { get; } = new() { Domain = "ai3", Name = "Reorder", MinInputs = 1, MaxInputs = 1 };

    public override ImmutableArray<ValueFact> Infer(NodeFacts node)
    {
        TensorFact x = node.Tensor(0);
        return [new TensorFact(x.Type, x.Shape) { Format = To(node) }];
    }

    public override Problem CreateProblem(NodeFacts node)
    {
        TensorType x = node.Operand(0);
        var problem = new ReorderProblem(x.Type, x.Shape, node.Tensor(0).Format, To(node)) { ConstantInputs = node.ConstantInputs };
        foreach (Format format in (ReadOnlySpan<Format>)[problem.From, problem.To])
            ShapeMath.Multiply(format.StorageCount(x.Shape), Math.Max(x.Type.ByteSize(), 1));
        return problem;
    }

    public override Problem? ParseProblem(string key) => ReorderProblem.Parse(key);

    private static Format To(NodeFacts node)
    {
        string to = node.Attributes.String("to");
        return FormatText.TryParse(to, out Format format) ? format
            : throw new OpException($"attribute to is {to}, must be plain, nhwc or blocks such as nchw16c");
    }
}
