using Ai3.Ops;
using Ai3.Tensors;

namespace Ai3.Testing;

/// <summary>Problems of MaxUnpool.</summary>
internal sealed class MaxUnpoolProblems : ProblemGenerator<MaxUnpoolProblem>
{
    protected override MaxUnpoolProblem Generate(ProblemRequest request, TestRandom random)
    {
        int rank = random.Between(3, 5);
        long[] input = [.. Enumerable.Range(0, rank).Select(_ => (long)random.DimOrZero(4))];
        long[] grid = [.. input.Select((d, i) => i < 2 ? d : 2 * d + random.Below(2))];
        if (grid.Contains(0))
            input = grid;
        return new MaxUnpoolProblem
        {
            Type = random.Pick(DType.Float32, DType.Float64, DType.Float16),
            In = Shape.Create(input),
            Grid = Shape.Create(grid),
            Out = Shape.Create([.. grid.Select((d, i) => i < 2 || random.Chance(0.6) ? d : d + random.Below(3))]),
        };
    }

    protected override IEnumerable<MaxUnpoolProblem> Shrink(MaxUnpoolProblem p)
    {
        if (p.Out != p.Grid)
            yield return p with { Out = p.Grid };
        if (p.In.Count > 1 && p.Grid.Count > 0)
            yield return p with { In = Shape.Create([.. p.In.Select(_ => 1L)]) };
    }

    protected override double[] Fill(OpDefinition op, MaxUnpoolProblem problem, int input, CheckMode mode, TestRandom random) =>
        input == 1 ? InputFill.Indices(problem.Inputs[1], Math.Max(problem.Grid.Count, 1), random, negative: false) : base.Fill(op, problem, input, mode, random);
}
