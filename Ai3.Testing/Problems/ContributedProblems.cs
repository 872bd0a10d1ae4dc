using System.Collections.Immutable;
using Ai3.Ops;
using Ai3.Tensors;

namespace Ai3.Testing;

/// <summary>The generators of com.microsoft's operators that share no problem with others.</summary>
internal static class ContributedProblems
{
    public static ImmutableArray<IProblemGenerator> All { get; } =
        [new CDistProblems(), new GatherBlocksProblems(), new NGramBlockProblems(), new NhwcMaxPoolProblems(), new BiasSplitGeluProblems(), new PositionBiasProblems()];
}

/// <summary>Problems of CDist.</summary>
internal sealed class CDistProblems : ProblemGenerator<CDistProblem>
{
    protected override CDistProblem Generate(ProblemRequest request, TestRandom random)
    {
        DType type = random.Pick(DType.Float32, DType.Float64);
        long k = random.DimOrZero(request.Size, 8, 16);
        return new CDistProblem { A = new TensorType(type, [random.DimOrZero(8), k]), B = new TensorType(type, [random.DimOrZero(8), k]), Squared = random.Chance(0.5) };
    }

    protected override IEnumerable<CDistProblem> Shrink(CDistProblem problem)
    {
        if (problem.A.Shape[0] > 1)
            yield return problem with { A = new TensorType(problem.A.Type, [problem.A.Shape[0] / 2, problem.A.Shape[1]]) };
    }
}

/// <summary>Problems of GatherBlockQuantized.</summary>
internal sealed class GatherBlocksProblems : ProblemGenerator<GatherBlocksProblem>
{
    protected override GatherBlocksProblem Generate(ProblemRequest request, TestRandom random)
    {
        DType type = random.Pick(DType.UInt8, DType.Int4, DType.UInt4);
        int bits = type == DType.UInt8 ? random.Pick(4, 8) : 4, rank = random.Between(type == DType.UInt8 ? 2 : 1, 3);
        bool shared = type == DType.UInt8 && bits == 4;
        int gather = random.Below(shared ? rank - 1 : rank), quantize = shared ? rank - 1 : random.Below(rank);
        long[] data = [.. Enumerable.Range(0, rank).Select(a => (long)random.Dim(a == quantize ? 70 : 6, 16, 32))];
        long[] scales = [.. data];
        scales[quantize] = ((shared ? 2 : 1) * data[quantize] + 15) / 16;
        long[] zeros = [.. scales];
        if (shared)
            zeros[^1] = (scales[^1] + 1) / 2;
        long[] indices = [.. Enumerable.Range(0, random.Below(3)).Select(_ => (long)random.DimOrZero(4))];
        return GatherBlocksProblem.Create(
        [
            new(type, Shape.Create(data)), new(random.Pick(DType.Int32, DType.Int64), Shape.Create(indices)), new(random.Pick(DType.Float32, DType.Float16, DType.BFloat16), Shape.Create(scales)),
            random.Chance(0.5) ? new(type, Shape.Create(zeros)) : TensorType.Absent,
        ], gather, quantize, 16, bits);
    }

    protected override IEnumerable<GatherBlocksProblem> Shrink(GatherBlocksProblem problem)
    {
        if (!problem.Operands[3].IsAbsent)
            yield return problem with { Operands = problem.Operands.SetItem(3, TensorType.Absent) };
    }

    protected override double[] Fill(OpDefinition op, GatherBlocksProblem problem, int input, CheckMode mode, TestRandom random)
    {
        if (input == 1)
            return InputFill.Indices(problem.Operands[1], problem.Outputs[0].Shape.Count == 0 && problem.Operands[0].Shape[problem.GatherAxis] == 0 ? 1 : Rows(problem), random);
        return input == 2 ? base.Fill(op, problem, input, mode, random) : QuantValues.Codes(problem.Operands[input], random);
    }

    private static long Rows(GatherBlocksProblem problem) => problem.Operands[0].Shape[problem.GatherAxis];
}

/// <summary>Problems of NGramRepeatBlock: few tokens, so that n-grams repeat.</summary>
internal sealed class NGramBlockProblems : ProblemGenerator<NGramBlockProblem>
{
    protected override NGramBlockProblem Generate(ProblemRequest request, TestRandom random)
    {
        long batch = random.DimOrZero(4);
        return new NGramBlockProblem { Ids = [batch, random.DimOrZero(request.Size)], Scores = [batch, random.Between(1, 6)], Size = random.Between(1, 4) };
    }

    protected override IEnumerable<NGramBlockProblem> Shrink(NGramBlockProblem problem)
    {
        if (problem.Ids[1] > 1)
            yield return problem with { Ids = [problem.Ids[0], problem.Ids[1] / 2] };
    }

    protected override double[] Fill(OpDefinition op, NGramBlockProblem problem, int input, CheckMode mode, TestRandom random) =>
        input == 0 ? InputFill.Indices(problem.Inputs[0], problem.Scores[1], random, negative: false) : base.Fill(op, problem, input, mode, random);
}

/// <summary>Problems of NhwcMaxPool.</summary>
internal sealed class NhwcMaxPoolProblems : ProblemGenerator<NhwcMaxPoolProblem>
{
    protected override NhwcMaxPoolProblem Generate(ProblemRequest request, TestRandom random)
    {
        int rank = random.Between(1, 3);
        long[] spatial = [.. Enumerable.Range(0, rank).Select(_ => (long)random.Between(2, 9))];
        Attributes attributes = Attributes.Empty.With("kernel_shape", List(() => random.Between(1, 3))).With("strides", List(() => random.Between(1, 3)))
            .With("dilations", List(() => random.Between(1, 2))).With("ceil_mode", (long)random.Below(2))
            .With("pads", ImmutableArray.CreateRange(Enumerable.Range(0, 2 * rank).Select(_ => (long)random.Between(2, 3))));
        Shape shape = Shape.Create([random.DimOrZero(3), .. spatial, random.Dim(3 * request.Size, 16, 32, 64)]);
        var node = new NodeFacts(attributes, 1, [new TensorFact(random.Pick(DType.UInt8, DType.Int8), shape)], 1, static () => Dim.Symbol("?"));
        return (NhwcMaxPoolProblem)request.Op.CreateProblem(node);

        ImmutableArray<long> List(Func<int> of) => [.. Enumerable.Range(0, rank).Select(_ => (long)of())];
    }

    protected override IEnumerable<NhwcMaxPoolProblem> Shrink(NhwcMaxPoolProblem problem)
    {
        if (problem.C > 1)
            yield return problem with { C = problem.C / 2 };
        if (problem.N > 1)
            yield return problem with { N = 1 };
    }
}

/// <summary>Problems of BiasSplitGelu.</summary>
internal sealed class BiasSplitGeluProblems : ProblemGenerator<BiasSplitGeluProblem>
{
    protected override BiasSplitGeluProblem Generate(ProblemRequest request, TestRandom random) => new()
    {
        X = new TensorType(request.RowName == "simd" ? DType.Float32 : random.Pick(DType.Float32, DType.Float64, DType.Float16, DType.BFloat16), [random.DimOrZero(4), 2 * random.Dim(request.Size, 4, 8, 16)]),
    };

    protected override IEnumerable<BiasSplitGeluProblem> Shrink(BiasSplitGeluProblem problem)
    {
        if (problem.X.Shape[0] > 1)
            yield return new BiasSplitGeluProblem { X = new TensorType(problem.X.Type, [1, problem.X.Shape[1]]) };
    }
}

/// <summary>Problems of RelativePositionBias.</summary>
internal sealed class PositionBiasProblems : ProblemGenerator<PositionBiasProblem>
{
    protected override PositionBiasProblem Generate(ProblemRequest request, TestRandom random)
    {
        bool both = random.Chance(0.5);
        long side = random.Between(2, 32);
        var length = new TensorType(DType.Int64, random.Chance(0.5) ? Shape.Scalar : [1]);
        return new PositionBiasProblem
        {
            Table = new TensorType(random.Pick(DType.Float32, DType.Float64, DType.Float16, DType.BFloat16), [both ? 2 * side : side, random.Dim(5)]),
            Lengths = [length, length],
            Queries = random.DimOrZero(request.Size),
            Keys = random.DimOrZero(2 * request.Size),
            MaxDistance = side / 2 + random.Between(1, 128),
            Bidirectional = both,
        };
    }

    protected override IEnumerable<PositionBiasProblem> Shrink(PositionBiasProblem problem)
    {
        if (problem.Keys > 1)
            yield return problem with { Keys = problem.Keys / 2 };
        if (problem.Queries > 1)
            yield return problem with { Queries = problem.Queries / 2 };
    }
}
