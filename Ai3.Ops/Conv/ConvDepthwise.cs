using System.Runtime.CompilerServices;
using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>
/// Depthwise convolution (one input and one output channel a group) over channel blocks: a tile is up to 8 outputs in a line, all
/// lanes of a block, so that a weight vector serves 8 outputs. Small maps are copied with their pads, since most of their outputs meet
/// them; elsewhere padding is not read: see <see cref="ConvRegions"/>.
/// </summary>
/// <remarks>
/// x [n][C/c][iD][iH][iW][c], y alike; packed weights [C/c][kD][kH][kW][c], zeros in padding lanes. Workspace: each worker's list of the
/// taps that a rectangle meets, then each worker's padded map, then the packed weights where they are not constant. Registers: 8
/// accumulators, 1 weight.
/// </remarks>
internal static unsafe class ConvDepthwise
{
    private const int MaxCount = 8;

    // Maps up to this are copied with their pads; larger ones have few outputs at the borders.
    private const long MaxPaddedBytes = 32 << 10;

    public static Algorithm<ConvProblem> Row { get; } = new()
    {
        Name = "depthwise",
        Source = "register-blocked over output columns",
        Needs = "group = input channels = output channels",
        Workspace = "a list of taps and, of small maps, a padded block a thread; packed weights if they are not constant",
        Layouts = "blocked",
        Supports = Supports,
        Formats = ConvFormats.BlockedOnly,
        Fuses = static (_, _) => FusedParts.Clamp | FusedParts.Residual,
        WorkspaceBytes = static r => TapBytes(r.Problem, r.Target.Threads) + r.Target.Threads * PaddedBytes(r) + (r.Problem.HasConstantWeights ? 0 : WeightBytes(r)),
        PackedBytes = static r => r.Problem.HasConstantWeights ? WeightBytes(r) : 0,
        CostHint = CostHint,
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

    private static double CostHint(Request<ConvProblem> r)
    {
        ConvProblem p = r.Problem;
        double images = (double)p.N * Blocks(r);
        // Each rectangle of equal taps costs some time of its own.
        double rects = (1.0 + p.H.PadBegin + p.H.PadEnd) * (1 + p.W.PadBegin + p.W.PadEnd);
        return ConvRows.Cost(r, 2 * images * r.Target.ChannelBlock * p.OutPixels * p.Taps, 0.35, 0) + 60 * images * Math.Min(rects, p.OutPixels) / r.Target.Threads;
    }

    private static long Blocks(Request<ConvProblem> r) => ShapeMath.CeilDiv(r.Problem.InChannels, r.Target.ChannelBlock);

    private static long WeightBytes(Request<ConvProblem> r) => sizeof(float) * Blocks(r) * r.Target.ChannelBlock * r.Problem.Taps;

    private static long TapBytes(ConvProblem p, int threads) => ShapeMath.RoundUp(ShapeMath.Product([sizeof(Tap), p.Taps, threads]), NativeBuffer.Alignment);

    // A block of channels of one image with its pads; 0 where it is not copied. Weights must be known to be finite: 0 times infinity is NaN.
    private static long PaddedBytes(Request<ConvProblem> r)
    {
        ConvProblem p = r.Problem;
        if (!p.HasConstantWeights || p.Axes.All(a => a.IsUnpadded) || p.InPixels == 0)
            return 0;
        long pixels = p.D.Padded * p.H.Padded * p.W.Padded, bytes = sizeof(float) * pixels * r.Target.ChannelBlock;
        return bytes <= MaxPaddedBytes && pixels <= 4 * p.InPixels ? ShapeMath.RoundUp(bytes, NativeBuffer.Alignment) : 0;
    }

    private static ConvAxis WithPads(ConvAxis a) => a with { In = a.Padded, PadBegin = 0, PadEnd = 0 };

    private static bool AreFinite(PackedConstants packed, long bytes)
    {
        foreach (float w in new ReadOnlySpan<float>((float*)packed.Address, (int)(bytes / sizeof(float))))
            if (!float.IsFinite(w))
                return false;
        return true;
    }

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
        public PreparedKernel Create<S, V>() where S : struct, ISimd<V> where V : unmanaged
        {
            ConvProblem p = r.Problem;
            nint tapBytes = (nint)TapBytes(p, r.Target.Threads), paddedBytes = (nint)PaddedBytes(r);
            if (paddedBytes == 0 || !AreFinite(packed!, WeightBytes(r)))
                return new Kernel<S, V>(new ConvGeometry(p), r.Target.ChannelBlock, tapBytes, packed);
            var padded = new ConvGeometry(p with { D = WithPads(p.D), H = WithPads(p.H), W = WithPads(p.W) });
            return new Kernel<S, V>(padded, r.Target.ChannelBlock, tapBytes, packed) { Map = new ConvGeometry(p), MapBytes = paddedBytes };
        }
    }

    // Of geometry g; where the map is copied with its pads, that of the copy.
    private sealed class Kernel<S, V>(ConvGeometry g, int block, nint tapBytes, PackedConstants? packed) : PreparedKernel
        where S : struct, ISimd<V> where V : unmanaged
    {
        private readonly ConvRegions _regions = new(g);

        /// <summary>The map that is copied with its pads; null if it is read where it is.</summary>
        public ConvGeometry? Map { get; init; }

        /// <summary>Bytes of each worker's copy.</summary>
        public nint MapBytes { get; init; }

        public override void Run(in KernelArgs args)
        {
            float* weights = packed is null ? (float*)(args.Workspace + tapBytes) : (float*)packed.Address;
            if (packed is null)
                PackWeights((float*)args.Inputs[1], weights, g.Channels, g.Taps, block);
            int blocks = (g.Channels + block - 1) / block;
            // Enough bands for the threads, and few enough that a band is a few rows.
            int bands = Map is not null ? 1 : Math.Clamp(4 * args.Workers.Threads / Math.Max(1, blocks * g.N), 1, Math.Max(1, g.H.Out / 4));
            var body = new Body<S, V>
            {
                G = g,
                Regions = _regions,
                Block = block,
                Blocks = blocks,
                Bands = bands,
                Taps = (Tap*)args.Workspace,
                Map = Map,
                Copies = (byte*)args.Workspace + tapBytes,
                CopyBytes = MapBytes,
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

    // Where a tap is relative to the first input of a tile and to the block's first weight.
    private struct Tap
    {
        public nint X, W;
    }

    private struct Body<S, V> : IParallelBody where S : struct, ISimd<V> where V : unmanaged
    {
        public ConvGeometry G;
        public ConvRegions Regions;
        public int Block, Blocks, Bands;
        public Tap* Taps;
        public ConvGeometry? Map;
        public byte* Copies;
        public nint CopyBytes;
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
                float* x = X + image * (Map ?? G).InPixels * Block;
                if (Map is not null)
                    x = CopyWithPads(x, (float*)(Copies + worker * CopyBytes), first: i == begin, z);
                var rects = new Rects<S, V>
                {
                    G = G,
                    Block = Block,
                    X = x,
                    Y = Y + image * G.OutPixels * Block,
                    Tile = new TileOf
                    {
                        Taps = Taps + worker * G.Taps,
                        W = Weights + c * G.Taps * Block,
                        Bias = bias,
                        Residual = Residual == null ? 0 : (nint)(Residual - Y),
                        HasResidual = Residual != null,
                        Low = G.Low,
                        High = G.High,
                    },
                };
                int y0 = (int)((long)G.H.Out * band / Bands), y1 = (int)((long)G.H.Out * (band + 1) / Bands);
                Regions.Visit(z, y0, y1, ref rects);
                if (valid < Block)
                    ClearPadding(rects.Y + ((nint)z * G.H.Out + y0) * G.W.Out * Block, (nint)(y1 - y0) * G.W.Out, valid);
            }
        }

        // The pads are written once a worker, and the map once for all its depths.
        private readonly float* CopyWithPads(float* x, float* copy, bool first, int z)
        {
            if (first)
                new Span<byte>(copy, (int)CopyBytes).Clear();
            if (!first && z != 0)
                return copy;
            int row = Map!.W.In * Block;
            for (int d = 0; d < Map.D.In; d++)
                for (int h = 0; h < Map.H.In; h++, x += row)
                    new ReadOnlySpan<float>(x, row).CopyTo(
                        new Span<float>(copy + (((nint)(d + Map.D.Pad) * G.H.In + h + Map.H.Pad) * G.W.In + Map.W.Pad) * Block, row));
            return copy;
        }

        // A clamp may lift the zeros of padding lanes.
        private readonly void ClearPadding(float* y, nint pixels, int valid)
        {
            for (nint p = 0; p < pixels; p++, y += Block)
                for (int lane = valid; lane < Block; lane++)
                    y[lane] = 0;
        }
    }

    // What the tiles of a rectangle share. Step and OutStep: elements from one output's input, and from one output, to the next.
    private struct TileOf
    {
        public Tap* Taps, TapsEnd;
        public nint Step, OutStep, Residual;
        public float* W, Bias;
        public bool HasResidual;
        public float Low, High;
    }

    private struct Rects<S, V> : IPixelRects where S : struct, ISimd<V> where V : unmanaged
    {
        public ConvGeometry G;
        public int Block;
        public float* X, Y;
        public TileOf Tile;

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public void Compute(in PixelRect rect)
        {
            var lines = new PixelLines(rect, MaxCount);
            Tile.Step = (lines.IsVertical ? (nint)G.H.Stride * G.W.In : G.W.Stride) * Block;
            Tile.OutStep = (lines.IsVertical ? G.W.Out : 1) * (nint)Block;
            ListTaps(rect);
            fixed (TileOf* tile = &Tile)
                for (int line = 0; line < lines.Lines; line++)
                    for (int panel = 0; panel < lines.PanelsOfLine; panel++)
                    {
                        int count = lines.Part(line, panel, out int y, out int x);
                        float* source = X + (((nint)G.D.Start(rect.Z) * G.H.In + G.H.Start(y)) * G.W.In + G.W.Start(x)) * Block;
                        float* target = Y + (((nint)rect.Z * G.H.Out + y) * G.W.Out + x) * Block;
                        for (int lane = 0; lane < Block; lane += S.Lanes)
                            Outputs(count, tile, source, target, lane);
                    }
        }

        private void ListTaps(in PixelRect rect)
        {
            Tap* tap = Tile.Taps;
            for (int kz = rect.Kz0; kz < rect.Kz1; kz++)
                for (int ky = rect.Ky0; ky < rect.Ky1; ky++)
                    for (int kx = rect.Kx0; kx < rect.Kx1; kx++, tap++)
                    {
                        tap->X = (((nint)kz * G.D.Dilation * G.H.In + (nint)ky * G.H.Dilation) * G.W.In + (nint)kx * G.W.Dilation) * Block;
                        tap->W = ((nint)(kz * G.H.Kernel + ky) * G.W.Kernel + kx) * Block;
                    }
            Tile.TapsEnd = tap;
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private static void Outputs(int count, TileOf* tile, float* x, float* y, int lane)
        {
            switch (count)
            {
                case 1: Outputs<Rows1>(tile, x, y, lane); break;
                case 2: Outputs<Rows2>(tile, x, y, lane); break;
                case 3: Outputs<Rows3>(tile, x, y, lane); break;
                case 4: Outputs<Rows4>(tile, x, y, lane); break;
                case 5: Outputs<Rows5>(tile, x, y, lane); break;
                case 6: Outputs<Rows6>(tile, x, y, lane); break;
                case 7: Outputs<Rows7>(tile, x, y, lane); break;
                default: Outputs<Rows8>(tile, x, y, lane); break;
            }
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private static void Outputs<R>(TileOf* t, float* x, float* y, int lane) where R : struct, ITileRows
        {
            x += lane;
            y += lane;
            float* w = t->W + lane;
            nint step = t->Step;
            V a0 = S.Load(t->Bias + lane), a1 = a0, a2 = a0, a3 = a0, a4 = a0, a5 = a0, a6 = a0, a7 = a0;
            for (Tap* tap = t->Taps, end = t->TapsEnd; tap != end; tap++)
            {
                V k = S.Load(w + tap->W);
                float* p = x + tap->X;
                a0 = S.MulAdd(S.Load(p), k, a0);
                if (R.Count > 1) a1 = S.MulAdd(S.Load(p + step), k, a1);
                if (R.Count > 2) a2 = S.MulAdd(S.Load(p + 2 * step), k, a2);
                if (R.Count > 3) a3 = S.MulAdd(S.Load(p + 3 * step), k, a3);
                if (R.Count > 4) a4 = S.MulAdd(S.Load(p + 4 * step), k, a4);
                if (R.Count > 5) a5 = S.MulAdd(S.Load(p + 5 * step), k, a5);
                if (R.Count > 6) a6 = S.MulAdd(S.Load(p + 6 * step), k, a6);
                if (R.Count > 7) a7 = S.MulAdd(S.Load(p + 7 * step), k, a7);
            }
            V low = S.Create(t->Low), high = S.Create(t->High);
            nint next = t->OutStep;
            Finish(a0, t, y, low, high);
            if (R.Count > 1) Finish(a1, t, y + next, low, high);
            if (R.Count > 2) Finish(a2, t, y + 2 * next, low, high);
            if (R.Count > 3) Finish(a3, t, y + 3 * next, low, high);
            if (R.Count > 4) Finish(a4, t, y + 4 * next, low, high);
            if (R.Count > 5) Finish(a5, t, y + 5 * next, low, high);
            if (R.Count > 6) Finish(a6, t, y + 6 * next, low, high);
            if (R.Count > 7) Finish(a7, t, y + 7 * next, low, high);
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private static void Finish(V v, TileOf* t, float* y, V low, V high)
        {
            if (t->HasResidual)
                v = S.Add(v, S.Load(y + t->Residual));
            S.Store(S.Min(high, S.Max(low, v)), y);
        }
    }
}
