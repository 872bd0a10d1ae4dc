using System.Collections.Immutable;
using Ai3.Ops;
using Ai3.Tensors;

namespace Ai3.Testing;

/// <summary>Problems of AffineGrid.</summary>
internal sealed class AffineGridProblems : ProblemGenerator<AffineGridProblem>
{
    protected override AffineGridProblem Generate(ProblemRequest request, TestRandom random) => new()
    {
        Type = random.Pick(DType.Float32, DType.Float64, DType.Float16),
        N = random.DimOrZero(3),
        Out = [.. Enumerable.Range(0, random.Between(2, 3)).Select(_ => (long)random.DimOrZero(Math.Min(request.Size, 12)))],
        AlignCorners = random.Chance(0.5),
    };

    protected override IEnumerable<AffineGridProblem> Shrink(AffineGridProblem p)
    {
        if (p.N > 1)
            yield return p with { N = 1 };
        foreach (ImmutableArray<long> dims in SamplingProblems.Smaller(p.Out))
            yield return p with { Out = dims };
    }
}
