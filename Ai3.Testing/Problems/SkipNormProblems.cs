using Ai3.Ops;
using Ai3.Tensors;

namespace Ai3.Testing;

/// <summary>Problems of the normalisations that add first.</summary>
internal sealed class SkipNormProblems : ProblemGenerator<SkipNormProblem>
{
    private static readonly int[] s_edges = [4, 8, 16, 32, 64];

    /// <inheritdoc/>
    protected override SkipNormProblem Generate(ProblemRequest request, TestRandom random)
    {
        NormalizationKind kind = request.Op is SkipNormOp op ? op.Kind : NormalizationKind.Layer;
        long width = random.Chance(0.1) && request.Size > 8 ? random.Between(4000, 9000) : random.Dim(2 * request.Size, s_edges);
        Shape shape = random.Chance(0.3) ? [random.DimOrZero(5), width] : [random.DimOrZero(3), random.Dim(6), width];
        Shape skip = shape.Rank < 3 || random.Chance(0.6) ? shape : random.Chance(0.5) ? [1, shape[1], width] : [shape[1], width];
        return new SkipNormProblem
        {
            Kind = kind,
            Type = request.RowName == "two_pass" || random.Chance(0.4) ? DType.Float32 : random.Pick(DType.Float64, DType.Float16, DType.BFloat16),
            Shape = shape,
            Skip = skip,
            Epsilon = random.Pick(1e-12f, 1e-5f),
            HasBeta = kind == NormalizationKind.Layer && random.Chance(0.7),
            HasBias = random.Chance(0.5),
            OutputCount = random.Pick(1, 1, 2, 3, 4),
            ConstantInputs = random.Pick(0u, 0b11100u),
        };
    }

    /// <inheritdoc/>
    protected override IEnumerable<SkipNormProblem> Shrink(SkipNormProblem problem)
    {
        if (problem.OutputCount > 1)
            yield return problem with { OutputCount = 1 };
        if (problem.HasBias)
            yield return problem with { HasBias = false };
        if (problem.HasBeta)
            yield return problem with { HasBeta = false };
        if (problem.Skip != problem.Shape)
            yield return problem with { Skip = problem.Shape };
        foreach (long width in (long[])[problem.Shape[^1] / 2, problem.Shape[^1] - 1])
            if (width > 0)
                yield return problem with { Shape = Resized(problem.Shape, width), Skip = Resized(problem.Skip, width) };
    }

    /// <inheritdoc/>
    protected override bool Allows(OpDefinition op, SkipNormProblem problem, CheckMode mode) => mode != CheckMode.ExactInteger;

    private static Shape Resized(Shape shape, long width) => Shape.Create([.. shape.AsSpan()[..^1], width]);
}

/// <summary>Problems of EmbedLayerNormalization.</summary>
internal sealed class EmbedNormProblems : ProblemGenerator<EmbedNormProblem>
{
    /// <inheritdoc/>
    protected override EmbedNormProblem Generate(ProblemRequest request, TestRandom random)
    {
        int tokens = random.Dim(6), batch = random.Between(1, 3);
        return new EmbedNormProblem
        {
            Type = request.RowName == "two_pass" || random.Chance(0.4) ? DType.Float32 : random.Pick(DType.Float64, DType.Float16, DType.BFloat16),
            Batch = batch,
            Tokens = tokens,
            Width = random.Dim(2 * request.Size, 4, 8, 16, 32, 64),
            Words = random.Between(1, 20),
            Positions = tokens + random.Below(3),
            Segments = random.Pick(0, 1, 2),
            HasMask = random.Chance(0.5),
            PositionRows = random.Pick(0, 1, batch),
            Epsilon = random.Pick(1e-12f, 1e-5f),
            OutputCount = random.Between(1, 3),
        };
    }

    /// <inheritdoc/>
    protected override IEnumerable<EmbedNormProblem> Shrink(EmbedNormProblem problem)
    {
        if (problem.OutputCount > 1)
            yield return problem with { OutputCount = 1 };
        if (problem.Segments > 0)
            yield return problem with { Segments = 0 };
        if (problem.Tokens > 1)
            yield return problem with { Tokens = 1 };
        if (problem.Width > 1)
            yield return problem with { Width = problem.Width / 2 };
    }

    /// <inheritdoc/>
    protected override bool Allows(OpDefinition op, EmbedNormProblem problem, CheckMode mode) => mode != CheckMode.ExactInteger;

    /// <inheritdoc/>
    protected override double[] Fill(OpDefinition op, EmbedNormProblem problem, int input, CheckMode mode, TestRandom random) => input switch
    {
        0 => InputFill.Indices(problem.Inputs[0], problem.Words, random, negative: false),
        1 => InputFill.Indices(problem.Inputs[1], problem.Segments, random, negative: false),
        7 => [.. base.Fill(op, problem, input, mode, random).Select(_ => (double)random.Below(2))],
        8 => InputFill.Indices(problem.Inputs[8], problem.Positions, random, negative: false),
        _ => base.Fill(op, problem, input, mode, random),
    };
}
