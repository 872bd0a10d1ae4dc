using System.Runtime.CompilerServices;
using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>
/// Depthwise convolution (one input and one output channel a group) over channel blocks: a tile is some outputs of a row, all lanes of a
/// block, so that a weight vector serves them all (<see cref="DepthwiseTiles{S, V}"/>). Padding is not read: columns fall into runs that meet
/// the same taps, and each row lists its own.
/// </summary>
/// <remarks>
/// x [n][C/c][iD][iH][iW][c], y alike; packed weights [C/c][kD][kH][kW][c], zeros in padding lanes. Workspace: each worker's list of the
/// kernel rows that an output row meets, then the packed weights where they are not constant. Registers: those of <see cref="DepthwiseTiles{S, V}"/>.
/// </remarks>
internal static unsafe class ConvDepthwise
{
    public static Algorithm<ConvProblem> Row { get; } = new()
    {
        Name = "depthwise",
        Source = "register-blocked over output columns",
        Needs = "group = input channels = output channels",
        Workspace = "a list of kernel rows a thread; packed weights if they are not constant",
        Layouts = "blocked",
        Supports = Supports,
        Formats = ConvFormats.BlockedOnly,
        Fuses = static (_, _) => FusedParts.AnyActivation | FusedParts.Residual,
        WorkspaceBytes = static r => ListBytes(r.Problem, r.Target.Threads) + (r.Problem.HasConstantWeights ? 0 : WeightBytes(r)),
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

    private static long ListBytes(ConvProblem p, int threads) => ShapeMath.RoundUp(ShapeMath.Product([sizeof(DepthwiseRow), p.D.Kernel, p.H.Kernel, threads]), NativeBuffer.Alignment);

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
            new Kernel<S, V>(new ConvGeometry(r.Problem), ActivationStrip.Of(r.Problem.Fusion.Activation, r.Target.Isa), r.Target.ChannelBlock,
                (nint)ListBytes(r.Problem, r.Target.Threads), packed);
    }

    private sealed class Kernel<S, V>(ConvGeometry g, ActivationStrip activation, int block, nint listBytes, PackedConstants? packed) : PreparedKernel
        where S : struct, ISimd<V> where V : unmanaged
    {
        private readonly DepthwiseRun<S, V>[] _runs = [.. TapRun.Of(g.W).Select(run => new DepthwiseRun<S, V>(g, run))];

        public override void Run(in KernelArgs args)
        {
            float* weights = packed is null ? (float*)(args.Workspace + listBytes) : (float*)packed.Address;
            if (packed is null)
                PackWeights((float*)args.Inputs[1], weights, g.Channels, g.Taps, block);
            int blocks = (g.Channels + block - 1) / block;
            // Enough bands for the threads, and few enough that a band is a few rows.
            int bands = Math.Clamp(4 * args.Workers.Threads / Math.Max(1, blocks * g.N), 1, Math.Max(1, g.H.Out / 4));
            var body = new Body<S, V>
            {
                G = g,
                Runs = _runs,
                Activation = activation,
                Block = block,
                Blocks = blocks,
                Bands = bands,
                Lists = (DepthwiseRow*)args.Workspace,
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
        public DepthwiseRun<S, V>[] Runs;
        public ActivationStrip Activation;
        public int Block, Blocks, Bands;
        public DepthwiseRow* Lists;
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
                float* y = Y + image * G.OutPixels * Block;
                var tile = new DepthwiseArgs
                {
                    Rows = Lists + worker * (nint)G.D.Kernel * G.H.Kernel,
                    W = Weights + c * G.Taps * Block,
                    Bias = bias,
                    Residual = Residual == null ? 0 : (nint)(Residual - Y),
                    HasResidual = Residual != null,
                    Low = G.Low,
                    High = G.High,
                };
                int y0 = (int)((long)G.H.Out * band / Bands), y1 = (int)((long)G.H.Out * (band + 1) / Bands);
                Band(X + image * G.InPixels * Block, y, z, y0, y1, &tile);
                if (valid < Block)
                    ClearPadding(y + ((nint)z * G.H.Out + y0) * G.W.Out * Block, (nint)(y1 - y0) * G.W.Out, valid);
            }
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private readonly void Band(float* x, float* y, int z, int y0, int y1, DepthwiseArgs* tile)
        {
            G.D.Range(z, out int kz0, out int kz1);
            int listed0 = -1, listed1 = -1;
            tile->Step = (nint)G.W.Stride * Block;
            tile->TapStep = (nint)G.W.Dilation * Block;
            for (int row = y0; row < y1; row++)
            {
                G.H.Range(row, out int ky0, out int ky1);
                if (ky0 != listed0 || ky1 != listed1)
                    ListRows(kz0, kz1, listed0 = ky0, listed1 = ky1, tile);
                float* source = x + (((nint)G.D.Start(z) * G.H.In + G.H.Start(row)) * G.W.In - G.W.Pad) * Block;
                float* target = y + ((nint)z * G.H.Out + row) * G.W.Out * Block;
                foreach (DepthwiseRun<S, V> run in Runs)
                    run.Row(tile, source, target, Block);
                Activation.Apply(target, 1, 0, (nint)G.W.Out * Block);
            }
        }

        private readonly void ListRows(int kz0, int kz1, int ky0, int ky1, DepthwiseArgs* tile)
        {
            DepthwiseRow* row = tile->Rows;
            for (int kz = kz0; kz < kz1; kz++)
                for (int ky = ky0; ky < ky1; ky++, row++)
                {
                    row->X = ((nint)kz * G.D.Dilation * G.H.In + (nint)ky * G.H.Dilation) * G.W.In * Block;
                    row->W = ((nint)kz * G.H.Kernel + ky) * G.W.Kernel * Block;
                }
            tile->RowsEnd = row;
        }

        // An activation may lift the zeros of padding lanes.
        private readonly void ClearPadding(float* y, nint pixels, int valid)
        {
            for (nint p = 0; p < pixels; p++, y += Block)
                for (int lane = valid; lane < Block; lane++)
                    y[lane] = 0;
        }
    }
}
