using System.Collections.Immutable;
using Ai3.Ops;
using Ai3.Tensors;

namespace Ai3.Testing;

/// <summary>Problems of the pools.</summary>
internal sealed class PoolingProblems : ProblemGenerator<PoolingProblem>
{
    private static readonly int[] s_edges = [4, 8, 16, 32, 64];

    /// <inheritdoc/>
    protected override PoolingProblem Generate(ProblemRequest request, TestRandom random)
    {
        string name = request.Op.Name;
        bool global = name.StartsWith("Global", StringComparison.Ordinal) || request.RowName == "global" || random.Chance(0.05);
        bool sliding = request.RowName is "van_herk" or "running_sum";
        bool fast = sliding || request.RowName is "direct" or "direct_nchwc" or "global";
        int rank = sliding ? random.Pick(1, 2, 2) : random.Pick(1, 2, 2, 2, 3);
        // One axis gets the size, the others little, so that windows and rows of any length meet.
        int wide = random.Chance(0.6) ? rank - 1 : random.Below(rank);
        var axes = ImmutableArray.CreateBuilder<WindowAxis>();
        for (int a = 0; a < rank; a++)
        {
            int input = a == wide ? random.Dim(2 * request.Size, s_edges) : random.Dim(Math.Min(request.Size, 7));
            axes.Add(global ? Whole(fast ? input : random.Chance(0.03) ? 0 : input) : Axis(input, request.RowName == "direct_nchwc", sliding, random));
        }
        PoolKind kind = name.EndsWith("MaxPool", StringComparison.Ordinal) ? PoolKind.Max : name.EndsWith("AveragePool", StringComparison.Ordinal) ? PoolKind.Average : PoolKind.Lp;
        DType type = fast || random.Chance(0.4) ? DType.Float32
            : kind == PoolKind.Max ? random.Pick(DType.Float64, DType.Float16, DType.BFloat16, DType.Int8, DType.UInt8) : random.Pick(DType.Float64, DType.Float16, DType.BFloat16);
        bool indices = name == "MaxPool" && !fast && random.Chance(0.5);
        return new PoolingProblem
        {
            Kind = kind,
            Type = type,
            N = random.DimOrZero(3),
            C = random.DimOrZero(Math.Min(request.Size, 40), s_edges),
            Axes = axes.ToImmutable(),
            CountIncludePad = name == "AveragePool" && random.Chance(0.5),
            Exponent = kind != PoolKind.Lp ? 2 : fast ? 1 : random.Pick(1f, 2f, 3f, 2.5f),
            Indices = indices,
            ColumnMajor = indices && random.Chance(0.5),
        };
    }

    /// <inheritdoc/>
    protected override IEnumerable<PoolingProblem> Shrink(PoolingProblem problem)
    {
        if (problem.N > 1)
            yield return problem with { N = 1 };
        if (problem.C > 1)
        {
            yield return problem with { C = problem.C / 2 };
            yield return problem with { C = problem.C - 1 };
        }
        if (problem.CountIncludePad)
            yield return problem with { CountIncludePad = false };
        if (problem.Indices)
            yield return problem with { Indices = false, ColumnMajor = false };
        if (problem.Axes.Length > 1)
            for (int a = 0; a < problem.Axes.Length; a++)
                yield return problem with { Axes = problem.Axes.RemoveAt(a) };
        for (int a = 0; a < problem.Axes.Length; a++)
            foreach (WindowAxis simpler in Simpler(problem.Axes[a]))
                yield return problem with { Axes = problem.Axes.SetItem(a, simpler) };
    }

    /// <inheritdoc/>
    protected override bool Allows(OpDefinition op, PoolingProblem problem, CheckMode mode) =>
        mode != CheckMode.ExactInteger || problem.Kind != PoolKind.Lp || problem.Exponent == 1;

    /// <inheritdoc/>
    protected override bool SignOfZeroMatters(OpDefinition op, PoolingProblem problem) => false;

    private static WindowAxis Whole(long length) => new(length, 1, length, 1, 0, 0, 1);

    private static WindowAxis Axis(int input, bool neverEmpty, bool sliding, TestRandom random)
    {
        long kernel = sliding ? random.Pick(1, 2, 3, 5, 9, 13, 1 + input / 2, input, input + 2) : random.Pick(1, 2, 2, 3, 3, 3, 5, input, input + 2);
        long stride = random.Pick(1, 1, 2, 2, 3, 5);
        long dilation = !sliding && random.Chance(0.25) ? random.Between(2, neverEmpty ? Math.Min(3, input) : 3) : 1;
        if (neverEmpty && input < 2)
            dilation = 1;
        long extent = (kernel - 1) * dilation + 1;
        long most = neverEmpty || random.Chance(0.9) ? extent - 1 : extent + 1;
        long begin = random.Chance(0.5) ? 0 : random.Between(0, (int)most), end = random.Chance(0.4) ? begin : random.Between(0, (int)most);
        if (input + begin + end < extent)
            end = extent - input - begin;
        return Sized(new WindowAxis(input, 0, kernel, stride, begin, end, dilation), up: random.Chance(0.4));
    }

    // With the output dimension that floor or ceil gives; a window may begin in the end padding only where floor puts it there.
    private static WindowAxis Sized(WindowAxis axis, bool up)
    {
        long slack = axis.In + axis.PadBegin + axis.PadEnd - ((axis.Kernel - 1) * axis.Dilation + 1);
        long output = slack / axis.Stride + 1;
        if (up && slack % axis.Stride != 0 && output * axis.Stride < axis.In + axis.PadBegin)
            output++;
        return axis with { Out = output };
    }

    private static IEnumerable<WindowAxis> Simpler(WindowAxis axis)
    {
        if (axis.Kernel == axis.In && axis.Out == 1 && axis.PadBegin == 0 && axis.PadEnd == 0)
        {
            if (axis.In > 1)
                yield return Whole(axis.In / 2);
            if (axis.In > 1)
                yield return Whole(axis.In - 1);
            yield break;
        }
        WindowAxis[] proposals =
        [
            axis with { In = axis.In / 2 }, axis with { In = axis.In - 1 }, axis with { Kernel = 1 }, axis with { Kernel = axis.Kernel - 1 }, axis with { Stride = 1 },
            axis with { PadBegin = 0 }, axis with { PadEnd = 0 }, axis with { Dilation = 1 },
        ];
        foreach (WindowAxis proposal in proposals)
            if (proposal != axis && proposal.In >= 1 && proposal.Kernel >= 1
                && proposal.In + proposal.PadBegin + proposal.PadEnd >= (proposal.Kernel - 1) * proposal.Dilation + 1)
                yield return Sized(proposal, up: false);
        if (axis.Out > 1)
            yield return axis with { Out = axis.Out - 1 };
    }
}
