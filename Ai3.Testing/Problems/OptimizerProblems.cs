using Ai3.Ops;
using Ai3.Tensors;

namespace Ai3.Testing;

/// <summary>Problems of the optimizers.</summary>
internal sealed class OptimizerProblems : ProblemGenerator<OptimizerProblem>
{
    protected override OptimizerProblem Generate(ProblemRequest request, TestRandom random)
    {
        OptimizerRule rule = request.Op.Name switch
        {
            "Adagrad" => OptimizerRule.Adagrad,
            "Adam" => OptimizerRule.Adam,
            _ => random.Pick(OptimizerRule.Momentum, OptimizerRule.Nesterov),
        };
        TensorType[] tensors = [.. Enumerable.Range(0, random.Between(1, 3)).Select(_ =>
            new TensorType(random.Pick(DType.Float32, DType.Float64), Shape.Create(MovementRandom.Dims(request, random, 0, 2))))];
        bool adam = rule == OptimizerRule.Adam, adagrad = rule == OptimizerRule.Adagrad;
        return new OptimizerProblem
        {
            Rule = rule,
            Operands = [new(random.Pick(DType.Float32, DType.Float64), random.Chance(0.5) ? Shape.Scalar : [1]), new(DType.Int64, Shape.Scalar),
                .. Enumerable.Repeat(tensors, adam ? 4 : 3).SelectMany(t => t)],
            Alpha = adagrad ? 0 : (float)random.Unit(),
            Beta = adagrad ? 0 : (float)random.Unit(),
            Epsilon = adam || adagrad ? 1e-3f : 0,
            Norm = random.Chance(0.5) ? (float)random.Unit() : 0,
            NormPost = adam && random.Chance(0.5) ? (float)random.Unit() : 0,
            Decay = adagrad ? (float)random.Unit() : 0,
        }.Checked();
    }

    protected override IEnumerable<OptimizerProblem> Shrink(OptimizerProblem p)
    {
        if (p.Norm != 0)
            yield return p with { Norm = 0 };
        if (p.Count > 1)
            yield return p with { Operands = [.. p.Operands.Where((_, i) => i < 2 || (i - 2) % p.Count == 0)] };
    }

    // Squares that were summed up are not negative.
    protected override double[] Fill(OpDefinition op, OptimizerProblem p, int input, CheckMode mode, TestRandom random) => input switch
    {
        0 => [InputFill.Round(p.Operands[0].Type, random.Unit())],
        1 => [random.Below(5)],
        _ when p.Groups == 3 && p.Rule == OptimizerRule.Adagrad && input >= 2 + 2 * p.Count || input >= 2 + 3 * p.Count =>
            Array.ConvertAll(base.Fill(op, p, input, mode, random), Math.Abs),
        _ => base.Fill(op, p, input, mode, random),
    };

    protected override bool Allows(OpDefinition op, OptimizerProblem problem, CheckMode mode) => mode != CheckMode.ExactInteger;
}
