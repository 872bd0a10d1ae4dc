using Ai3.Testing;

namespace Ai3.SelfTest;

/// <summary>Problems for <see cref="ScaleOp"/>: an example of a generator.</summary>
public sealed class ScaleProblems : ProblemGenerator<ScaleProblem>
{
    protected override ScaleProblem Generate(ProblemRequest request, TestRandom random)
    {
        int lanes = request.Target.ChannelBlock;
        return new ScaleProblem(random.DimOrZero(3), random.Dim(request.Size, lanes), random.Dim(request.Size, lanes))
        {
            ConstantInputs = random.Chance(0.7) ? 2u : 0,
        };
    }

    protected override IEnumerable<ScaleProblem> Shrink(ScaleProblem problem)
    {
        foreach (long n in Smaller(problem.N))
            yield return problem with { N = n };
        foreach (long c in Smaller(problem.C))
            yield return problem with { C = c };
        foreach (long p in Smaller(problem.P))
            yield return problem with { P = p };
    }

    private static IEnumerable<long> Smaller(long dim) => dim <= 1 ? [] : dim == 2 ? [1] : [dim / 2, dim - 1];
}
