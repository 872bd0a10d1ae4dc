using Ai3.Ops;
using Ai3.Tensors;

namespace Ai3.Testing;

/// <summary>Problems of BitCast.</summary>
internal sealed class BitCastProblems : ProblemGenerator<BitCastProblem>
{
    private static readonly DType[] s_types = [.. Enum.GetValues<DType>().Where(t => t.BitsPerElement() is > 0 and <= 64)];

    protected override BitCastProblem Generate(ProblemRequest request, TestRandom random)
    {
        DType from = random.Pick(s_types);
        DType to = random.Pick<DType>([.. s_types.Where(t => t.BitsPerElement() == from.BitsPerElement())]);
        return BitCastProblem.Create(new(from, Shape.Create(MovementRandom.Dims(request, random, 0, 4))), to);
    }

    protected override IEnumerable<BitCastProblem> Shrink(BitCastProblem p) =>
        MovementRandom.Smaller(p.Input.Shape).Select(s => p with { Input = p.Input with { Shape = MovementRandom.With(p.Input.Shape, s.Axis, s.Extent) } });
}
