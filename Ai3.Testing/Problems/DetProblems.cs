using Ai3.Ops;
using Ai3.Tensors;

namespace Ai3.Testing;

/// <summary>Problems of Det.</summary>
internal sealed class DetProblems : ProblemGenerator<DetProblem>
{
    protected override DetProblem Generate(ProblemRequest request, TestRandom random)
    {
        long order = random.DimOrZero(Math.Min(request.Size, 9));
        return DetProblem.Create(new(random.Pick(DType.Float32, DType.Float32, DType.Float64, DType.Float16, DType.BFloat16),
            Shape.Create([.. MovementRandom.Dims(request with { Size = 5 }, random, 0, 2), order, order])));
    }

    protected override IEnumerable<DetProblem> Shrink(DetProblem p)
    {
        if (p.Order > 1)
            yield return DetProblem.Create(p.Input with { Shape = Shape.Create([.. p.Input.Shape.SkipLast(2), p.Order - 1, p.Order - 1]) });
        if (p.Input.Shape.Rank > 2)
            yield return DetProblem.Create(p.Input with { Shape = Shape.Create([.. p.Input.Shape.Skip(1)]) });
    }

    // Elimination divides.
    protected override bool Allows(OpDefinition op, DetProblem problem, CheckMode mode) => mode != CheckMode.ExactInteger;

    protected override double? Alarm(OpDefinition op, DetProblem problem, Algorithm row, ErrorBound bound) => null;
}
