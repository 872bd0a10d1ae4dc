using System.Collections.Immutable;
using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>
/// y = (x - mean) * factor + bias with factor = scale / sqrt(variance + epsilon), float32, row-major or in channel blocks.
/// </summary>
/// <remarks>
/// Workspace: factor, mean and bias of every channel, each padded with zeros to whole blocks, so that block padding stays zero.
/// Subtracting first costs no more than a shift and loses nothing where the mean is large.
/// </remarks>
internal static unsafe class BatchNormSimd
{
    private const int Pad = 16;

    public static Applicability Supports(BatchNormProblem p, Target target) => Applicability.If(
        p.Type == DType.Float32 && p.ScaleType == DType.Float32 && p.StatisticsType == DType.Float32,
        $"element types are {p.Type.ShortName()}, {p.ScaleType.ShortName()}, {p.StatisticsType.ShortName()}, needs f32")
        .And(Applicability.If(p.Momentum is null, "training mode needs the batch's statistics"));

    public static ImmutableArray<FormatChoice> Formats(BatchNormProblem p, Target target) =>
        p.Shape.Rank < 3 || p.PerElement ? FormatChoice.PlainOnly : [FormatChoice.Plain, FormatChoice.Uniform(Format.Blocked(target.ChannelBlock), 1)];

    public static long WorkspaceBytes(Request<BatchNormProblem> r) => 3 * sizeof(float) * ShapeMath.RoundUp(r.Problem.Channels, Pad);

    public static double CostHint(Request<BatchNormProblem> r) =>
        100 + r.Problem.Channels * 0.6 + (r.Problem.N * (double)r.Problem.Channels * 4 + r.Problem.Traffic / r.Target.BytesPerNanosecond / 4) / r.Target.Threads;

    public static PreparedKernel Bind(Request<BatchNormProblem> r, PackedConstants? packed) => Isa.Select<Binder, PreparedKernel>(r.Target.Isa, new Binder(r));

    private readonly struct Binder(Request<BatchNormProblem> r) : IIsaFunc<PreparedKernel>
    {
        public PreparedKernel Create<S, V>() where S : struct, ISimd<V> where V : unmanaged => new Kernel<S, V>(r.Problem, r.Formats.Input(0).Block);
    }

    private sealed class Kernel<S, V>(BatchNormProblem p, int block) : PreparedKernel where S : struct, ISimd<V> where V : unmanaged
    {
        private readonly long _n = p.N;
        private readonly long _channels = p.Channels;
        private readonly long _inner = p.Inner;

        public override void Run(in KernelArgs args)
        {
            nint padded = (nint)ShapeMath.RoundUp(_channels, Pad);
            float* factor = (float*)args.Workspace;
            Prepare((float*)args.Inputs[1], (float*)args.Inputs[2], (float*)args.Inputs[3], (float*)args.Inputs[4], factor, padded);
            var body = new Body<S, V>
            {
                Channels = (nint)_channels,
                Inner = (nint)_inner,
                Block = block,
                Factor = factor,
                Mean = factor + padded,
                Bias = factor + 2 * padded,
                X = (float*)args.Inputs[0],
                Y = (float*)args.Outputs[0],
                // Rows: images where channels are innermost, otherwise planes, or planes of blocks.
                Split = new RowSplit(block > 0 ? _n * ShapeMath.CeilDiv(_channels, block) : _inner == 1 ? _n : _n * _channels),
            };
            args.Workers.For(body.Split.Items, ref body);
        }

        private void Prepare(float* scale, float* bias, float* mean, float* variance, float* factor, nint padded)
        {
            nint channels = (nint)_channels;
            V epsilon = S.Create(p.Epsilon);
            for (nint i = 0; i < channels; i += S.Lanes)
            {
                int lanes = (int)Math.Min(S.Lanes, channels - i);
                V root = S.Sqrt(S.Add(S.LoadPartial(variance + i, lanes), epsilon));
                S.StorePartial(S.Div(S.LoadPartial(scale + i, lanes), root), factor + i, lanes);
                S.StorePartial(S.LoadPartial(mean + i, lanes), factor + padded + i, lanes);
                S.StorePartial(S.LoadPartial(bias + i, lanes), factor + 2 * padded + i, lanes);
            }
            for (nint i = channels; i < padded; i++)
                factor[i] = factor[padded + i] = factor[2 * padded + i] = 0;
        }
    }

    private struct Body<S, V> : IParallelBody where S : struct, ISimd<V> where V : unmanaged
    {
        public nint Channels;
        public nint Inner;
        public nint Block;
        public float* Factor;
        public float* Mean;
        public float* Bias;
        public float* X;
        public float* Y;
        public RowSplit Split;

        public void Run(int begin, int end, int worker)
        {
            for (long row = Split.Begin(begin); row < Split.End(end); row++)
                if (Block > 0)
                    BlockPlane((nint)row);
                else if (Inner == 1)
                    Image((nint)row * Channels);
                else
                    Plane((nint)row * Inner, (nint)row % Channels);
        }

        private readonly void Plane(nint at, nint channel)
        {
            V factor = S.Create(Factor[channel]), mean = S.Create(Mean[channel]), bias = S.Create(Bias[channel]);
            float* x = X + at, y = Y + at;
            nint i = 0;
            for (; i + 4 * S.Lanes <= Inner; i += 4 * S.Lanes)
            {
                V x0 = S.Load(x + i), x1 = S.Load(x + i + S.Lanes), x2 = S.Load(x + i + 2 * S.Lanes), x3 = S.Load(x + i + 3 * S.Lanes);
                S.Store(S.MulAdd(S.Sub(x0, mean), factor, bias), y + i);
                S.Store(S.MulAdd(S.Sub(x1, mean), factor, bias), y + i + S.Lanes);
                S.Store(S.MulAdd(S.Sub(x2, mean), factor, bias), y + i + 2 * S.Lanes);
                S.Store(S.MulAdd(S.Sub(x3, mean), factor, bias), y + i + 3 * S.Lanes);
            }
            for (; i < Inner; i += S.Lanes)
            {
                int lanes = (int)Math.Min(S.Lanes, Inner - i);
                S.StorePartial(S.MulAdd(S.Sub(S.LoadPartial(x + i, lanes), mean), factor, bias), y + i, lanes);
            }
        }

        private readonly void Image(nint at)
        {
            float* x = X + at, y = Y + at;
            for (nint i = 0; i < Channels; i += S.Lanes)
            {
                int lanes = (int)Math.Min(S.Lanes, Channels - i);
                S.StorePartial(S.MulAdd(S.Sub(S.LoadPartial(x + i, lanes), S.Load(Mean + i)), S.Load(Factor + i), S.Load(Bias + i)), y + i, lanes);
            }
        }

        private readonly void BlockPlane(nint row)
        {
            nint blocks = (Channels + Block - 1) / Block;
            nint channel = row % blocks * Block;
            for (nint lane = 0; lane < Block; lane += S.Lanes)
            {
                V factor = S.Load(Factor + channel + lane), mean = S.Load(Mean + channel + lane), bias = S.Load(Bias + channel + lane);
                float* x = X + row * Inner * Block + lane, y = Y + row * Inner * Block + lane;
                for (nint i = 0; i < Inner; i++, x += Block, y += Block)
                    S.Store(S.MulAdd(S.Sub(S.Load(x), mean), factor, bias), y);
            }
        }
    }
}
