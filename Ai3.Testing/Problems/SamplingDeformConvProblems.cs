using System.Collections.Immutable;
using Ai3.Ops;
using Ai3.Tensors;

namespace Ai3.Testing;

/// <summary>Problems of DeformConv.</summary>
internal sealed class DeformConvProblems : ProblemGenerator<DeformConvProblem>
{
    protected override DeformConvProblem Generate(ProblemRequest request, TestRandom random)
    {
        long group = random.Pick(1, 1, 2), offsetGroups = random.Pick(1, 1, 2, 3);
        return new DeformConvProblem
        {
            Type = request.RowName == "columns" || random.Chance(0.6) ? DType.Float32 : random.Pick(DType.Float64, DType.Float16),
            N = random.DimOrZero(2),
            C = group * offsetGroups * random.Between(1, 2),
            M = group * random.Dim(Math.Min(request.Size, 36), 4, 32),
            Group = group,
            OffsetGroups = offsetGroups,
            Axes = [.. Enumerable.Range(0, random.Pick(1, 2, 2, 2, 3)).Select(_ => SamplingProblems.Window(random, Math.Min(request.Size, 7)))],
            HasBias = random.Chance(0.5),
            HasMask = random.Chance(0.5),
        };
    }

    protected override IEnumerable<DeformConvProblem> Shrink(DeformConvProblem p)
    {
        if (p.N > 1)
            yield return p with { N = 1 };
        if (p.M > p.Group)
            yield return p with { M = p.Group };
        if (p.HasBias)
            yield return p with { HasBias = false };
        if (p.HasMask)
            yield return p with { HasMask = false };
        if (p.Group > 1)
            yield return p with { Group = 1 };
        if (p.OffsetGroups > 1)
            yield return p with { OffsetGroups = 1 };
        if (p.Axes.Length > 1)
            yield return p with { Axes = p.Axes[1..] };
        foreach (ImmutableArray<WindowAxis> axes in SamplingProblems.Smaller(p.Axes))
            yield return p with { Axes = axes };
    }

    protected override double[] Fill(OpDefinition op, DeformConvProblem problem, int input, CheckMode mode, TestRandom random)
    {
        double[] values = base.Fill(op, problem, input, mode, random);
        for (int i = 0; input == 2 && mode is not (CheckMode.Specials or CheckMode.ExactInteger) && i < values.Length; i++)
            values[i] = InputFill.Round(problem.Type, 3 * random.Signed());
        return values;
    }
}
