using System.Collections.Immutable;
using Ai3.Ops;
using Ai3.Tensors;

namespace Ai3.Testing;

/// <summary>Problems of ConvTranspose.</summary>
internal sealed class ConvTransposeProblems : ProblemGenerator<ConvTransposeProblem>
{
    /// <inheritdoc/>
    protected override ConvTransposeProblem Generate(ProblemRequest request, TestRandom random)
    {
        bool gemm = request.RowName == "gemm_col2im", fast = gemm || request.RowName == "direct";
        int size = Math.Min(request.Size, 40);
        int rank = random.Pick(1, 2, 2, 2, 3), wide = random.Chance(0.6) ? rank - 1 : random.Below(rank);
        var axes = ImmutableArray.CreateBuilder<WindowAxis>();
        for (int a = 0; a < rank; a++)
            axes.Add(Axis(a == wide ? random.Dim(size, 4, 8, 16, 32) : random.Dim(Math.Min(size, 5)), random));
        long group = random.Pick(1, 1, 1, 2, 3);
        Func<int, long> channels = gemm ? most => random.Dim(most, 4, 8) : most => random.DimOrZero(most, 4, 8);
        bool bias = random.Chance(0.5);
        return new ConvTransposeProblem
        {
            Type = fast || random.Chance(0.4) ? DType.Float32 : random.Pick(DType.Float64, DType.Float16, DType.BFloat16),
            N = gemm ? random.Between(1, 2) : random.DimOrZero(2),
            C = group * channels(rank == 3 ? 4 : 12),
            M = group * channels(9),
            Group = group,
            Axes = axes.ToImmutable(),
            HasBias = bias,
            ConstantInputs = random.Chance(0.5) ? bias ? 0b110u : 0b10u : 0,
        };
    }

    /// <inheritdoc/>
    protected override IEnumerable<ConvTransposeProblem> Shrink(ConvTransposeProblem problem)
    {
        if (problem.ConstantInputs != 0)
            yield return problem with { ConstantInputs = 0 };
        if (problem.HasBias)
            yield return problem with { HasBias = false, ConstantInputs = problem.ConstantInputs & 0b10u };
        if (problem.N > 1)
            yield return problem with { N = 1 };
        if (problem.Group > 1)
            yield return problem with { Group = 1 };
        if (problem.C > problem.Group)
            yield return problem with { C = problem.C - problem.Group };
        if (problem.M > problem.Group)
            yield return problem with { M = problem.M - problem.Group };
        if (problem.Axes.Length > 1)
            for (int a = 0; a < problem.Axes.Length; a++)
                yield return problem with { Axes = problem.Axes.RemoveAt(a) };
        for (int a = 0; a < problem.Axes.Length; a++)
            foreach (WindowAxis simpler in Simpler(problem.Axes[a]))
                yield return problem with { Axes = problem.Axes.SetItem(a, simpler) };
    }

    private static WindowAxis Axis(int input, TestRandom random)
    {
        long kernel = random.Pick(1, 2, 2, 3, 3, 4, 5), stride = random.Pick(1, 1, 2, 2, 2, 3, 5), dilation = random.Chance(0.25) ? random.Between(2, 3) : 1;
        long full = (input - 1) * stride + (kernel - 1) * dilation + 1;
        long begin = random.Chance(0.4) ? 0 : random.Between(0, (int)Math.Min(full - 1, 4)), end = random.Chance(0.4) ? 0 : random.Between(0, (int)Math.Min(full - 1 - begin, 4));
        // Output padding, and now and then more than the input reaches.
        long more = random.Chance(0.7) ? 0 : random.Between(0, random.Chance(0.2) ? 20 : (int)stride);
        return new WindowAxis(input, full - begin - end + more, kernel, stride, begin, end, dilation);
    }

    private static IEnumerable<WindowAxis> Simpler(WindowAxis axis)
    {
        WindowAxis[] proposals =
        [
            axis with { In = axis.In / 2 }, axis with { In = axis.In - 1 }, axis with { Kernel = axis.Kernel - 1 }, axis with { Stride = 1 },
            axis with { PadBegin = 0 }, axis with { PadEnd = 0 }, axis with { Dilation = 1 },
        ];
        foreach (WindowAxis proposal in proposals)
        {
            long output = (proposal.In - 1) * proposal.Stride + (proposal.Kernel - 1) * proposal.Dilation + 1 - proposal.PadBegin - proposal.PadEnd;
            if (proposal != axis && proposal.In >= 1 && proposal.Kernel >= 1 && output >= 1)
                yield return proposal with { Out = output };
        }
        if (axis.Out > 1)
            yield return axis with { Out = axis.Out - 1 };
    }
}
