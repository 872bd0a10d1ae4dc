using Ai3.Ops;
using Ai3.Tensors;

namespace Ai3.Testing;

/// <summary>Problems of Conv.</summary>
internal sealed class ConvProblems : ProblemGenerator<ConvProblem>
{
    private const string WinogradF2 = "winograd_f2x2_3x3";
    private const string WinogradF4 = "winograd_f4x4_3x3";
    private const string WinogradF6 = "winograd_f6x6_3x3";
    private const string FftTiled = "fft_tiled";
    private const string Strassen = "strassen_pointwise";

    // Channel blocks and vectors of 4 to 16, tiles of two of them, lines of 6 and 14 outputs.
    private static readonly int[] s_channels = [4, 8, 16, 32];
    private static readonly int[] s_pixels = [4, 6, 8, 14, 16, 28];

    /// <inheritdoc/>
    protected override ConvProblem Generate(ProblemRequest request, TestRandom random)
    {
        int rank = IsWinograd(request.RowName) || random.Chance(0.7) ? 2 : random.Pick(1, request.RowName == FftTiled ? 1 : 3);
        int size = Math.Max(2, rank == 3 ? request.Size / 4 : request.Size);
        (long group, long c, long m) = Channels(request, random);
        ConvAxis[] axes = [.. Enumerable.Range(0, rank).Select(i => Axis(request, random, i == rank - 1 ? size : Math.Max(2, size / 2)))];
        bool fast = request.RowName is "gemm" or "implicit_gemm" or "pointwise" or Strassen;
        var problem = new ConvProblem
        {
            Type = Type(request, random),
            N = !fast && random.Chance(0.03) ? 0 : random.Pick(1, 1, 1, 2, 3),
            InChannels = c,
            OutChannels = m,
            Group = group,
            SpatialRank = rank,
            D = rank > 2 ? axes[^3] : ConvAxis.Absent,
            H = rank > 1 ? axes[^2] : ConvAxis.Absent,
            W = axes[^1],
            HasBias = random.Chance(0.5),
        };
        if (problem.Type == DType.Float32)
            problem = problem with { Fusion = RandomFusion(random) };
        if (request.RowName == Strassen)
            return Large(problem, random);
        while (problem.Flops > 4e6 && (problem.InChannels > problem.Group || problem.OutChannels > problem.Group || problem.N > 1))
            problem = Halved(problem);
        return problem with { ConstantInputs = random.Pick(0u, 2u, 2u, problem.HasBias ? 6u : 2u) };
    }

    /// <inheritdoc/>
    protected override IEnumerable<ConvProblem> Shrink(ConvProblem problem)
    {
        if (!problem.Fusion.IsNone)
            yield return problem with { Fusion = Fusion.None };
        if (problem.Fusion.Residual)
            yield return problem with { Fusion = problem.Fusion with { Residual = false } };
        if (problem.HasBias)
            yield return problem with { HasBias = false, ConstantInputs = problem.ConstantInputs & 2 };
        if (problem.ConstantInputs != 0)
            yield return problem with { ConstantInputs = 0 };
        if (problem.N > 1)
            yield return problem with { N = 1 };
        if (problem.Group > 1)
        {
            yield return problem with { Group = 1, InChannels = problem.GroupInChannels, OutChannels = problem.GroupOutChannels };
            yield return problem with { Group = problem.Group - 1, InChannels = problem.InChannels - problem.GroupInChannels, OutChannels = problem.OutChannels - problem.GroupOutChannels };
        }
        foreach (long fewer in Fewer(problem.GroupInChannels))
            yield return problem with { InChannels = problem.Group * fewer };
        foreach (long fewer in Fewer(problem.GroupOutChannels))
            yield return problem with { OutChannels = problem.Group * fewer };
        foreach (ConvAxis w in Simpler(problem.W))
            yield return problem with { W = w };
        if (problem.SpatialRank > 1)
            foreach (ConvAxis h in Simpler(problem.H))
                yield return problem with { H = h };
        if (problem.SpatialRank > 2)
            foreach (ConvAxis d in Simpler(problem.D))
                yield return problem with { D = d };
    }

    /// <inheritdoc/>
    /// <remarks>The factors of a kernel transformed for F(2x2, 3x3) are 1, 1/2 and 1/4; for larger tiles they are no binary fractions.</remarks>
    protected override int WeightMultiple(OpDefinition op, ConvProblem problem, Algorithm row) => row.Name switch { WinogradF2 => 4, Strassen => 1, _ => 0 };

    /// <inheritdoc/>
    protected override double? Alarm(OpDefinition op, ConvProblem problem, Algorithm row, ErrorBound bound) => row.Name switch
    {
        WinogradF2 => 8 + 1.5 * Math.Sqrt(problem.InChannels),
        WinogradF4 => 75 + 1.5 * Math.Sqrt(problem.InChannels),
        WinogradF6 => 750 + 1.5 * Math.Sqrt(problem.InChannels),
        Strassen => 20 + 6 * Math.Sqrt(problem.GroupInChannels),
        // An error of a tile's 2-norm, of which an output that meets little of the tile may have nothing.
        FftTiled => problem.Axes.All(a => a.In >= a.Extent) ? 150 + 1.5 * Math.Sqrt(problem.InChannels) : null,
        _ => base.Alarm(op, problem, row, bound),
    };

    /// <inheritdoc/>
    /// <remarks>At an image's edge a tile mixes products of outputs that are not there: no output's S is their bound, but the whole kernel's is.</remarks>
    protected override double? Norm(OpDefinition op, ConvProblem problem, IReadOnlyList<double[]?> inputs)
    {
        double[] x = inputs[0]!, w = inputs[1]!;
        int taps = (int)(w.Length / problem.OutChannels);
        double largest = w.Chunk(taps).Max(kernel => kernel.Sum());
        return (x.Length == 0 ? 0 : x[0]) * largest + (inputs.Count > 2 && inputs[2] is { } bias ? bias.Max() : 0);
    }

    private static bool IsWinograd(string row) => row is WinogradF2 or WinogradF4 or WinogradF6;

    private static DType Type(ProblemRequest request, TestRandom random) =>
        request.RowName is "reference" or "" && random.Chance(0.5) ? random.Pick(DType.Float64, DType.Float16, DType.BFloat16) : DType.Float32;

    private static (long Group, long C, long M) Channels(ProblemRequest request, TestRandom random)
    {
        int most = Math.Max(4, 2 * request.Size);
        long group = random.Chance(0.25) ? random.Between(2, 5) : 1;
        switch (request.RowName)
        {
            case "depthwise":
                group = random.Dim(most, s_channels);
                return (group, group, group);
            case WinogradF2 or WinogradF4 or WinogradF6:
                group = 1;
                break;
            case "direct_nchwc" or FftTiled:
                if (group > 1)
                    return (group, group * 16, group * random.Pick(16, 32, 48));
                // Fewer channels than a block, which a plain input is for.
                if (random.Chance(0.3))
                    return (1, random.Between(1, 4), random.Dim(most, s_channels));
                break;
            default:
                if (random.Chance(0.15))
                    return (most, most, most * random.Pick(1, 2));
                break;
        }
        return (group, group * random.Dim(most, s_channels), group * random.Dim(most, s_channels));
    }

    private static ConvAxis Axis(ProblemRequest request, TestRandom random, int size)
    {
        long input = random.DimOrZero(size, s_pixels);
        ConvAxis axis = request.RowName switch
        {
            "pointwise" or Strassen => new ConvAxis(Math.Max(1, input), 1),
            WinogradF2 or WinogradF4 or WinogradF6 => new ConvAxis(input, 3, 1, random.Pick(0, 1, 1, 2, 3), random.Pick(0, 1, 1, 2)),
            FftTiled when random.Chance(0.5) => Wide(random, input),
            _ => Window(random, input),
        };
        // A kernel may be larger than the input, not than the padded input.
        while (axis.Padded < axis.Extent)
            axis = axis with { In = axis.In + 1 };
        return axis;
    }

    private static ConvAxis Window(TestRandom random, long input)
    {
        long kernel = random.Pick(1, 1, 2, 3, 3, 3, 4, 5, 7);
        long begin = random.Chance(0.3) ? 0 : random.Chance(0.7) ? kernel / 2 : random.Between(0, 4);
        return new ConvAxis(input, kernel, random.Pick(1, 1, 1, 2, 2, 3), begin, random.Chance(0.7) ? begin : random.Between(0, 4), random.Chance(0.8) ? 1 : random.Between(2, 4));
    }

    // Kernels that are worth a transform, up to the largest tile.
    private static ConvAxis Wide(TestRandom random, long input)
    {
        long kernel = random.Pick(7, 9, 11, 13, 16, 31), begin = random.Pick(0, kernel / 2, random.Between(0, 4));
        return new ConvAxis(input, kernel, random.Pick(1, 1, 1, 2, 4), begin, random.Chance(0.7) ? begin : random.Between(0, 20), random.Chance(0.9) ? 1 : 2);
    }

    private static Fusion RandomFusion(TestRandom random)
    {
        Activation activation = RandomActivation.Of(random);
        bool prologue = random.Chance(0.1);
        return new Fusion { Residual = random.Chance(0.3), Activation = activation, Prologue = prologue, PrologueActivation = prologue ? RandomActivation.OfPrologue(random) : Activation.None };
    }

    // A product of at least 128 in each dimension: few groups and images.
    private static ConvProblem Large(ConvProblem p, TestRandom random)
    {
        int group = random.Pick(1, 1, 1, 2);
        long c = random.Pick(128, random.Between(128, 140)), m = random.Pick(128, random.Between(128, 140));
        long width = random.Pick(16, random.Between(12, 20)), height = ShapeMath.CeilDiv(128, width) + random.Below(3);
        return p with
        {
            N = group == 1 ? random.Pick(1, 2) : 1,
            Group = group,
            InChannels = group * c,
            OutChannels = group * m,
            SpatialRank = 2,
            D = ConvAxis.Absent,
            H = new ConvAxis(height, 1),
            W = new ConvAxis(width, 1),
            ConstantInputs = random.Pick(0u, 2u),
        };
    }

    private static ConvProblem Halved(ConvProblem p)
    {
        if (p.N > 1)
            return p with { N = 1 };
        return p.GroupInChannels > 1 && p.GroupInChannels >= p.GroupOutChannels
            ? p with { InChannels = p.Group * (p.GroupInChannels / 2) }
            : p.GroupOutChannels > 1 ? p with { OutChannels = p.Group * (p.GroupOutChannels / 2) }
            : p with { Group = 1, InChannels = p.GroupInChannels, OutChannels = p.GroupOutChannels };
    }

    private static IEnumerable<long> Fewer(long value) => value > 1 ? [value / 2, value - 1] : [];

    private static IEnumerable<ConvAxis> Simpler(ConvAxis a)
    {
        ConvAxis[] all =
        [
            a with { Stride = 1 }, a with { Dilation = 1 }, a with { PadBegin = 0 }, a with { PadEnd = 0 },
            a with { Kernel = 1 }, a with { Kernel = a.Kernel - 1 }, a with { In = a.In / 2 }, a with { In = a.In - 1 },
        ];
        return all.Where(b => b != a && b.Kernel >= 1 && b.In >= 0 && b.Padded >= b.Extent);
    }
}
