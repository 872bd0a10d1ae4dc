using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>
/// LRN on row-major planes, vectors over pixels, or on channel blocks, vectors over channels. The powers 3/4, 1/2 and 1 are
/// square roots and divisions; others are computed lane by lane.
/// </summary>
/// <remarks>
/// Blocked: the squares of one pixel's channels lie in the workspace with zeros on either side, [before | C padded | after], so that each
/// sum is Size unaligned loads. Krizhevsky et al. 2012.
/// </remarks>
internal static unsafe class LrnDirect
{
    private const int Slack = 16;

    public static Applicability Supports(LrnProblem p, Target target) => Applicability.If(p.Type == DType.Float32, $"element type is {p.Type.ShortName()}, needs f32");

    public static ImmutableArray<FormatChoice> Formats(LrnProblem p, Target target) =>
        p.Shape.Rank < 3 ? FormatChoice.PlainOnly : [FormatChoice.Plain, FormatChoice.Uniform(Format.Blocked(target.ChannelBlock), 1)];

    public static long WorkspaceBytes(Request<LrnProblem> r) =>
        r.Formats.Input(0).Kind == FormatKind.Blocked ? r.Target.Threads * ScratchRow(r.Problem) * sizeof(float) : 0;

    public static double CostHint(Request<LrnProblem> r)
    {
        LrnProblem p = r.Problem;
        double power = p.Beta is 0.75f or 0.5f or 1f ? 3 : 10 * r.Target.Lanes;
        double vectors = p.N * (double)p.Channels * p.Inner / r.Target.Lanes;
        return 100 + (vectors * (0.7 * Math.Min(p.Size, p.Channels) + power) + p.Traffic / r.Target.BytesPerNanosecond / 4) / r.Target.Threads;
    }

    // The sum (size links), alpha / size, the product, the addition; then the power and the division.
    public static ErrorBound Error(LrnProblem p, Target target) => ErrorBound.Relative(Math.Min(p.Size, p.Channels) + 8);

    public static PreparedKernel Bind(Request<LrnProblem> r, PackedConstants? packed) => Isa.Select<Binder, PreparedKernel>(r.Target.Isa, new Binder(r));

    private static long ScratchRow(LrnProblem p) => ShapeMath.RoundUp(p.Before + p.After + ShapeMath.RoundUp(p.Channels, Slack), Slack) + Slack;

    private readonly struct Binder(Request<LrnProblem> r) : IIsaFunc<PreparedKernel>
    {
        public PreparedKernel Create<S, V>() where S : struct, ISimd<V> where V : unmanaged => new Kernel<S, V>(r.Problem, r.Formats.Input(0).Block);
    }

    private sealed class Kernel<S, V>(LrnProblem p, int block) : PreparedKernel where S : struct, ISimd<V> where V : unmanaged
    {
        // Pixels of a work item on planes: a few vectors, so that all channels of the item stay in L1 or L2.
        private readonly long _chunk = 4 * S.Lanes;

        public override void Run(in KernelArgs args)
        {
            var body = new Body<S, V>
            {
                Channels = (nint)p.Channels,
                Inner = (nint)p.Inner,
                Before = (nint)p.Before,
                After = (nint)p.After,
                Alpha = p.Alpha / p.Size,
                Bias = p.Bias,
                Beta = p.Beta,
                Block = block,
                Chunk = (nint)_chunk,
                ScratchRow = (nint)ScratchRow(p),
                X = (float*)args.Inputs[0],
                Y = (float*)args.Outputs[0],
                Scratch = (float*)args.Workspace,
                Split = new RowSplit(block > 0 ? p.N * p.Inner : p.N * ShapeMath.CeilDiv(p.Inner, _chunk)),
            };
            args.Workers.For(body.Split.Items, ref body);
        }
    }

    private struct Body<S, V> : IParallelBody where S : struct, ISimd<V> where V : unmanaged
    {
        public nint Channels;
        public nint Inner;
        public nint Before;
        public nint After;
        public float Alpha;
        public float Bias;
        public float Beta;
        public nint Block;
        public nint Chunk;
        public nint ScratchRow;
        public float* X;
        public float* Y;
        public float* Scratch;
        public RowSplit Split;

        public void Run(int begin, int end, int worker)
        {
            float* lanes = stackalloc float[32];
            float* scratch = Scratch + worker * ScratchRow;
            if (Block > 0)
                for (nint i = 0; i < ScratchRow; i++)
                    scratch[i] = 0;
            for (long row = Split.Begin(begin); row < Split.End(end); row++)
                if (Block > 0)
                    Pixel((nint)row, scratch, lanes);
                else
                    Pixels((nint)row, lanes);
        }

        private readonly void Pixels(nint row, float* lanes)
        {
            nint chunks = (Inner + Chunk - 1) / Chunk;
            nint pixel = row % chunks * Chunk, end = Math.Min(pixel + Chunk, Inner);
            for (; pixel < end; pixel += S.Lanes)
            {
                int n = (int)Math.Min(S.Lanes, end - pixel);
                nint image = row / chunks * Channels * Inner + pixel;
                for (nint c = 0; c < Channels; c++)
                {
                    nint first = Math.Max(0, c - Before), last = Math.Min(Channels - 1, c + After);
                    float* p = X + image + first * Inner;
                    V sum = S.Zero;
                    for (nint k = first; k <= last; k++, p += Inner)
                    {
                        V x = n == S.Lanes ? S.Load(p) : S.LoadPartial(p, n);
                        sum = S.MulAdd(x, x, sum);
                    }
                    V y = Divide(n == S.Lanes ? S.Load(X + image + c * Inner) : S.LoadPartial(X + image + c * Inner, n), sum, lanes);
                    if (n == S.Lanes)
                        S.Store(y, Y + image + c * Inner);
                    else
                        S.StorePartial(y, Y + image + c * Inner, n);
                }
            }
        }

        private readonly void Pixel(nint row, float* scratch, float* lanes)
        {
            nint blocks = (Channels + Block - 1) / Block;
            nint at = row / Inner * blocks * Inner * Block + row % Inner * Block;
            float* squares = scratch + Before;
            for (nint c = 0; c < blocks * Block; c += S.Lanes)
            {
                V x = S.Load(X + at + c / Block * Inner * Block + c % Block);
                S.Store(S.Mul(x, x), squares + c);
            }
            for (nint c = 0; c < blocks * Block; c += S.Lanes)
            {
                V sum = S.Zero;
                for (nint k = -Before; k <= After; k++)
                    sum = S.Add(sum, S.Load(squares + c + k));
                nint position = at + c / Block * Inner * Block + c % Block;
                V y = Divide(S.Load(X + position), sum, lanes);
                S.Store(y, Y + position);
                for (nint lane = Math.Max(0, Channels - c); lane < S.Lanes; lane++)
                    Y[position + lane] = 0;
            }
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private readonly V Divide(V x, V sum, float* lanes)
        {
            V b = S.MulAdd(S.Create(Alpha), sum, S.Create(Bias));
            if (Beta == 0.75f)
            {
                V root = S.Sqrt(b);
                return S.Div(x, S.Mul(root, S.Sqrt(root)));
            }
            if (Beta == 0.5f)
                return S.Div(x, S.Sqrt(b));
            if (Beta == 1f)
                return S.Div(x, b);
            // In double, as the power may leave float32's range where the quotient does not.
            S.Store(b, lanes);
            S.Store(x, lanes + 16);
            for (int i = 0; i < S.Lanes; i++)
                lanes[i] = (float)(lanes[16 + i] / Math.Pow(lanes[i], Beta));
            return S.Load(lanes);
        }
    }
}
