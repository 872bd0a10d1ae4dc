using System.Collections.Immutable;
using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>Upsample: height_scale and width_scale before opset 7, the attribute scales before 9, then an input.</summary>
internal sealed class UpsampleOp() : OpDefinition<ResizeProblem>(ResizeAlgorithms.All)
{
    public override Oracle<ResizeProblem> Oracle => ResizeOracle.Evaluate;

    public override bool ReadsValues(NodeFacts node, int index) => index == 1;

    public override ImmutableArray<ValueFact> Infer(NodeFacts node)
    {
        TensorFact x = node.Tensor(0);
        ResizeFacts.CheckType(x, ResizeFacts.Mode(node.Attributes, cubic: false));
        if (x.Shape is null)
            return [new TensorFact(x.Type, null)];
        ImmutableArray<double> scales = Scales(node, x.Shape.Rank);
        var dims = x.Shape.AsSpan().ToArray();
        for (int i = 0; i < dims.Length; i++)
            dims[i] = scales.IsDefault ? node.Fresh() : ResizeFacts.Scaled(dims[i], scales[i], node.Fresh);
        return [MovementFacts.Output(x.Type, SymbolicShape.Create(dims))];
    }

    public override Problem CreateProblem(NodeFacts node)
    {
        TensorType x = node.Operand(0);
        ResizeMode mode = ResizeFacts.Mode(node.Attributes, cubic: false);
        ResizeFacts.CheckType(node.Tensor(0), mode);
        ImmutableArray<double> scales = Scales(node, x.Shape.Rank);
        if (scales.IsDefault)
            throw new OpException("scales are not known");
        ResizeProblem problem = ResizeFacts.Legacy(mode, shrinks: false) with
        {
            Type = x.Type,
            Axes = [.. x.Shape.Zip(scales, (n, s) => new ResizeAxis(n, ResizeFacts.Scaled(n, s), s))],
        };
        MovementFacts.Output(x.Type, problem.Outputs[0].Shape);
        return problem;
    }

    public override Problem? ParseProblem(string key) => ResizeProblem.Parse(key);

    private ImmutableArray<double> Scales(NodeFacts node, int rank)
    {
        if (rank == 0)
            throw new OpException("input 0 is a scalar, must have at least 1 dimension");
        ImmutableArray<double> scales = Since >= 9 ? ResizeFacts.Scales(node, 1, rank)
            : node.Opset >= 7 ? ResizeFacts.Checked([.. node.Attributes.Floats("scales").IsDefault ? [] : node.Attributes.Floats("scales").Select(s => (double)s)], rank)
            : rank == 4 ? ResizeFacts.Checked([1, 1, node.Attributes.Float("height_scale"), node.Attributes.Float("width_scale")], 4)
            : throw new OpException($"input 0 has rank {rank}, must have rank 4 before opset 7");
        if (!scales.IsDefault && scales.Any(s => s < 1))
            throw new OpException($"scales are [{string.Join(",", scales)}], must be 1 or more");
        return scales;
    }
}
