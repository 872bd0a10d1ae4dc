using System.Collections.Immutable;
using Ai3.Ops;
using Ai3.Tensors;

namespace Ai3.Testing;

/// <summary>Problems of GridSample.</summary>
internal sealed class GridSampleProblems : ProblemGenerator<GridSampleProblem>
{
    protected override GridSampleProblem Generate(ProblemRequest request, TestRandom random)
    {
        int rank = random.Pick(1, 2, 2, 2, 3);
        return new GridSampleProblem
        {
            Type = random.Pick(DType.Float32, DType.Float32, DType.Float64, DType.Float16, DType.BFloat16, DType.Int8, DType.UInt8),
            GridType = random.Pick(DType.Float32, DType.Float32, DType.Float64, DType.Float16),
            N = random.DimOrZero(3),
            C = random.DimOrZero(5),
            In = [.. Enumerable.Range(0, rank).Select(_ => (long)random.Dim(Math.Min(request.Size, 9)))],
            Out = [.. Enumerable.Range(0, rank).Select(_ => (long)random.DimOrZero(Math.Min(request.Size, 6)))],
            Mode = random.Pick(Enum.GetValues<ResizeMode>()),
            Padding = random.Pick(Enum.GetValues<GridPadding>()),
            AlignCorners = random.Chance(0.5),
        };
    }

    protected override IEnumerable<GridSampleProblem> Shrink(GridSampleProblem p)
    {
        if (p.N > 1)
            yield return p with { N = 1 };
        if (p.C > 1)
            yield return p with { C = p.C - 1 };
        if (p.In.Length > 1)
            yield return p with { In = p.In[1..], Out = p.Out[1..] };
        foreach (ImmutableArray<long> dims in SamplingProblems.Smaller(p.In))
            yield return p with { In = dims };
        foreach (ImmutableArray<long> dims in SamplingProblems.Smaller(p.Out))
            yield return p with { Out = dims };
    }

    protected override double[] Fill(OpDefinition op, GridSampleProblem problem, int input, CheckMode mode, TestRandom random)
    {
        double[] values = base.Fill(op, problem, input, mode, random);
        if (input != 1 || mode == CheckMode.WideRange)
            return values;
        for (int i = 0; i < values.Length; i++)
            if (mode != CheckMode.Specials || random.Chance(0.8))
                values[i] = InputFill.Round(problem.GridType, random.Pick(random.Signed(), 1.7 * random.Signed(), -1, 1, 0, 5 * random.Signed()));
        return values;
    }
}
