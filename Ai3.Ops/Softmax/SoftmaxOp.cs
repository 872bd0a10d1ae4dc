using System.Collections.Immutable;
using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>Softmax, LogSoftmax and Hardmax.</summary>
internal sealed class SoftmaxOp(SoftmaxKind kind) : OpDefinition<SoftmaxProblem>(kind == SoftmaxKind.Hardmax ? SoftmaxAlgorithms.Hardmax : SoftmaxAlgorithms.All)
{
    public static ImmutableArray<OpDefinition> All { get; } =
        [.. Enum.GetValues<SoftmaxKind>().Select(kind => new SoftmaxOp(kind) { Name = kind.ToString(), MinInputs = 1, MaxInputs = 1 })];

    public override Oracle<SoftmaxProblem> Oracle => SoftmaxOracle.Evaluate;

    public override ImmutableArray<ValueFact> Infer(NodeFacts node)
    {
        TensorFact x = node.Tensor(0);
        if (x.Type != DType.Undefined && !x.Type.IsFloat())
            throw new OpException($"input 0 is {x.Type.ShortName()}, must be f32, f64, f16 or bf16");
        if (x.Shape is not null)
            Axis(node, x.Shape.Rank);
        return [new TensorFact(x.Type, x.Shape)];
    }

    public override Problem CreateProblem(NodeFacts node)
    {
        Shape shape = node.Tensor(0).KnownShape;
        return new SoftmaxProblem
        {
            Kind = kind,
            Type = node.Tensor(0).Type,
            Shape = shape,
            Axis = Axis(node, shape.Rank),
            Flattens = node.Opset < 13,
        };
    }

    public override Problem? ParseProblem(string key) => SoftmaxProblem.Parse(key) is { } problem && problem.Kind == kind ? problem : null;

    private static int Axis(NodeFacts node, int rank) => ShapeMath.NormalizeAxis(node.Attributes.Int("axis", node.Opset < 13 ? 1 : -1), rank);
}
