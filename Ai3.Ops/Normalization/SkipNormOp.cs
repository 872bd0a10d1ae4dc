using System.Collections.Immutable;
using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>com.microsoft SkipLayerNormalization and SkipSimplifiedLayerNormalization.</summary>
internal sealed class SkipNormOp(NormalizationKind kind) : OpDefinition<SkipNormProblem>(SkipNormAlgorithms.All)
{
    /// <summary>Whether the mean is subtracted.</summary>
    public NormalizationKind Kind => kind;

    public override Oracle<SkipNormProblem> Oracle => SkipNormOracle.Evaluate;

    public override ImmutableArray<ValueFact> Infer(NodeFacts node)
    {
        DType type = node.SameType(0, 1, 2, 3, 4);
        if (type != DType.Undefined && !type.IsFloat())
            throw new OpException($"inputs are {type.ShortName()}, must be f32, f64, f16 or bf16");
        if (node.Tensor(0).Shape is not { } x)
            return [new TensorFact(type, null), new TensorFact(DType.Float32, null), new TensorFact(DType.Float32, null), new TensorFact(type, null)];
        if (x.Rank == 0)
            throw new OpException("input 0 is a scalar, must have at least 1 dimension");
        if (node.Tensor(1).Shape is { } skip)
            CheckSkip(skip, x);
        for (int i = 2; i < node.Inputs.Length; i++)
            if (node.OptionalTensor(i)?.Shape is { } vector && (vector.Rank != 1 || vector[0].IsKnown && x[^1].IsKnown && vector[0] != x[^1]))
                throw new OpException($"input {i} has shape {vector}, must be [{x[^1]}]");
        var row = new TensorFact(DType.Float32, SymbolicShape.Create([.. x.AsSpan()[..^1], 1]));
        return [new TensorFact(type, x), row, row, new TensorFact(type, x)];
    }

    public override Problem CreateProblem(NodeFacts node) => new SkipNormProblem
    {
        Kind = kind,
        Type = node.SameType(0, 1, 2, 3, 4),
        Shape = node.Operand(0).Shape,
        Skip = node.Operand(1).Shape,
        Epsilon = node.Attributes.Float("epsilon", 1e-12f),
        HasBeta = kind == NormalizationKind.Layer && node.Has(3),
        HasBias = node.Has(kind == NormalizationKind.Layer ? 4 : 3),
        OutputCount = node.OutputCount,
        ConstantInputs = node.ConstantInputs & ~0b11u,
    };

    public override Problem? ParseProblem(string key) => SkipNormProblem.Parse(key) is { } problem && problem.Kind == kind ? problem : null;

    // The last axes of x, perhaps with ones in front.
    private static void CheckSkip(SymbolicShape skip, SymbolicShape x)
    {
        bool fits = skip.Rank > 0 && skip.Rank <= x.Rank, ones = false;
        for (int a = 1; fits && a <= skip.Rank; a++)
        {
            bool same = !skip[^a].IsKnown || !x[^a].IsKnown || skip[^a] == x[^a];
            fits = same && !(ones && !skip[^a].Is(1)) || a > 1 && skip[^a].Is(1);
            ones |= a > 1 && skip[^a].Is(1) && !x[^a].Is(1);
        }
        if (!fits)
            throw new OpException($"input 1 has shape {skip}, must be {x} or its last dimensions, perhaps with 1 in front");
    }
}
