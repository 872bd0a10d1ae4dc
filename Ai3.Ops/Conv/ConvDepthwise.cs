using System.Runtime.CompilerServices;
using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>
/// Depthwise convolution (one input and one output channel a group) over channel blocks: a tile is up to 6 outputs in a line, all
/// lanes of a block, so that a weight vector serves 6 outputs. Padding is not read: see <see cref="ConvRegions"/>.
/// </summary>
/// <remarks>
/// x [n][C/c][iD][iH][iW][c], y alike; packed weights [C/c][kD][kH][kW][c], zeros in padding lanes. Workspace:
/// the packed weights where they are not constant. Registers: 6 accumulators, 1 weight.
/// </remarks>
internal static unsafe class ConvDepthwise
{
    private const int MaxCount = 6;

    public static Algorithm<ConvProblem> Row { get; } = new()
    {
        Name = "depthwise",
        Source = "register-blocked over output columns",
        Needs = "group = input channels = output channels",
        Workspace = "packed weights if they are not constant",
        Layouts = "blocked",
        Supports = Supports,
        Formats = ConvFormats.BlockedOnly,
        Fuses = static (_, _) => FusedParts.Clamp | FusedParts.Residual,
        WorkspaceBytes = static r => r.Problem.HasConstantWeights ? 0 : WeightBytes(r),
        PackedBytes = static r => r.Problem.HasConstantWeights ? WeightBytes(r) : 0,
        CostHint = static r => ConvRows.Cost(r, 2.0 * r.Problem.N * r.Target.ChannelBlock * Blocks(r) * r.Problem.OutPixels * r.Problem.Taps, 0.55, 0),
        Error = static (p, _) => ErrorBound.PerElement(ConvRows.Chain(p.Taps)),
        PackKey = static r => r.Problem.HasConstantWeights ? $"conv_depthwise/c{r.Target.ChannelBlock}" : null,
        Pack = Pack,
        Bind = static (r, packed) => Isa.Select<Maker, PreparedKernel>(r.Target.Isa, new Maker(r, packed)),
    };

    private static Applicability Supports(ConvProblem p, Target target)
    {
        if (p.Group != p.InChannels || p.Group != p.OutChannels)
            return Applicability.No($"{p.InChannels} to {p.OutChannels} channels in {p.Group} groups, needs one input and one output channel a group");
        return ConvRows.Common(p);
    }

    private static long Blocks(Request<ConvProblem> r) => ShapeMath.CeilDiv(r.Problem.InChannels, r.Target.ChannelBlock);

    private static long WeightBytes(Request<ConvProblem> r) => sizeof(float) * Blocks(r) * r.Target.ChannelBlock * r.Problem.Taps;

    private static PackedConstants Pack(Request<ConvProblem> r, IReadOnlyList<Tensor?> constants)
    {
        PackedConstants packed = PackedConstants.Allocate(WeightBytes(r));
        PackWeights((float*)constants[1]!.Address, (float*)packed.Address, (int)r.Problem.InChannels, (nint)r.Problem.Taps, r.Target.ChannelBlock);
        return packed;
    }

    private static void PackWeights(float* w, float* packed, int channels, nint taps, int block)
    {
        for (int c0 = 0; c0 < channels; c0 += block)
            for (nint tap = 0; tap < taps; tap++)
                for (int lane = 0; lane < block; lane++)
                    *packed++ = c0 + lane < channels ? w[(c0 + lane) * taps + tap] : 0;
    }

    private readonly struct Maker(Request<ConvProblem> r, PackedConstants? packed) : IIsaFunc<PreparedKernel>
    {
        public PreparedKernel Create<S, V>() where S : struct, ISimd<V> where V : unmanaged =>
            new Kernel<S, V>(new ConvGeometry(r.Problem), r.Target.ChannelBlock, packed);
    }

    private sealed class Kernel<S, V>(ConvGeometry g, int block, PackedConstants? packed) : PreparedKernel where S : struct, ISimd<V> where V : unmanaged
    {
        private readonly ConvRegions _regions = new(g);

        public override void Run(in KernelArgs args)
        {
            float* weights = packed is null ? (float*)args.Workspace : (float*)packed.Address;
            if (packed is null)
                PackWeights((float*)args.Inputs[1], weights, g.Channels, g.Taps, block);
            int blocks = (g.Channels + block - 1) / block;
            // Enough bands for the threads, and few enough that a band is a few rows.
            int bands = Math.Clamp(4 * args.Workers.Threads / Math.Max(1, blocks * g.N), 1, Math.Max(1, g.H.Out / 4));
            var body = new Body<S, V>
            {
                G = g,
                Regions = _regions,
                Block = block,
                Blocks = blocks,
                Bands = bands,
                X = (float*)args.Inputs[0],
                Weights = weights,
                Bias = (float*)args.Inputs[2],
                Residual = g.HasResidual ? (float*)args.Inputs[3] : null,
                Y = (float*)args.Outputs[0],
            };
            args.Workers.For(g.N * blocks * g.D.Out * bands, ref body);
            GC.KeepAlive(packed);
        }
    }

    private struct Body<S, V> : IParallelBody where S : struct, ISimd<V> where V : unmanaged
    {
        public ConvGeometry G;
        public ConvRegions Regions;
        public int Block, Blocks, Bands;
        public float* X, Weights, Bias, Residual, Y;

        public readonly void Run(int begin, int end, int worker)
        {
            float* bias = stackalloc float[Block];
            for (int i = begin; i < end; i++)
            {
                int band = i % Bands, rest = i / Bands;
                int z = rest % G.D.Out;
                rest /= G.D.Out;
                int c = rest % Blocks, n = rest / Blocks;
                int valid = Math.Min(Block, G.Channels - c * Block);
                for (int lane = 0; lane < Block; lane++)
                    bias[lane] = Bias != null && lane < valid ? Bias[c * Block + lane] : 0;
                nint image = (nint)n * Blocks + c;
                var tiles = new Tiles<S, V>
                {
                    G = G,
                    Block = Block,
                    X = X + image * G.InPixels * Block,
                    W = Weights + c * G.Taps * Block,
                    Bias = bias,
                    Residual = Residual == null ? null : Residual + image * G.OutPixels * Block,
                    Y = Y + image * G.OutPixels * Block,
                };
                int y0 = (int)((long)G.H.Out * band / Bands), y1 = (int)((long)G.H.Out * (band + 1) / Bands);
                Regions.Visit(z, y0, y1, MaxCount, ref tiles);
                if (valid < Block)
                    ClearPadding(tiles.Y + ((nint)z * G.H.Out + y0) * G.W.Out * Block, (nint)(y1 - y0) * G.W.Out, valid);
            }
        }

        // A clamp may lift the zeros of padding lanes.
        private readonly void ClearPadding(float* y, nint pixels, int valid)
        {
            for (nint p = 0; p < pixels; p++, y += Block)
                for (int lane = valid; lane < Block; lane++)
                    y[lane] = 0;
        }
    }

    private struct Tiles<S, V> : IPixelTiles where S : struct, ISimd<V> where V : unmanaged
    {
        public ConvGeometry G;
        public int Block;
        public float* X, W, Bias, Residual, Y;

        public readonly void Compute(in PixelTile t)
        {
            switch (t.Count)
            {
                case 1: Line<Rows1>(t); break;
                case 2: Line<Rows2>(t); break;
                case 3: Line<Rows3>(t); break;
                case 4: Line<Rows4>(t); break;
                case 5: Line<Rows5>(t); break;
                default: Line<Rows6>(t); break;
            }
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private readonly void Line<R>(in PixelTile t) where R : struct, ITileRows
        {
            ConvGeometry g = G;
            nint step = (t.Vertical ? (nint)g.H.Stride * g.W.In : g.W.Stride) * Block;
            nint rowStep = (nint)g.H.Dilation * g.W.In * Block, tapStep = (nint)g.W.Dilation * Block;
            int taps = t.Kx1 - t.Kx0;
            nint outStep = (t.Vertical ? g.W.Out : 1) * (nint)Block, at = (((nint)t.Z * g.H.Out + t.Y) * g.W.Out + t.X) * Block;
            V low = S.Create(g.Low), high = S.Create(g.High);
            for (int lane = 0; lane < Block; lane += S.Lanes)
            {
                V a0 = S.Load(Bias + lane), a1 = a0, a2 = a0, a3 = a0, a4 = a0, a5 = a0;
                if (taps > 0)
                    for (int kz = t.Kz0; kz < t.Kz1; kz++)
                        for (int ky = t.Ky0; ky < t.Ky1; ky++)
                        {
                            float* x = X + lane + (((nint)(g.D.Start(t.Z) + kz * g.D.Dilation) * g.H.In + g.H.Start(t.Y)) * g.W.In + g.W.Start(t.X)) * Block
                                + ky * rowStep + t.Kx0 * tapStep;
                            float* w = W + lane + ((nint)(kz * g.H.Kernel + ky) * g.W.Kernel + t.Kx0) * Block;
                            for (int kx = taps; kx != 0; kx--, x += tapStep, w += Block)
                            {
                                V k = S.Load(w);
                                a0 = S.MulAdd(S.Load(x), k, a0);
                                if (R.Count > 1) a1 = S.MulAdd(S.Load(x + step), k, a1);
                                if (R.Count > 2) a2 = S.MulAdd(S.Load(x + 2 * step), k, a2);
                                if (R.Count > 3) a3 = S.MulAdd(S.Load(x + 3 * step), k, a3);
                                if (R.Count > 4) a4 = S.MulAdd(S.Load(x + 4 * step), k, a4);
                                if (R.Count > 5) a5 = S.MulAdd(S.Load(x + 5 * step), k, a5);
                            }
                        }
                float* r = Residual == null ? null : Residual + at + lane;
                float* y = Y + at + lane;
                Finish(a0, r, y, 0, low, high);
                if (R.Count > 1) Finish(a1, r, y, outStep, low, high);
                if (R.Count > 2) Finish(a2, r, y, 2 * outStep, low, high);
                if (R.Count > 3) Finish(a3, r, y, 3 * outStep, low, high);
                if (R.Count > 4) Finish(a4, r, y, 4 * outStep, low, high);
                if (R.Count > 5) Finish(a5, r, y, 5 * outStep, low, high);
            }
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private static void Finish(V v, float* residual, float* y, nint at, V low, V high)
        {
            if (residual != null)
                v = S.Add(v, S.Load(residual + at));
            S.Store(S.Min(high, S.Max(low, v)), y + at);
        }
    }
}
