using Ai3.Ops;
using Ai3.Tensors;

namespace Ai3.Testing;

/// <summary>Problems of MaxRoiPool.</summary>
internal sealed class MaxRoiPoolProblems : ProblemGenerator<MaxRoiPoolProblem>
{
    protected override MaxRoiPoolProblem Generate(ProblemRequest request, TestRandom random) => new()
    {
        Type = random.Pick(DType.Float32, DType.Float32, DType.Float64, DType.Float16),
        N = random.Between(1, 3),
        C = random.DimOrZero(4),
        H = random.DimOrZero(Math.Min(request.Size, 12)),
        W = random.Dim(Math.Min(request.Size, 12)),
        Rois = random.DimOrZero(4),
        OutH = random.Between(1, 4),
        OutW = random.Between(1, 4),
        Scale = random.Pick(1f, 0.5f, 0.25f),
    };

    protected override IEnumerable<MaxRoiPoolProblem> Shrink(MaxRoiPoolProblem p)
    {
        MaxRoiPoolProblem[] simpler = [p with { N = 1 }, p with { C = 1 }, p with { Rois = 1 }, p with { OutH = 1 }, p with { OutW = 1 }, p with { Scale = 1 }, p with { H = 1 }, p with { W = 1 }];
        return simpler.Where(s => s != p);
    }

    protected override bool SignOfZeroMatters(OpDefinition op, MaxRoiPoolProblem problem) => false;

    protected override double[] Fill(OpDefinition op, MaxRoiPoolProblem problem, int input, CheckMode mode, TestRandom random)
    {
        double[] values = base.Fill(op, problem, input, mode, random);
        for (int i = 0; input == 1 && i < values.Length; i++)
            if (i % 5 == 0)
                values[i] = random.Below((int)problem.N);
            else if (mode != CheckMode.Specials || random.Chance(0.8))
                values[i] = InputFill.Round(problem.Type, (random.Unit() * 1.6 - 0.3) * Math.Max(problem.H, problem.W) / problem.Scale);
        return values;
    }
}
