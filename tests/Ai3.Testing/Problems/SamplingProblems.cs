using System.Collections.Immutable;
using Ai3.Ops;
using Ai3.Tensors;

namespace Ai3.Testing;

/// <summary>Problems of the operators that read or write at computed places.</summary>
internal static class SamplingProblems
{
    public static IProblemGenerator[] All { get; } =
        [new GridSampleProblems(), new AffineGridProblems(), new RoiAlignProblems(), new MaxRoiPoolProblems(), new MaxUnpoolProblems(), new Col2ImProblems(), new DeformConvProblems()];

    /// <summary>A window over an axis, with the output that it has.</summary>
    public static WindowAxis Window(TestRandom random, int size)
    {
        long input = random.Dim(size), kernel = random.Between(1, 3), stride = random.Between(1, 3), dilation = random.Between(1, 2), extent = (kernel - 1) * dilation + 1;
        long begin = random.Between(0, 2), end = random.Between(0, 2);
        return Sized(new WindowAxis(Math.Max(input, extent), 0, kernel, stride, begin, end, dilation));
    }

    /// <summary>Windows with one thing made simpler.</summary>
    public static IEnumerable<ImmutableArray<WindowAxis>> Smaller(ImmutableArray<WindowAxis> axes)
    {
        for (int i = 0; i < axes.Length; i++)
        {
            WindowAxis axis = axes[i];
            WindowAxis[] simpler = [axis with { In = axis.In - 1 }, axis with { Kernel = 1 }, axis with { Stride = 1 }, axis with { Dilation = 1 }, axis with { PadBegin = 0, PadEnd = 0 }];
            foreach (WindowAxis proposal in simpler)
                if (proposal != axis && proposal.In >= (proposal.Kernel - 1) * proposal.Dilation + 1)
                    yield return axes.SetItem(i, Sized(proposal));
        }
    }

    /// <summary>A list of dimensions with one of them smaller.</summary>
    public static IEnumerable<ImmutableArray<long>> Smaller(ImmutableArray<long> dims)
    {
        for (int i = 0; i < dims.Length; i++)
            foreach (long size in (long[])[dims[i] / 2, dims[i] - 1])
                if (size >= 1)
                    yield return dims.SetItem(i, size);
    }

    private static WindowAxis Sized(WindowAxis axis) =>
        axis with { Out = (axis.In + axis.PadBegin + axis.PadEnd - (axis.Kernel - 1) * axis.Dilation - 1) / axis.Stride + 1 };
}

/// <summary>Problems of GridSample.</summary>
internal sealed class GridSampleProblems : ProblemGenerator<GridSampleProblem>
{
    protected override GridSampleProblem Generate(ProblemRequest request, TestRandom random)
    {
        int rank = random.Pick(1, 2, 2, 2, 3);
        return new GridSampleProblem
        {
            Type = random.Pick(DType.Float32, DType.Float32, DType.Float64, DType.Float16, DType.BFloat16, DType.Int8, DType.UInt8),
            GridType = random.Pick(DType.Float32, DType.Float32, DType.Float64, DType.Float16),
            N = random.DimOrZero(3),
            C = random.DimOrZero(5),
            In = [.. Enumerable.Range(0, rank).Select(_ => (long)random.Dim(Math.Min(request.Size, 9)))],
            Out = [.. Enumerable.Range(0, rank).Select(_ => (long)random.DimOrZero(Math.Min(request.Size, 6)))],
            Mode = random.Pick(Enum.GetValues<ResizeMode>()),
            Padding = random.Pick(Enum.GetValues<GridPadding>()),
            AlignCorners = random.Chance(0.5),
        };
    }

    protected override IEnumerable<GridSampleProblem> Shrink(GridSampleProblem p)
    {
        if (p.N > 1)
            yield return p with { N = 1 };
        if (p.C > 1)
            yield return p with { C = p.C - 1 };
        if (p.In.Length > 1)
            yield return p with { In = p.In[1..], Out = p.Out[1..] };
        foreach (ImmutableArray<long> dims in SamplingProblems.Smaller(p.In))
            yield return p with { In = dims };
        foreach (ImmutableArray<long> dims in SamplingProblems.Smaller(p.Out))
            yield return p with { Out = dims };
    }

    protected override double[] Fill(OpDefinition op, GridSampleProblem problem, int input, CheckMode mode, TestRandom random)
    {
        double[] values = base.Fill(op, problem, input, mode, random);
        if (input != 1 || mode == CheckMode.WideRange)
            return values;
        for (int i = 0; i < values.Length; i++)
            if (mode != CheckMode.Specials || random.Chance(0.8))
                values[i] = InputFill.Round(problem.GridType, random.Pick(random.Signed(), 1.7 * random.Signed(), -1, 1, 0, 5 * random.Signed()));
        return values;
    }
}

/// <summary>Problems of AffineGrid.</summary>
internal sealed class AffineGridProblems : ProblemGenerator<AffineGridProblem>
{
    protected override AffineGridProblem Generate(ProblemRequest request, TestRandom random) => new()
    {
        Type = random.Pick(DType.Float32, DType.Float64, DType.Float16),
        N = random.DimOrZero(3),
        Out = [.. Enumerable.Range(0, random.Between(2, 3)).Select(_ => (long)random.DimOrZero(Math.Min(request.Size, 12)))],
        AlignCorners = random.Chance(0.5),
    };

    protected override IEnumerable<AffineGridProblem> Shrink(AffineGridProblem p)
    {
        if (p.N > 1)
            yield return p with { N = 1 };
        foreach (ImmutableArray<long> dims in SamplingProblems.Smaller(p.Out))
            yield return p with { Out = dims };
    }
}

/// <summary>Problems of RoiAlign.</summary>
internal sealed class RoiAlignProblems : ProblemGenerator<RoiAlignProblem>
{
    protected override RoiAlignProblem Generate(ProblemRequest request, TestRandom random) => new()
    {
        Type = random.Pick(DType.Float32, DType.Float32, DType.Float64, DType.Float16),
        N = random.Between(1, 3),
        C = random.DimOrZero(4),
        H = random.Dim(Math.Min(request.Size, 12)),
        W = random.Dim(Math.Min(request.Size, 12)),
        Rois = random.DimOrZero(4),
        OutH = random.Between(1, 4),
        OutW = random.Between(1, 4),
        Max = random.Chance(0.4),
        HalfPixel = random.Chance(0.5),
        SamplingRatio = random.Pick(0, 0, 1, 2, 3),
        Scale = random.Pick(1f, 0.5f, 0.0625f, 0.3f),
    };

    protected override IEnumerable<RoiAlignProblem> Shrink(RoiAlignProblem p)
    {
        RoiAlignProblem[] simpler =
        [
            p with { N = 1 }, p with { C = 1 }, p with { Rois = 1 }, p with { OutH = 1 }, p with { OutW = 1 }, p with { SamplingRatio = 1 }, p with { Scale = 1 },
            p with { H = Math.Max(1, p.H - 1) }, p with { W = Math.Max(1, p.W - 1) },
        ];
        return simpler.Where(s => s != p);
    }

    protected override double[] Fill(OpDefinition op, RoiAlignProblem problem, int input, CheckMode mode, TestRandom random)
    {
        double[] values = base.Fill(op, problem, input, mode, random);
        if (input == 2)
            return InputFill.Indices(problem.Inputs[2], problem.N, random, negative: false);
        if (input == 1)
            for (int i = 0; i < values.Length; i++)
                if (mode != CheckMode.Specials || random.Chance(0.8))
                    values[i] = InputFill.Round(problem.Type, (random.Unit() * 1.6 - 0.3) * Math.Max(problem.H, problem.W) / problem.Scale);
        return values;
    }
}

/// <summary>Problems of MaxRoiPool.</summary>
internal sealed class MaxRoiPoolProblems : ProblemGenerator<MaxRoiPoolProblem>
{
    protected override MaxRoiPoolProblem Generate(ProblemRequest request, TestRandom random) => new()
    {
        Type = random.Pick(DType.Float32, DType.Float32, DType.Float64, DType.Float16),
        N = random.Between(1, 3),
        C = random.DimOrZero(4),
        H = random.DimOrZero(Math.Min(request.Size, 12)),
        W = random.Dim(Math.Min(request.Size, 12)),
        Rois = random.DimOrZero(4),
        OutH = random.Between(1, 4),
        OutW = random.Between(1, 4),
        Scale = random.Pick(1f, 0.5f, 0.25f),
    };

    protected override IEnumerable<MaxRoiPoolProblem> Shrink(MaxRoiPoolProblem p)
    {
        MaxRoiPoolProblem[] simpler = [p with { N = 1 }, p with { C = 1 }, p with { Rois = 1 }, p with { OutH = 1 }, p with { OutW = 1 }, p with { Scale = 1 }, p with { H = 1 }, p with { W = 1 }];
        return simpler.Where(s => s != p);
    }

    protected override bool SignOfZeroMatters(OpDefinition op, MaxRoiPoolProblem problem) => false;

    protected override double[] Fill(OpDefinition op, MaxRoiPoolProblem problem, int input, CheckMode mode, TestRandom random)
    {
        double[] values = base.Fill(op, problem, input, mode, random);
        for (int i = 0; input == 1 && i < values.Length; i++)
            if (i % 5 == 0)
                values[i] = random.Below((int)problem.N);
            else if (mode != CheckMode.Specials || random.Chance(0.8))
                values[i] = InputFill.Round(problem.Type, (random.Unit() * 1.6 - 0.3) * Math.Max(problem.H, problem.W) / problem.Scale);
        return values;
    }
}

/// <summary>Problems of MaxUnpool.</summary>
internal sealed class MaxUnpoolProblems : ProblemGenerator<MaxUnpoolProblem>
{
    protected override MaxUnpoolProblem Generate(ProblemRequest request, TestRandom random)
    {
        int rank = random.Between(3, 5);
        long[] input = [.. Enumerable.Range(0, rank).Select(_ => (long)random.DimOrZero(4))];
        long[] grid = [.. input.Select((d, i) => i < 2 ? d : 2 * d + random.Below(2))];
        if (grid.Contains(0))
            input = grid;
        return new MaxUnpoolProblem
        {
            Type = random.Pick(DType.Float32, DType.Float64, DType.Float16),
            In = Shape.Create(input),
            Grid = Shape.Create(grid),
            Out = Shape.Create([.. grid.Select((d, i) => i < 2 || random.Chance(0.6) ? d : d + random.Below(3))]),
        };
    }

    protected override IEnumerable<MaxUnpoolProblem> Shrink(MaxUnpoolProblem p)
    {
        if (p.Out != p.Grid)
            yield return p with { Out = p.Grid };
        if (p.In.Count > 1 && p.Grid.Count > 0)
            yield return p with { In = Shape.Create([.. p.In.Select(_ => 1L)]) };
    }

    protected override double[] Fill(OpDefinition op, MaxUnpoolProblem problem, int input, CheckMode mode, TestRandom random) =>
        input == 1 ? InputFill.Indices(problem.Inputs[1], Math.Max(problem.Grid.Count, 1), random, negative: false) : base.Fill(op, problem, input, mode, random);
}

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

/// <summary>Problems of DeformConv.</summary>
internal sealed class DeformConvProblems : ProblemGenerator<DeformConvProblem>
{
    protected override DeformConvProblem Generate(ProblemRequest request, TestRandom random)
    {
        long group = random.Pick(1, 1, 2), offsetGroups = random.Pick(1, 1, 2, 3);
        return new DeformConvProblem
        {
            Type = request.RowName == "columns" || random.Chance(0.6) ? DType.Float32 : random.Pick(DType.Float64, DType.Float16),
            N = random.DimOrZero(2),
            C = group * offsetGroups * random.Between(1, 2),
            M = group * random.Dim(Math.Min(request.Size, 36), 4, 32),
            Group = group,
            OffsetGroups = offsetGroups,
            Axes = [.. Enumerable.Range(0, random.Pick(1, 2, 2, 2, 3)).Select(_ => SamplingProblems.Window(random, Math.Min(request.Size, 7)))],
            HasBias = random.Chance(0.5),
            HasMask = random.Chance(0.5),
        };
    }

    protected override IEnumerable<DeformConvProblem> Shrink(DeformConvProblem p)
    {
        if (p.N > 1)
            yield return p with { N = 1 };
        if (p.M > p.Group)
            yield return p with { M = p.Group };
        if (p.HasBias)
            yield return p with { HasBias = false };
        if (p.HasMask)
            yield return p with { HasMask = false };
        if (p.Group > 1)
            yield return p with { Group = 1 };
        if (p.OffsetGroups > 1)
            yield return p with { OffsetGroups = 1 };
        if (p.Axes.Length > 1)
            yield return p with { Axes = p.Axes[1..] };
        foreach (ImmutableArray<WindowAxis> axes in SamplingProblems.Smaller(p.Axes))
            yield return p with { Axes = axes };
    }

    protected override double[] Fill(OpDefinition op, DeformConvProblem problem, int input, CheckMode mode, TestRandom random)
    {
        double[] values = base.Fill(op, problem, input, mode, random);
        for (int i = 0; input == 2 && mode is not (CheckMode.Specials or CheckMode.ExactInteger) && i < values.Length; i++)
            values[i] = InputFill.Round(problem.Type, 3 * random.Signed());
        return values;
    }
}
