using Ai3.Ops;
using Ai3.Tensors;

namespace Ai3.Testing;

/// <summary>Problems of the random operators, whose memory is checked; what they draw is tested elsewhere.</summary>
internal sealed class RandomProblems : ProblemGenerator<RandomProblem>
{
    protected override RandomProblem Generate(ProblemRequest request, TestRandom random)
    {
        var op = (RandomOp)request.Op;
        Shape shape = Shape.Create(MovementRandom.Dims(request, random, 0, 3));
        DType real = random.Pick(DType.Float32, DType.Float64, DType.Float16, DType.BFloat16);
        float? seed = random.Chance(0.5) ? (float)random.Signed() * 100 : null;
        switch (op.Kind)
        {
            case RandomKind.Multinomial:
                long batch = random.DimOrZero(5);
                return RandomProblem.Create(op.Kind, new(real, [batch, random.Dim(request.Size)]), new(random.Pick(DType.Int32, DType.Int64), [batch, random.DimOrZero(request.Size)]), 0, 0, seed);
            case RandomKind.Bernoulli:
                return RandomProblem.Create(op.Kind, new(real, shape), new(random.Pick(real, DType.Bool, DType.Int8, DType.UInt64), shape), 0, 0, seed);
            default:
                float a = random.Between(-3, 3);
                return RandomProblem.Create(op.Kind, op.MinInputs == 0 ? TensorType.Absent : new(real, shape), new(real, shape), a, Math.Abs(a) + random.Between(0, 2), seed);
        }
    }

    protected override IEnumerable<RandomProblem> Shrink(RandomProblem problem) => [];
}
