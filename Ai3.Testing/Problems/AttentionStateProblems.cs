using Ai3.Ops;
using Ai3.Tensors;

namespace Ai3.Testing;

/// <summary>Problems of TensorScatter.</summary>
internal sealed class TensorScatterProblems : ProblemGenerator<TensorScatterProblem>
{
    /// <inheritdoc/>
    protected override TensorScatterProblem Generate(ProblemRequest request, TestRandom random)
    {
        int rank = random.Between(2, 4);
        Shape shape = Shape.Create([.. Enumerable.Range(0, rank).Select(_ => (long)random.DimOrZero(Math.Min(request.Size, 9)))]);
        int axis = random.Between(1, rank - 1);
        return new TensorScatterProblem
        {
            Type = random.Pick(DType.Float32, DType.Float16, DType.Int8, DType.Int64),
            Shape = shape,
            Rows = random.Between(0, (int)shape[axis]),
            Axis = axis,
            Circular = random.Chance(0.5),
            HasIndices = random.Chance(0.7),
        };
    }

    /// <inheritdoc/>
    protected override IEnumerable<TensorScatterProblem> Shrink(TensorScatterProblem problem)
    {
        if (problem.HasIndices)
            yield return problem with { HasIndices = false };
        if (problem.Rows > 0)
            yield return problem with { Rows = problem.Rows - 1 };
    }

    /// <inheritdoc/>
    protected override double[] Fill(OpDefinition op, TensorScatterProblem problem, int input, CheckMode mode, TestRandom random)
    {
        if (input != 2)
            return base.Fill(op, problem, input, mode, random);
        int last = (int)(problem.Circular ? 2 * problem.Shape[problem.Axis] : problem.Shape[problem.Axis] - problem.Rows);
        return [.. Enumerable.Range(0, (int)problem.Shape[0]).Select(_ => (double)random.Between(0, last))];
    }
}

/// <summary>Problems of CausalConvWithState.</summary>
internal sealed class CausalConvProblems : ProblemGenerator<CausalConvProblem>
{
    /// <inheritdoc/>
    protected override CausalConvProblem Generate(ProblemRequest request, TestRandom random) => new()
    {
        Type = random.Chance(0.4) ? DType.Float32 : random.Pick(DType.Float64, DType.Float16, DType.BFloat16),
        Shape = [random.DimOrZero(3), random.Dim(request.Size, 4, 8), random.DimOrZero(request.Size, 4, 8)],
        Kernel = random.Between(1, 5),
        Silu = random.Chance(0.5),
        HasBias = random.Chance(0.5),
        HasPast = random.Chance(0.5),
        OutputCount = random.Between(1, 2),
    };

    /// <inheritdoc/>
    protected override IEnumerable<CausalConvProblem> Shrink(CausalConvProblem problem)
    {
        if (problem.Silu)
            yield return problem with { Silu = false };
        if (problem.HasPast)
            yield return problem with { HasPast = false };
        if (problem.Shape[2] > 1)
            yield return problem with { Shape = [problem.Shape[0], problem.Shape[1], problem.Shape[2] / 2] };
    }

    /// <inheritdoc/>
    protected override bool Allows(OpDefinition op, CausalConvProblem problem, CheckMode mode) => mode != CheckMode.ExactInteger || !problem.Silu;

    /// <inheritdoc/>
    protected override double? Alarm(OpDefinition op, CausalConvProblem problem, Algorithm row, ErrorBound bound) => null;
}

/// <summary>Problems of LinearAttention.</summary>
internal sealed class LinearAttentionProblems : ProblemGenerator<LinearAttentionProblem>
{
    /// <inheritdoc/>
    protected override LinearAttentionProblem Generate(ProblemRequest request, TestRandom random)
    {
        bool fast = request.RowName == "recurrent", gated = random.Chance(0.5), delta = random.Chance(0.5);
        int heads = random.Between(1, 3);
        DType type = fast || random.Chance(0.4) ? DType.Float32 : random.Pick(DType.Float64, DType.Float16, DType.BFloat16);
        return new LinearAttentionProblem
        {
            Type = type,
            StateType = fast || random.Chance(0.7) ? type : DType.Float32,
            Batch = random.DimOrZero(3),
            Tokens = random.DimOrZero(5),
            Heads = heads * random.Between(1, 3),
            KvHeads = heads,
            KeySize = random.Dim(Math.Min(request.Size, 20), 4, 8, 16),
            ValueSize = random.Dim(request.Size, 4, 8, 16, 32),
            Scale = random.Pick(1f, 0.25f),
            Gated = gated,
            Delta = delta,
            HasPast = random.Chance(0.5),
            DecayPerKey = gated && random.Chance(0.5),
            BetaPerHead = delta && heads > 1 && random.Chance(0.5),
            OutputCount = random.Between(1, 2),
        };
    }

    /// <inheritdoc/>
    protected override IEnumerable<LinearAttentionProblem> Shrink(LinearAttentionProblem problem)
    {
        if (problem.Gated)
            yield return problem with { Gated = false, DecayPerKey = false };
        if (problem.Delta)
            yield return problem with { Delta = false, BetaPerHead = false };
        if (problem.Tokens > 1)
            yield return problem with { Tokens = problem.Tokens - 1 };
        if (problem.ValueSize > 1)
            yield return problem with { ValueSize = problem.ValueSize / 2 };
    }

    /// <inheritdoc/>
    protected override bool Allows(OpDefinition op, LinearAttentionProblem problem, CheckMode mode) => mode is not (CheckMode.ExactInteger or CheckMode.WideRange);

    /// <inheritdoc/>
    protected override double[] Fill(OpDefinition op, LinearAttentionProblem problem, int input, CheckMode mode, TestRandom random)
    {
        // A decay is a logarithm below 0.
        double[] values = base.Fill(op, problem, input, mode, random);
        return input == 4 && mode != CheckMode.Specials ? [.. values.Select(v => v > 0 ? -v : v)] : values;
    }
}
