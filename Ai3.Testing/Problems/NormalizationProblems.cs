using Ai3.Ops;
using Ai3.Tensors;

namespace Ai3.Testing;

/// <summary>Problems of the operators that normalise rows by their own statistics.</summary>
internal sealed class NormalizationProblems : ProblemGenerator<NormalizationProblem>
{
    private static readonly int[] s_edges = [4, 8, 16, 32, 64];

    /// <inheritdoc/>
    protected override NormalizationProblem Generate(ProblemRequest request, TestRandom random)
    {
        bool fast = request.RowName is "two_pass" or "two_pass_strided" or "welford" or "one_pass";
        int size = request.Size;
        NormalizationProblem problem = request.Op.Name switch
        {
            "InstanceNormalization" => Channels(NormalizationKind.Instance, [random.Between(1, 3), random.Dim(size, s_edges), Long(size, random)], 2, random),
            "GroupNormalization" => Channels(NormalizationKind.Group, [random.Between(1, 2), random.Between(1, 4), random.Between(1, 5), random.Dim(size, s_edges)], 2, random),
            "LayerNormalization" => Trailing(NormalizationKind.Layer, size, random),
            "RMSNormalization" or "SimplifiedLayerNormalization" => Trailing(NormalizationKind.Rms, size, random),
            "LpNormalization" => Any(random.Pick(NormalizationKind.L1, NormalizationKind.L2), size, random, request.RowName == "two_pass_strided", single: true),
            _ => Any(NormalizationKind.MeanVariance, size, random, request.RowName == "two_pass_strided", single: false),
        };
        DType type = fast || random.Chance(0.4) ? DType.Float32 : random.Pick(DType.Float64, DType.Float16, DType.BFloat16);
        bool mixed = problem.Kind == NormalizationKind.Rms && request.RowName is "" or "reference" && random.Chance(0.3);
        uint constants = problem.Scale is null ? 0u : problem.Bias is null ? 0b10u : 0b110u;
        bool inverse = request.Op.Name == "SimplifiedLayerNormalization" && random.Chance(0.5);
        bool statistics = problem.Kind == NormalizationKind.Layer && request.RowName != "two_pass_strided" && random.Chance(0.5);
        return problem with
        {
            Type = type,
            OutputType = mixed ? random.Pick(DType.Float32, DType.Float16) : type,
            GivesMean = statistics,
            GivesInverse = inverse || statistics && random.Chance(0.5),
            ConstantInputs = random.Chance(0.5) ? constants : 0,
        };
    }

    /// <inheritdoc/>
    protected override IEnumerable<NormalizationProblem> Shrink(NormalizationProblem problem)
    {
        if (problem.GivesMean || problem.GivesInverse)
            yield return problem with { GivesMean = false, GivesInverse = false };
        if (problem.Kind is NormalizationKind.Layer && problem.Bias is not null)
            yield return problem with { Bias = null, BiasView = default, ConstantInputs = problem.ConstantInputs & 0b10u };
        for (int a = 0; a < problem.View.Rank; a++)
        {
            if (problem.View[a] <= 1)
                continue;
            yield return Resized(problem, a, problem.View[a] / 2);
            yield return Resized(problem, a, problem.View[a] - 1);
        }
    }

    /// <inheritdoc/>
    protected override bool Allows(OpDefinition op, NormalizationProblem problem, CheckMode mode) => mode != CheckMode.ExactInteger;

    private static long Long(int size, TestRandom random) => size > 8 && random.Chance(0.15) ? random.Between(4000, 9000) : random.Dim(2 * size, s_edges);

    // Scale and bias along the channel axes of the view: 1 for the instance form, 1 or 1 and 2 for groups.
    private static NormalizationProblem Channels(NormalizationKind kind, Shape view, int reducedFrom, TestRandom random)
    {
        bool perChannel = kind == NormalizationKind.Instance || random.Chance(0.7);
        long[] affine = [.. view.Select((d, a) => a == 1 || a == 2 && reducedFrom == 2 && view.Rank == 4 && perChannel ? d : 1)];
        Shape vector = [affine.Aggregate(1L, (p, d) => p * d)], affineView = Shape.Create(affine);
        Shape shape = view.Rank == 4 ? [view[0], view[1] * view[2], view[3]] : view;
        return Problem(kind, shape, view, a => a >= reducedFrom) with { Scale = vector, ScaleView = affineView, Bias = vector, BiasView = affineView };
    }

    private static NormalizationProblem Trailing(NormalizationKind kind, int size, TestRandom random)
    {
        int rank = random.Between(1, 4), axis = random.Chance(0.6) ? rank - 1 : random.Below(rank);
        long[] dims = [.. Enumerable.Range(0, rank).Select(a => a == rank - 1 ? Long(size, random) : random.DimOrZero(Math.Min(size, 6)))];
        Shape shape = Shape.Create(dims), scale = Affine(dims, axis, random), bias = Affine(dims, axis, random);
        NormalizationProblem problem = Problem(kind, shape, shape, a => a >= axis) with { Scale = scale, ScaleView = Padded(scale, rank) };
        return kind == NormalizationKind.Layer && random.Chance(0.7) ? problem with { Bias = bias, BiasView = Padded(bias, rank) } : problem;
    }

    // Mostly the dimensions that are normalised; now and then anything that broadcasts.
    private static Shape Affine(long[] dims, int axis, TestRandom random) => random.Below(8) switch
    {
        0 => [1],
        1 => Shape.Create([.. dims.Select(d => random.Chance(0.5) ? d : 1)]),
        _ => Shape.Create(dims.AsSpan()[axis..]),
    };

    private static NormalizationProblem Any(NormalizationKind kind, int size, TestRandom random, bool strided, bool single)
    {
        int rank = random.Between(strided ? 2 : 1, 4);
        long[] dims = [.. Enumerable.Range(0, rank).Select(_ => (long)random.Dim(Math.Min(size, 20), 4, 8, 16))];
        if (size > 8 && random.Chance(0.15))
            dims = [random.Between(250, 800), random.Between(2, 20)];
        rank = dims.Length;
        int axis = strided ? random.Below(rank - 1) : random.Below(rank);
        bool[] reduced = [.. dims.Select((_, a) => a == axis || !single && !strided && random.Chance(0.5))];
        if (strided)
        {
            dims[axis] = Math.Max(dims[axis], 2);
            dims[rank - 1] = Math.Max(dims[rank - 1], 2);
        }
        Shape shape = Shape.Create(dims);
        return Problem(kind, shape, shape, a => reduced[a]) with { Epsilon = kind == NormalizationKind.MeanVariance ? 1e-9f : 0 };
    }

    private static NormalizationProblem Problem(NormalizationKind kind, Shape shape, Shape view, Func<int, bool> reduced) => new()
    {
        Kind = kind,
        Type = DType.Float32,
        OutputType = DType.Float32,
        Shape = shape,
        View = view,
        Reduced = [.. Enumerable.Range(0, view.Rank).Select(reduced)],
        Epsilon = 1e-5f,
    };

    private static Shape Padded(Shape shape, int rank) => Shape.Create([.. Enumerable.Repeat(1L, rank - shape.Rank), .. shape]);

    private static NormalizationProblem Resized(NormalizationProblem problem, int axis, long dim)
    {
        Shape view = With(problem.View, axis, dim);
        Shape scaleView = problem.Scale is null || problem.ScaleView[axis] == 1 ? problem.ScaleView : With(problem.ScaleView, axis, dim);
        Shape biasView = problem.Bias is null || problem.BiasView[axis] == 1 ? problem.BiasView : With(problem.BiasView, axis, dim);
        return problem with
        {
            View = view,
            Shape = problem.Shape.Rank == view.Rank ? view : [view[0], view[1] * view[2], view[3]],
            Scale = problem.Scale is null ? null : Vector(problem.Scale.Value, scaleView),
            ScaleView = scaleView,
            Bias = problem.Bias is null ? null : Vector(problem.Bias.Value, biasView),
            BiasView = biasView,
        };
    }

    // The operator's own form of scale or bias: a vector for channels, otherwise the last axes of the view.
    private static Shape Vector(Shape old, Shape view) => old.Rank == 1 ? [view.Count] : Shape.Create(view.AsSpan()[^old.Rank..]);

    private static Shape With(Shape shape, int axis, long dim)
    {
        long[] dims = shape.ToArray();
        dims[axis] = dim;
        return Shape.Create(dims);
    }
}

/// <summary>Problems of BatchNormalization.</summary>
internal sealed class BatchNormProblems : ProblemGenerator<BatchNormProblem>
{
    /// <inheritdoc/>
    protected override BatchNormProblem Generate(ProblemRequest request, TestRandom random)
    {
        bool fast = request.RowName == "simd";
        int rank = random.Pick(1, 2, 3, 3, 4), size = request.Size;
        DType type = fast || random.Chance(0.4) ? DType.Float32 : random.Pick(DType.Float64, DType.Float16, DType.BFloat16);
        return new BatchNormProblem
        {
            Type = type,
            ScaleType = fast || random.Chance(0.7) ? type : DType.Float32,
            StatisticsType = fast || random.Chance(0.7) ? type : DType.Float32,
            Shape = Shape.Create([.. Enumerable.Range(0, rank).Select(a => (long)random.DimOrZero(a == 1 ? size : rank < 4 || a == 3 ? Math.Min(2 * size, 60) : 4, 4, 8, 16, 32))]),
            PerElement = rank > 1 && random.Chance(0.1),
            Epsilon = random.Pick(1e-5f, 1e-3f),
            Momentum = request.RowName == "training" || request.RowName is null or "reference" && random.Chance(0.2) ? random.Pick(0.9f, 0.5f) : null,
            ConstantInputs = random.Pick(0u, 0b11110u),
        };
    }

    /// <inheritdoc/>
    protected override IEnumerable<BatchNormProblem> Shrink(BatchNormProblem problem)
    {
        if (problem.PerElement)
            yield return problem with { PerElement = false };
        for (int a = 0; a < problem.Shape.Rank; a++)
        {
            long[] dims = problem.Shape.ToArray();
            if (dims[a] <= 1)
                continue;
            dims[a] /= 2;
            yield return problem with { Shape = Shape.Create(dims) };
            dims[a] = problem.Shape[a] - 1;
            yield return problem with { Shape = Shape.Create(dims) };
        }
    }

    /// <inheritdoc/>
    protected override bool Allows(OpDefinition op, BatchNormProblem problem, CheckMode mode) => mode != CheckMode.ExactInteger;

    /// <inheritdoc/>
    protected override double[] Fill(OpDefinition op, BatchNormProblem problem, int input, CheckMode mode, TestRandom random)
    {
        double[] values = base.Fill(op, problem, input, mode, random);
        // A variance is not negative, and far from what epsilon would hide.
        return input == 4 && mode != CheckMode.Specials ? [.. values.Select(v => InputFill.Round(problem.StatisticsType, Math.Abs(v) + 0.125))] : values;
    }
}

/// <summary>Problems of LRN.</summary>
internal sealed class LrnProblems : ProblemGenerator<LrnProblem>
{
    /// <inheritdoc/>
    protected override LrnProblem Generate(ProblemRequest request, TestRandom random)
    {
        int rank = random.Pick(2, 3, 3, 4), size = Math.Min(request.Size, 40);
        return new LrnProblem
        {
            Type = request.RowName == "direct" || random.Chance(0.4) ? DType.Float32 : random.Pick(DType.Float64, DType.Float16, DType.BFloat16),
            Shape = Shape.Create([.. Enumerable.Range(0, rank).Select(a => (long)random.DimOrZero(a == 0 ? 2 : a == 1 || a == rank - 1 ? size : 4, 4, 8, 16, 32))]),
            Size = random.Pick(1, 2, 3, 5, 5, 6, 100),
            Alpha = random.Pick(1e-4f, 1f, 3f),
            Beta = random.Pick(0.75f, 0.75f, 0.5f, 1f, 2f, 0.3f),
            Bias = random.Pick(1f, 2f, 0.5f),
        };
    }

    /// <inheritdoc/>
    protected override IEnumerable<LrnProblem> Shrink(LrnProblem problem)
    {
        if (problem.Size > 1)
            yield return problem with { Size = problem.Size - 1 };
        if (problem.Beta != 1)
            yield return problem with { Beta = 1 };
        for (int a = 0; a < problem.Shape.Rank; a++)
        {
            long[] dims = problem.Shape.ToArray();
            if (dims[a] <= 1)
                continue;
            dims[a] /= 2;
            yield return problem with { Shape = Shape.Create(dims) };
            dims[a] = problem.Shape[a] - 1;
            yield return problem with { Shape = Shape.Create(dims) };
        }
    }

    /// <inheritdoc/>
    protected override bool Allows(OpDefinition op, LrnProblem problem, CheckMode mode) => mode != CheckMode.ExactInteger;
}
