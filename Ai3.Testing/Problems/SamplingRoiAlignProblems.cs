using Ai3.Ops;
using Ai3.Tensors;

namespace Ai3.Testing;

/// <summary>Problems of RoiAlign.</summary>
internal sealed class RoiAlignProblems : ProblemGenerator<RoiAlignProblem>
{
    protected override RoiAlignProblem Generate(ProblemRequest request, TestRandom random) => new()
    {
        Type = random.Pick(DType.Float32, DType.Float32, DType.Float64, DType.Float16),
        N = random.Between(1, 3),
        C = random.DimOrZero(4),
        H = random.Dim(Math.Min(request.Size, 12)),
        W = random.Dim(Math.Min(request.Size, 12)),
        Rois = random.DimOrZero(4),
        OutH = random.Between(1, 4),
        OutW = random.Between(1, 4),
        Max = random.Chance(0.4),
        HalfPixel = random.Chance(0.5),
        SamplingRatio = random.Pick(0, 0, 1, 2, 3),
        Scale = random.Pick(1f, 0.5f, 0.0625f, 0.3f),
    };

    protected override IEnumerable<RoiAlignProblem> Shrink(RoiAlignProblem p)
    {
        RoiAlignProblem[] simpler =
        [
            p with { N = 1 }, p with { C = 1 }, p with { Rois = 1 }, p with { OutH = 1 }, p with { OutW = 1 }, p with { SamplingRatio = 1 }, p with { Scale = 1 },
            p with { H = Math.Max(1, p.H - 1) }, p with { W = Math.Max(1, p.W - 1) },
        ];
        return simpler.Where(s => s != p);
    }

    protected override double[] Fill(OpDefinition op, RoiAlignProblem problem, int input, CheckMode mode, TestRandom random)
    {
        double[] values = base.Fill(op, problem, input, mode, random);
        if (input == 2)
            return InputFill.Indices(problem.Inputs[2], problem.N, random, negative: false);
        if (input == 1)
            for (int i = 0; i < values.Length; i++)
                if (mode != CheckMode.Specials || random.Chance(0.8))
                    values[i] = InputFill.Round(problem.Type, (random.Unit() * 1.6 - 0.3) * Math.Max(problem.H, problem.W) / problem.Scale);
        return values;
    }
}
