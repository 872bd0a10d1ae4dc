using Ai3.Ops;
using Ai3.Tensors;

namespace Ai3.Testing;

/// <summary>Problems of RotaryEmbedding.</summary>
internal sealed class RotaryProblems : ProblemGenerator<RotaryProblem>
{
    /// <inheritdoc/>
    protected override RotaryProblem Generate(ProblemRequest request, TestRandom random)
    {
        bool fast = request.RowName == "simd", positionsFirst = request.Op is RotaryOp { PositionsFirst: true };
        int batch = random.DimOrZero(3), heads = random.Between(1, 3), length = random.Dim(6);
        long half = random.Dim(request.Size, 4, 8, 16, 32), size = 2 * half + (random.Chance(0.3) ? random.Between(1, 9) : 0);
        bool looksUp = positionsFirst || random.Chance(0.6), counts = positionsFirst && random.Chance(0.3);
        return new RotaryProblem
        {
            Type = fast || random.Chance(0.4) ? DType.Float32 : random.Pick(DType.Float64, DType.Float16, DType.BFloat16),
            Shape = random.Chance(0.5) ? [batch, heads, length, size] : [batch, length, heads * size],
            Heads = heads,
            Table = looksUp ? [length + random.Between(1, 5), half] : [batch, length, half],
            Positions = counts ? [1] : looksUp ? [batch, length] : null,
            Interleaved = !fast && random.Chance(0.5),
            PositionsFirst = positionsFirst,
        };
    }

    /// <inheritdoc/>
    protected override IEnumerable<RotaryProblem> Shrink(RotaryProblem problem)
    {
        if (problem.Interleaved)
            yield return problem with { Interleaved = false };
    }

    /// <inheritdoc/>
    protected override double[] Fill(OpDefinition op, RotaryProblem problem, int input, CheckMode mode, TestRandom random)
    {
        if (input != (problem.PositionsFirst ? 1 : 3))
            return base.Fill(op, problem, input, mode, random);
        bool counts = problem.PositionsFirst && problem.Positions!.Value.Rank == 1;
        return InputFill.Indices(problem.Inputs[input], problem.Table[0] - (counts ? problem.Shape[problem.Shape.Rank == 4 ? 2 : 1] - 1 : 0), random, negative: false);
    }
}

/// <summary>Problems of FastGelu: with and without a bias.</summary>
internal sealed class FastGeluProblems : ProblemGenerator<ElementwiseProblem>
{
    /// <inheritdoc/>
    public override bool Serves(OpDefinition op) => op is FastGeluOp;

    /// <inheritdoc/>
    protected override ElementwiseProblem Generate(ProblemRequest request, TestRandom random)
    {
        DType type = request.RowName == "simd" || random.Chance(0.4) ? DType.Float32 : random.Pick(DType.Float64, DType.Float16, DType.BFloat16);
        var x = new TensorType(type, [random.DimOrZero(6), random.Dim(3 * request.Size, 4, 8, 16, 32, 64)]);
        bool biased = random.Chance(0.6);
        return new ElementwiseProblem
        {
            Function = biased ? "bias_gelu_tanh" : "gelu_tanh",
            Operands = biased ? [x, new TensorType(type, [x.Shape[1]])] : random.Chance(0.5) ? [x] : [x, TensorType.Absent],
            Output = x,
        };
    }

    /// <inheritdoc/>
    protected override IEnumerable<ElementwiseProblem> Shrink(ElementwiseProblem problem)
    {
        Shape shape = problem.Output.Shape;
        if (shape[0] > 1)
            yield return problem with { Operands = problem.Operands.SetItem(0, problem.Output with { Shape = [1, shape[1]] }), Output = problem.Output with { Shape = [1, shape[1]] } };
    }
}
