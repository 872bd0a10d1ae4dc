using Ai3.Ops;
using Ai3.Tensors;

namespace Ai3.Testing;

/// <summary>Problems of the losses.</summary>
internal sealed class LossProblems : ProblemGenerator<LossProblem>
{
    protected override LossProblem Generate(ProblemRequest request, TestRandom random)
    {
        DType type = random.Pick(DType.Float32, DType.Float32, DType.Float64, DType.Float16, DType.BFloat16);
        long classes = random.Dim(request.Size);
        long[] inner = [.. Enumerable.Range(0, random.Below(3)).Select(_ => (long)random.DimOrZero(6))];
        long samples = random.DimOrZero(8);
        bool softmax = ((LossOp)request.Op).Softmax;
        return new LossProblem
        {
            Softmax = softmax,
            X = new(type, [samples, classes, .. inner]),
            Target = new(random.Pick(DType.Int32, DType.Int64), [samples, .. inner]),
            Weight = random.Chance(0.5) ? new(type, [classes]) : TensorType.Absent,
            Reduction = random.Pick(Enum.GetValues<LossReduction>()),
            Ignored = random.Chance(0.5) ? random.Pick(-1, 0, (int)classes - 1, (int)classes, -100) : null,
            WithLogProb = softmax && random.Chance(0.5),
        }.Checked();
    }

    protected override IEnumerable<LossProblem> Shrink(LossProblem p)
    {
        if (!p.Weight.IsAbsent)
            yield return p with { Weight = TensorType.Absent };
        if (p.X.Shape[0] > 1)
            yield return p with { X = p.X with { Shape = MovementRandom.With(p.X.Shape, 0, 1) }, Target = p.Target with { Shape = MovementRandom.With(p.Target.Shape, 0, 1) } };
        for (int axis = 2; axis < p.X.Shape.Rank; axis++)
            if (p.X.Shape[axis] > 1)
                yield return p with { X = p.X with { Shape = MovementRandom.With(p.X.Shape, axis, 1) }, Target = p.Target with { Shape = MovementRandom.With(p.Target.Shape, axis - 1, 1) } };
    }

    protected override double[] Fill(OpDefinition op, LossProblem p, int input, CheckMode mode, TestRandom random)
    {
        if (input != 1)
            return base.Fill(op, p, input, mode, random);
        var targets = new double[p.Count];
        for (int i = 0; i < targets.Length; i++)
            targets[i] = p.Ignored is { } ignored && random.Chance(0.3) ? ignored : random.Below((int)p.Classes);
        return targets;
    }

    // Logarithms and quotients of whole numbers are not whole.
    protected override bool Allows(OpDefinition op, LossProblem problem, CheckMode mode) =>
        mode != CheckMode.ExactInteger || !problem.Softmax && problem.Reduction != LossReduction.Mean;
}
