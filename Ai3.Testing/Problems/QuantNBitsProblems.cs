using Ai3.Ops;
using Ai3.Tensors;

namespace Ai3.Testing;

/// <summary>Problems of MatMulNBits.</summary>
internal sealed class QuantNBitsProblems : ProblemGenerator<NBitsProblem>
{
    /// <inheritdoc/>
    protected override NBitsProblem Generate(ProblemRequest request, TestRandom random)
    {
        bool rows = request.RowName == "rows";
        long k = random.Dim(4 * request.Size, 16, 32, 64), n = random.Dim(request.Size, 8, 16, 32);
        int bits = rows ? random.Pick(4, 4, 8) : random.Pick(2, 4, 4, 8);
        DType type = request.RowName is "reference" or "" && random.Chance(0.4) ? random.Pick(DType.Float16, DType.BFloat16) : DType.Float32;
        long[] batch = random.Below(4) switch { 0 => [], 1 => [2, random.Dim(4)], _ => [random.Dim(10, 4, 8)] };
        return new NBitsProblem
        {
            Type = type,
            ShapeA = Shape.Create([.. batch, k]),
            N = n,
            K = k,
            Bits = bits,
            Block = rows ? random.Pick(32, 64, 128) : random.Pick(16, 32, 64),
            ZeroType = random.Below(3) switch { 0 => DType.UInt8, 1 => type, _ => DType.Undefined },
            HasBias = random.Chance(0.3),
            ConstantInputs = rows || random.Chance(0.5) ? 0b101110u : 0,
        };
    }

    /// <inheritdoc/>
    protected override IEnumerable<NBitsProblem> Shrink(NBitsProblem problem)
    {
        if (problem.HasBias)
            yield return problem with { HasBias = false };
        if (problem.ZeroType != DType.Undefined)
            yield return problem with { ZeroType = DType.Undefined };
        if (problem.ShapeA.Rank > 1)
            yield return problem with { ShapeA = [problem.K] };
        if (problem.N > 1)
            yield return problem with { N = problem.N / 2 };
        if (problem.K > 1)
            yield return problem with { K = problem.K / 2, ShapeA = [problem.K / 2] };
    }

    /// <inheritdoc/>
    protected override double[] Fill(OpDefinition op, NBitsProblem problem, int input, CheckMode mode, TestRandom random)
    {
        TensorType operand = problem.Inputs[input];
        if (operand.Type == DType.UInt8)
            return QuantValues.Codes(operand, random);
        // Sums of a block are scaled at its end: with extremes they must not overflow before.
        if (input == 2 && mode == CheckMode.Specials)
            return [.. QuantValues.Scales(operand, random).Select(s => Math.Max(1, s))];
        if (input == 2)
            return mode == CheckMode.ExactInteger ? [.. Enumerable.Repeat(1.0, (int)operand.Shape.Count)] : QuantValues.Scales(operand, random);
        return base.Fill(op, problem, input, input == 3 && mode != CheckMode.ExactInteger ? CheckMode.RandomSigns : mode, random);
    }
}
