using System.Collections.Immutable;
using Ai3.Ops;
using Ai3.Tensors;

namespace Ai3.Testing;

/// <summary>Problems of Col2Im.</summary>
internal sealed class Col2ImProblems : ProblemGenerator<Col2ImProblem>
{
    protected override Col2ImProblem Generate(ProblemRequest request, TestRandom random) => new()
    {
        Type = random.Pick(DType.Float32, DType.Float32, DType.Float64, DType.Float16, DType.Int8),
        N = random.DimOrZero(3),
        C = random.DimOrZero(4),
        Axes = [.. Enumerable.Range(0, random.Between(1, 3)).Select(_ => SamplingProblems.Window(random, Math.Min(request.Size, 8)))],
    };

    protected override IEnumerable<Col2ImProblem> Shrink(Col2ImProblem p)
    {
        if (p.N > 1)
            yield return p with { N = 1 };
        if (p.C > 1)
            yield return p with { C = 1 };
        if (p.Axes.Length > 1)
            yield return p with { Axes = p.Axes[1..] };
        foreach (ImmutableArray<WindowAxis> axes in SamplingProblems.Smaller(p.Axes))
            yield return p with { Axes = axes };
    }
}
