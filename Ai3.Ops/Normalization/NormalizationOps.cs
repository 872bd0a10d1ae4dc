using System.Collections.Immutable;
using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>The operators that normalise elements by statistics of their own row, and those that are given statistics.</summary>
internal static class NormalizationOps
{
    public static ImmutableArray<OpDefinition> All { get; } =
    [
        BatchNormOp.Definition,
        LrnOp.Definition,
        new LayerNormOp { Name = "LayerNormalization", Since = 17, MinInputs = 2, MaxInputs = 3, MaxOutputs = 3 },
        new RmsNormOp { Name = "RMSNormalization", Since = 23, MinInputs = 2, MaxInputs = 2 },
        new RmsNormOp { Name = "SimplifiedLayerNormalization", MinInputs = 2, MaxInputs = 2, MaxOutputs = 2 },
        new RmsNormOp { Domain = "com.microsoft", Name = "SimplifiedLayerNormalization", MinInputs = 2, MaxInputs = 2, MaxOutputs = 2 },
        new SkipNormOp(NormalizationKind.Layer) { Domain = "com.microsoft", Name = "SkipLayerNormalization", MinInputs = 3, MaxInputs = 5, MaxOutputs = 4 },
        new SkipNormOp(NormalizationKind.Rms) { Domain = "com.microsoft", Name = "SkipSimplifiedLayerNormalization", MinInputs = 3, MaxInputs = 4, MaxOutputs = 4 },
        new EmbedNormOp { Domain = "com.microsoft", Name = "EmbedLayerNormalization", MinInputs = 7, MaxInputs = 9, MaxOutputs = 3 },
        new InstanceNormOp { Name = "InstanceNormalization", MinInputs = 3, MaxInputs = 3 },
        new GroupNormOp { Name = "GroupNormalization", Since = 18, MinInputs = 3, MaxInputs = 3 },
        new MeanVarianceOp { Name = "MeanVarianceNormalization", Since = 9, MinInputs = 1, MaxInputs = 1 },
        new LpNormOp { Name = "LpNormalization", MinInputs = 1, MaxInputs = 1 },
    ];
}

internal abstract class NormalizationOp(ImmutableArray<Algorithm<NormalizationProblem>> rows) : OpDefinition<NormalizationProblem>(rows)
{
    public override Oracle<NormalizationProblem> Oracle => NormalizationOracle.Evaluate;

    public override ImmutableArray<ValueFact> Infer(NodeFacts node)
    {
        TensorFact x = node.Tensor(0);
        for (int i = 0; i < node.Inputs.Length; i++)
            if (node.OptionalTensor(i)?.Type is { } type && type != DType.Undefined && !type.IsFloat())
                throw new OpException($"input {i} is {type.ShortName()}, must be f32, f64, f16 or bf16");
        node.SameType(1, 2);
        if (!OutputFollowsScale)
            node.SameType(0, 1);
        if (x.Shape is not null)
            Check(node, x.Shape);
        return [new TensorFact(OutputFollowsScale ? node.Tensor(1).Type : x.Type, x.Shape)];
    }

    public override Problem? ParseProblem(string key) => NormalizationProblem.Parse(key) is { } problem && Makes(problem.Kind) ? problem : null;

    protected virtual bool OutputFollowsScale => false;

    protected abstract bool Makes(NormalizationKind kind);

    /// <summary>Checks attributes and shapes against the shape of input 0.</summary>
    protected abstract void Check(NodeFacts node, SymbolicShape shape);

    /// <summary>The problem without scale and bias.</summary>
    protected static NormalizationProblem Start(NodeFacts node, NormalizationKind kind, Shape view, Func<int, bool> reduced, float epsilon) => new()
    {
        Kind = kind,
        Type = node.Tensor(0).Type,
        OutputType = node.Tensor(0).Type,
        Shape = node.Tensor(0).KnownShape,
        View = view,
        Reduced = [.. Enumerable.Range(0, view.Rank).Select(reduced)],
        Epsilon = epsilon,
        ConstantInputs = node.ConstantInputs & ~1u,
    };

    /// <summary>The stash type: float32 is the only one in use; bfloat16 is allowed by the standard.</summary>
    protected static DType StashType(NodeFacts node)
    {
        long type = node.Attributes.Int("stash_type", 1);
        return type is (long)DType.Float32 or (long)DType.BFloat16 ? (DType)type
            : throw new OpException($"attribute stash_type is {type}, must be 1 (float32) or 16 (bfloat16)");
    }

    protected static void CheckBroadcast(NodeFacts node, int input, SymbolicShape shape)
    {
        if (node.OptionalTensor(input)?.Shape is not { } other)
            return;
        int shift = shape.Rank - other.Rank;
        if (shift < 0)
            throw new OpException($"input {input} has shape {other}, which does not broadcast to {shape}");
        for (int a = 0; a < other.Rank; a++)
            if (other[a].IsKnown && shape[a + shift].IsKnown && !other[a].Is(1) && other[a] != shape[a + shift])
                throw new OpException($"input {input} has shape {other}, which does not broadcast to {shape}");
    }

    protected static void CheckVector(NodeFacts node, int input, Dim length)
    {
        if (node.OptionalTensor(input)?.Shape is { } shape && (shape.Rank != 1 || shape[0].IsKnown && length.IsKnown && shape[0] != length))
            throw new OpException($"input {input} has shape {shape}, must be [{length}]");
    }

    protected static void CheckImage(SymbolicShape shape)
    {
        if (shape.Rank < 2)
            throw new OpException($"input 0 has shape {shape}, must have at least 2 dimensions: n and c");
    }

    protected static Shape Padded(Shape shape, int rank) => Shape.Create([.. Enumerable.Repeat(1L, rank - shape.Rank), .. shape]);
}

internal sealed class LayerNormOp() : NormalizationOp(NormalizationAlgorithms.LastAxes)
{
    public override ImmutableArray<ValueFact> Infer(NodeFacts node)
    {
        var y = (TensorFact)base.Infer(node)[0];
        DType stash = StashType(node);
        if (node.OutputCount < 2)
            return [y];
        SymbolicShape? rows = null;
        if (y.Shape is not null)
        {
            int axis = Axis(node, y.Shape.Rank);
            rows = SymbolicShape.Create([.. y.Shape.Take(axis), .. Enumerable.Repeat((Dim)1, y.Shape.Rank - axis)]);
        }
        var statistics = new TensorFact(stash, rows);
        return node.OutputCount == 2 ? [y, statistics] : [y, statistics, statistics];
    }

    public override Problem CreateProblem(NodeFacts node)
    {
        Shape shape = node.Tensor(0).KnownShape, scale = node.Tensor(1).KnownShape;
        Shape? bias = node.OptionalTensor(2)?.KnownShape;
        int axis = Axis(node, shape.Rank);
        return Start(node, NormalizationKind.Layer, shape, a => a >= axis, node.Attributes.Float("epsilon", 1e-5f)) with
        {
            Scale = scale,
            ScaleView = Padded(scale, shape.Rank),
            Bias = bias,
            BiasView = bias is { } b ? Padded(b, shape.Rank) : default,
            GivesMean = node.OutputCount > 1,
            GivesInverse = node.OutputCount > 2,
            StatisticsType = StashType(node),
        };
    }

    protected override bool Makes(NormalizationKind kind) => kind == NormalizationKind.Layer;

    protected override void Check(NodeFacts node, SymbolicShape shape)
    {
        Axis(node, shape.Rank);
        CheckBroadcast(node, 1, shape);
        CheckBroadcast(node, 2, shape);
    }

    private static int Axis(NodeFacts node, int rank) => ShapeMath.NormalizeAxis(node.Attributes.Int("axis", -1), rank);
}

internal sealed class RmsNormOp() : NormalizationOp(NormalizationAlgorithms.LastAxesUncentred)
{
    public override ImmutableArray<ValueFact> Infer(NodeFacts node)
    {
        var y = (TensorFact)base.Infer(node)[0];
        if (node.OutputCount < 2)
            return [y];
        SymbolicShape? rows = null;
        if (y.Shape is not null)
        {
            int axis = ShapeMath.NormalizeAxis(node.Attributes.Int("axis", -1), y.Shape.Rank);
            rows = SymbolicShape.Create([.. y.Shape.Take(axis), .. Enumerable.Repeat((Dim)1, y.Shape.Rank - axis)]);
        }
        return [y, new TensorFact(StashType(node), rows)];
    }

    public override Problem CreateProblem(NodeFacts node)
    {
        Shape shape = node.Tensor(0).KnownShape, scale = node.Tensor(1).KnownShape;
        int axis = ShapeMath.NormalizeAxis(node.Attributes.Int("axis", -1), shape.Rank);
        return Start(node, NormalizationKind.Rms, shape, a => a >= axis, node.Attributes.Float("epsilon", 1e-5f)) with
        {
            OutputType = node.Tensor(1).Type,
            Scale = scale,
            ScaleView = Padded(scale, shape.Rank),
            GivesInverse = node.OutputCount > 1,
            StatisticsType = StashType(node),
        };
    }

    protected override bool OutputFollowsScale => true;

    protected override bool Makes(NormalizationKind kind) => kind == NormalizationKind.Rms;

    protected override void Check(NodeFacts node, SymbolicShape shape)
    {
        ShapeMath.NormalizeAxis(node.Attributes.Int("axis", -1), shape.Rank);
        StashType(node);
        CheckBroadcast(node, 1, shape);
    }
}

internal sealed class InstanceNormOp() : NormalizationOp(NormalizationAlgorithms.All)
{
    public override Problem CreateProblem(NodeFacts node)
    {
        Shape shape = node.Tensor(0).KnownShape;
        Shape channels = [shape[1]], view = [1, shape[1], 1];
        return Start(node, NormalizationKind.Instance, [shape[0], shape[1], shape.CountOf(2..)], a => a == 2, node.Attributes.Float("epsilon", 1e-5f)) with
        {
            Scale = channels,
            ScaleView = view,
            Bias = channels,
            BiasView = view,
        };
    }

    protected override bool Makes(NormalizationKind kind) => kind == NormalizationKind.Instance;

    protected override void Check(NodeFacts node, SymbolicShape shape)
    {
        CheckImage(shape);
        CheckVector(node, 1, shape[1]);
        CheckVector(node, 2, shape[1]);
    }
}

internal sealed class GroupNormOp() : NormalizationOp(NormalizationAlgorithms.LastAxes)
{
    public override Problem CreateProblem(NodeFacts node)
    {
        Shape shape = node.Tensor(0).KnownShape;
        long groups = Groups(node), size = shape[1] / groups;
        // Scale and bias are per group up to version 20, per channel from 21 on.
        Shape affine = [node.Opset < 21 ? groups : shape[1]], view = [1, groups, node.Opset < 21 ? 1 : size, 1];
        return Start(node, NormalizationKind.Group, [shape[0], groups, size, shape.CountOf(2..)], a => a >= 2, node.Attributes.Float("epsilon", 1e-5f)) with
        {
            Scale = affine,
            ScaleView = view,
            Bias = affine,
            BiasView = view,
        };
    }

    protected override bool Makes(NormalizationKind kind) => kind == NormalizationKind.Group;

    protected override void Check(NodeFacts node, SymbolicShape shape)
    {
        CheckImage(shape);
        StashType(node);
        long groups = Groups(node);
        if (shape[1].TryGetValue(out long channels) && channels % groups != 0)
            throw new OpException($"attribute num_groups is {groups}, must divide the {channels} channels");
        Dim affine = node.Opset < 21 ? groups : shape[1];
        CheckVector(node, 1, affine);
        CheckVector(node, 2, affine);
    }

    private static long Groups(NodeFacts node)
    {
        long groups = node.Attributes.Int("num_groups");
        return groups >= 1 ? groups : throw new OpException($"attribute num_groups is {groups}, must be at least 1");
    }
}

internal sealed class MeanVarianceOp() : NormalizationOp(NormalizationAlgorithms.All)
{
    // The standard's function body has this constant.
    private const float Epsilon = 1e-9f;

    public override Problem CreateProblem(NodeFacts node)
    {
        Shape shape = node.Tensor(0).KnownShape;
        int[] axes = Axes(node, shape.Rank);
        return Start(node, NormalizationKind.MeanVariance, shape, a => axes.Contains(a), Epsilon);
    }

    protected override bool Makes(NormalizationKind kind) => kind == NormalizationKind.MeanVariance;

    protected override void Check(NodeFacts node, SymbolicShape shape) => Axes(node, shape.Rank);

    private static int[] Axes(NodeFacts node, int rank)
    {
        ImmutableArray<long> axes = node.Attributes.Ints("axes");
        return ShapeMath.NormalizeAxes(axes.IsDefault ? [0, 2, 3] : axes.AsSpan(), rank);
    }
}

internal sealed class LpNormOp() : NormalizationOp(NormalizationAlgorithms.Uncentred)
{
    public override Problem CreateProblem(NodeFacts node)
    {
        Shape shape = node.Tensor(0).KnownShape;
        int axis = ShapeMath.NormalizeAxis(node.Attributes.Int("axis", -1), shape.Rank);
        return Start(node, Kind(node), shape, a => a == axis, 0);
    }

    protected override bool Makes(NormalizationKind kind) => kind is NormalizationKind.L1 or NormalizationKind.L2;

    protected override void Check(NodeFacts node, SymbolicShape shape)
    {
        ShapeMath.NormalizeAxis(node.Attributes.Int("axis", -1), shape.Rank);
        Kind(node);
    }

    private static NormalizationKind Kind(NodeFacts node) => node.Attributes.Int("p", 2) switch
    {
        1 => NormalizationKind.L1,
        2 => NormalizationKind.L2,
        var p => throw new OpException($"attribute p is {p}, must be 1 or 2"),
    };
}
