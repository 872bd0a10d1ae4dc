using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>
/// im2win: the windows of an output row side by side, L[oy][x][ky][c] = x[c][oy*stride + ky*dilation - pad][x - pad]; the window of output ox is
/// consecutive from column ox*stride on and shares columns with its neighbours, so L is about kH times the image where im2col takes kH kW. Then a
/// matrix product of windows and weights. Lu, Chu and Liu 2023, arXiv:2306.14320, with the channels innermost as in arXiv:2408.00278.
/// </summary>
/// <remarks>
/// x [n][C/c][iD][iH][iW][c], or plain with fewer channels than a block; y [n][M/c][oD][oH][oW][c]; windows and weights: <see cref="Im2winPlan"/>.
/// Windows are made for a band of output rows at a time, which stays in the level 2 cache. Workspace: weights that are not constant; a band for
/// each worker. Registers: those of <see cref="Tile"/>, outputs being rows and output channels columns.
/// </remarks>
internal static unsafe class ConvIm2win
{
    public static Algorithm<ConvProblem> Row { get; } = new()
    {
        Name = "im2win",
        Source = "Lu, Chu and Liu 2023, arXiv:2306.14320",
        Needs = "channels of a group in whole blocks, or one group",
        Workspace = "the windows of a band of output rows a thread; packed weights if they are not constant",
        Layouts = "blocked, or plain to blocked for fewer channels than a block",
        // The zeros of the padding are multiplied, and zero times a weight that is not finite is NaN.
        PropagatesExactly = false,
        Supports = Supports,
        Formats = Formats,
        Fuses = static (_, _) => FusedParts.Clamp | FusedParts.Residual,
        WorkspaceBytes = static r => WorkspaceBytes(new Im2winPlan(r), r),
        PackedBytes = static r => r.Problem.HasConstantWeights ? new Im2winPlan(r).WeightBytes : 0,
        CostHint = CostHint,
        Error = static (p, t) => ErrorBound.PerElement(ConvRows.Chain(ShapeMath.RoundUp(p.GroupInChannels, t.ChannelBlock) * (double)p.Taps) + p.W.Kernel),
        PackKey = static r => r.Problem.HasConstantWeights ? new Im2winPlan(r).WeightKey : null,
        Pack = static (r, constants) => new Im2winPlan(r).Pack(constants[1]!),
        Bind = static (r, packed) => Isa.Select<Maker, PreparedKernel>(r.Target.Isa, new Maker(r, packed)),
    };

    private static Applicability Supports(ConvProblem p, Target target)
    {
        Applicability common = ConvGemmPlan.Supports(p).And(ConvRows.WholeBlocks(p, target));
        double column = (double)p.D.Kernel * p.H.Kernel * (p.GroupInChannels + 32.0), weights = column * p.W.Kernel * (p.OutChannels + 16.0 * p.Group);
        return common.IsYes
            ? Applicability.If((column * p.W.Padded * target.Threads + weights) * sizeof(float) < long.MaxValue / 4, "the windows of an output row do not fit in 63 bits")
            : common;
    }

    private static ImmutableArray<FormatChoice> Formats(ConvProblem p, Target target)
    {
        FormatChoice blocked = ConvFormats.BlockedOnly(p, target)[0];
        return p.Group == 1 && p.InChannels < target.ChannelBlock ? [blocked, ConvFormats.Of(p, Format.Plain, blocked.Output(0))] : [blocked];
    }

    private static long WorkspaceBytes(Im2winPlan plan, Request<ConvProblem> r) =>
        ShapeMath.Add(r.Problem.HasConstantWeights ? 0 : plan.WeightBytes, ShapeMath.Product([sizeof(float), plan.BandCount, r.Target.Threads]));

    private static double CostHint(Request<ConvProblem> r)
    {
        ConvProblem p = r.Problem;
        var plan = new Im2winPlan(r);
        double columns = ShapeMath.RoundUp(p.GroupOutChannels, r.Target.Lanes) * (double)p.Group, terms = plan.Channels / (double)p.GroupInChannels;
        double windows = (double)plan.Row * plan.G.OutRows * p.N * p.Group * (plan.IsPlain ? 1 : 0.1);
        return ConvRows.Cost(r, p.Flops / p.OutChannels * columns * terms, 0.8, plan.WeightBytes) + windows / r.Target.Threads + 1000;
    }

    private readonly struct Maker(Request<ConvProblem> r, PackedConstants? packed) : IIsaFunc<PreparedKernel>
    {
        public PreparedKernel Create<S, V>() where S : struct, ISimd<V> where V : unmanaged => new Kernel<S, V>(new Im2winPlan(r), packed);
    }

    private sealed class Kernel<S, V>(Im2winPlan plan, PackedConstants? packed) : PreparedKernel where S : struct, ISimd<V> where V : unmanaged
    {
        private readonly nint[] _taps = Taps(plan);

        public override void Run(in KernelArgs args)
        {
            ConvGeometry g = plan.G;
            float* weights = packed is null ? (float*)args.Workspace : (float*)packed.Address;
            if (packed is null)
                plan.Pack((float*)args.Inputs[1], weights, args.Workers);
            fixed (nint* taps = _taps)
            {
                var body = new Body<S, V>
                {
                    Plan = plan,
                    Units = ParallelUnits.Of((long)g.N * g.Group * plan.Bands.Count),
                    Taps = taps,
                    X = (float*)args.Inputs[0],
                    Weights = weights,
                    Bias = (float*)args.Inputs[2],
                    Residual = g.HasResidual ? (float*)args.Inputs[3] : null,
                    Y = (float*)args.Outputs[0],
                    Windows = (float*)(args.Workspace + (packed is null ? (nint)plan.WeightBytes : 0)),
                };
                args.Workers.For((int)body.Units.Count, ref body);
            }
            GC.KeepAlive(packed);
        }

        // Where each tap along the width begins in a window.
        private static nint[] Taps(Im2winPlan plan) => [.. Enumerable.Range(0, plan.G.W.Kernel).Select(kx => kx * (nint)plan.G.W.Dilation * plan.Column)];
    }

    // A unit is a band of output rows of one group of one image.
    private struct Body<S, V> : IParallelBody where S : struct, ISimd<V> where V : unmanaged
    {
        public Im2winPlan Plan;
        public RowPanels Units;
        public nint* Taps;
        public float* X, Weights, Bias, Residual, Y, Windows;

        public readonly void Run(int begin, int end, int worker)
        {
            ConvGeometry g = Plan.G;
            float* windows = Windows + worker * (nint)Plan.BandCount;
            for (long i = Units.Start(begin); i < Units.Start(end); i++)
            {
                (long batch, long band) = Math.DivRem(i, Plan.Bands.Count);
                (int n, int group) = ((int)(batch / g.Group), (int)(batch % g.Group));
                int first = (int)Plan.Bands.Start(band), rows = Plan.Bands.RowsOf(band);
                for (int row = 0; row < rows; row++)
                    Gather(n, group, first + row, windows + row * Plan.Row);
                for (int tile = 0; tile < Plan.ChannelTiles; tile++)
                    Multiply(n, group, tile, first, rows, windows);
                if (group == g.Group - 1 && g.OutChannels % Plan.Block != 0)
                    ClearPadding(n, first, rows);
            }
        }

        // The windows of an output row.
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private readonly void Gather(int n, int group, int row, float* target)
        {
            ConvGeometry g = Plan.G;
            int pixelStep = Plan.IsPlain ? 1 : Plan.Block, channel = group * g.GroupChannels;
            float* image = X + (nint)n * (Plan.IsPlain ? g.Channels : (nint)ShapeMath.RoundUp(g.Channels, Plan.Block)) * g.InPixels + channel * g.InPixels;
            int width = (int)(Plan.Row / Plan.Column), end = Math.Min(width, g.W.Pad + g.W.In);
            for (int kz = 0; kz < g.D.Kernel; kz++)
                for (int ky = 0; ky < g.H.Kernel; ky++, target += Plan.Channels)
                {
                    int z = g.D.Start(row / g.H.Out) + kz * g.D.Dilation, y = g.H.Start(row % g.H.Out) + ky * g.H.Dilation;
                    bool inside = (uint)z < (uint)g.D.In && (uint)y < (uint)g.H.In;
                    float* source = image + (((nint)z * g.H.In + y) * g.W.In - g.W.Pad) * pixelStep;
                    for (int x = 0; x < width; x++)
                        if (inside && x >= g.W.Pad && x < end)
                            CopyPixel(source + (nint)x * pixelStep, target + x * Plan.Column);
                        else
                            new Span<float>(target + x * Plan.Column, Plan.Channels).Clear();
                }
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private readonly void CopyPixel(float* source, float* target)
        {
            if (Plan.IsPlain)
                for (int c = 0; c < Plan.Channels; c++, source += Plan.G.InPixels)
                    target[c] = *source;
            else
                for (int c = 0; c < Plan.Channels; c += Plan.Block, source += Plan.Block * Plan.G.InPixels)
                    for (int lane = 0; lane < Plan.Block; lane += S.Lanes)
                        S.Store(S.Load(source + lane), target + c + lane);
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private readonly void Multiply(int n, int group, int tile, int firstRow, int rows, float* windows)
        {
            ConvGeometry g = Plan.G;
            int m = group * g.GroupOutChannels + tile * Plan.Tiles.Width, block = Plan.Block, step = Plan.Step(tile);
            nint plane = g.OutPixels * block, blocks = (g.OutChannels + block - 1) / block, zero = 0;
            nint at = (n * blocks + m / block) * plane + m % block + (nint)firstRow * g.W.Out * block;
            var lines = new PixelLines(new PixelRect { Y1 = rows, X1 = g.W.Out }, Plan.Tiles.MaxRows);
            TileArgs a = default;
            a.ARow = lines.IsVertical ? Plan.Row : g.W.Stride * Plan.Column;
            a.BStep = step;
            a.CRow = a.Addend1Row = (lines.IsVertical ? g.W.Out : 1) * (nint)block;
            a.CBlock = a.Addend1Block = Plan.Tiles.Lanes == block ? plane : Plan.Tiles.Lanes;
            (a.Low, a.High) = (g.Low, g.High);
            bool merged = g.W.Dilation == 1 && Plan.Column == Plan.ColumnDepth;
            for (int kx = 0; kx < g.W.Kernel; kx += Plan.TapsOfChunk)
            {
                int taps = Math.Min(Plan.TapsOfChunk, g.W.Kernel - kx);
                bool first = kx == 0, last = kx + taps == g.W.Kernel;
                a.Offsets = merged ? &zero : Taps;
                (a.Taps, a.KPerTap) = merged ? (1, taps * Plan.ColumnDepth) : (taps, Plan.ColumnDepth);
                a.B = Weights + Plan.WeightPlace(group, tile) + kx * Plan.ColumnDepth * step;
                a.Addend0Row = first ? 0 : a.CRow;
                a.Addend0Block = first ? Plan.Tiles.Lanes : a.CBlock;
                a.Clamp = last;
                for (int line = 0; line < lines.Lines; line++)
                    for (int panel = 0; panel < lines.PanelsOfLine; panel++)
                    {
                        int count = lines.Part(line, panel, out int y, out int x);
                        nint pixel = at + ((nint)y * g.W.Out + x) * block;
                        a.A = windows + y * Plan.Row + (x * (nint)g.W.Stride + kx * g.W.Dilation) * Plan.Column;
                        a.C = Y + pixel;
                        a.Addend0 = !first ? a.C : Bias == null ? null : Bias + m;
                        a.Addend1 = last && Residual != null ? Residual + pixel : null;
                        Plan.Tiles.Get(count, Plan.Columns(tile), &a)(&a);
                    }
            }
        }

        private readonly void ClearPadding(int n, int firstRow, int rows)
        {
            ConvGeometry g = Plan.G;
            int block = Plan.Block, used = g.OutChannels % block;
            nint blocks = (g.OutChannels + block - 1) / block;
            float* y = Y + ((n * blocks + blocks - 1) * g.OutPixels + (nint)firstRow * g.W.Out) * block;
            for (nint pixel = 0; pixel < (nint)rows * g.W.Out; pixel++, y += block)
                new Span<float>(y + used, block - used).Clear();
        }
    }
}
