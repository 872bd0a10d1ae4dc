using System.Collections.Immutable;
using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>
/// Pools planes axis by axis with <see cref="BlockWindows"/>: down the columns of some output rows, then along them. The time does not
/// grow with the window. As <c>van_herk</c> maxima, as <c>running_sum</c> averages and sums of magnitudes.
/// </summary>
/// <remarks>
/// x [planes, inH, inW], y [planes, outH, outW], float32, or both [n, C/c, h, w, c]. Workspace of each thread: the pooled columns of an
/// item's rows, a vector for each position of the longer window and, row-major, as many rows as a vector has lanes transposed before and
/// after the second step, so that each lane has a row, and a square for the edges. 2 of 16 registers.
/// </remarks>
internal static unsafe class PoolingBlockWindows
{
    // The widest vector, and rows of an item at least.
    private const int Widest = 16;

    public static Applicability SupportsMax(PoolingProblem p, Target target) =>
        Applicability.If(p.Kind == PoolKind.Max, "the pool is no maximum").And(Supports(p));

    public static Applicability SupportsSum(PoolingProblem p, Target target) =>
        Applicability.If(p.Kind != PoolKind.Max, "the pool is no sum").And(Supports(p));

    public static ImmutableArray<FormatChoice> Formats(PoolingProblem p, Target target)
    {
        PoolingGeometry g = PoolingGeometry.Of(p);
        FormatChoice blocked = FormatChoice.Uniform(Format.Blocked(target.ChannelBlock), 1);
        // Padding lanes give the pool of zeros only where every window has an element.
        return g.H.IsNeverEmpty && g.W.IsNeverEmpty ? [FormatChoice.Plain, blocked] : FormatChoice.PlainOnly;
    }

    public static long WorkspaceBytes(Request<PoolingProblem> r) => r.Target.Threads * Scratch.Of(Geometry(r), Block(r)).Elements * sizeof(float);

    public static double CostHint(Request<PoolingProblem> r)
    {
        PoolingGeometry g = Geometry(r);
        double vectors = g.Planes * (double)Block(r) / r.Target.Lanes, columns = (double)g.H.Span * g.W.In, along = (double)g.H.Out * g.W.Span;
        double transposed = Block(r) > 1 ? 0 : 0.6 * g.H.Out * (g.W.In + g.W.Out);
        return 100 + (vectors * ((columns + along) * 5 + transposed) + r.Problem.Traffic / r.Target.BytesPerNanosecond / 4) / r.Target.Threads;
    }

    // A suffix and a prefix have a window's elements between them; one addition joins them, on each axis; a product and a quotient.
    public static ErrorBound Error(PoolingProblem p, Target target)
    {
        PoolingGeometry g = PoolingGeometry.Of(p);
        return p.Kind == PoolKind.Max ? ErrorBound.Exact : ErrorBound.PerElement(Math.Min(g.H.In, g.H.Kernel) + Math.Min(g.W.In, g.W.Kernel) + 4);
    }

    public static PreparedKernel Bind(Request<PoolingProblem> r, PackedConstants? packed) => PoolSteps.Select(r.Problem.Kind, r.Target.Isa, new Binder(r));

    private static Applicability Supports(PoolingProblem p)
    {
        Applicability verdict = PoolSteps.Supports(p).And(PoolingGeometry.Supports(p));
        if (!verdict.IsYes)
            return verdict;
        PoolingGeometry g = PoolingGeometry.Of(p);
        return Applicability.If(g.D == WindowAxis.One, "3 spatial axes, takes 2").And(Along(g.H)).And(Along(g.W))
            .And(Applicability.If(g.H.Kernel > g.H.Stride || g.W.Kernel > g.W.Stride, "windows do not overlap"));
    }

    private static Applicability Along(WindowAxis axis) =>
        Applicability.If(axis.Dilation == 1 || axis.Kernel == 1, $"dilation is {axis.Dilation}, needs 1")
            .And(Applicability.If(axis.Span <= 4 * axis.In + 1024, $"windows cover {axis.Span} positions, takes {4 * axis.In + 1024}"));

    private static int Block(Request<PoolingProblem> r) => r.Formats.Input(0).Kind == FormatKind.Blocked ? r.Formats.Input(0).Block : 1;

    // Planes of one row each are rows of one plane, so that there are rows enough for all lanes.
    private static PoolingGeometry Geometry(Request<PoolingProblem> r)
    {
        PoolingGeometry g = PoolingGeometry.Of(r.Problem);
        if (Block(r) > 1)
            return g with { Planes = r.Problem.N * ShapeMath.CeilDiv(r.Problem.C, Block(r)) };
        return g.H != WindowAxis.One ? g : g with { Planes = 1, H = WindowAxis.One with { In = g.Planes, Out = g.Planes } };
    }

    /// <summary>An item's rows, and the offsets of a thread's memory in elements.</summary>
    private readonly record struct Scratch(long Rows, long Pitch, long Suffixes, long Before, long After, long Square, long Elements)
    {
        // Windows of an item's rows share most of their rows if there are several times as many.
        public static Scratch Of(PoolingGeometry g, int block)
        {
            long rows = Math.Min(ShapeMath.RoundUp(Math.Max(Widest, 4 * g.H.Kernel / g.H.Stride), Widest), ShapeMath.RoundUp(Math.Max(g.H.Out, 1), Widest));
            long pitch = ShapeMath.RoundUp(g.W.In, Widest) * block;
            long suffixes = rows * pitch, before = suffixes + Math.Max(g.H.Kernel, g.W.Kernel) * Widest;
            long after = before + (block > 1 ? 0 : pitch * Widest), square = after + (block > 1 ? 0 : ShapeMath.RoundUp(g.W.Out, Widest) * Widest);
            return new Scratch(rows, pitch, suffixes, before, after, square, square + Widest * Widest);
        }
    }

    private readonly struct Binder(Request<PoolingProblem> r) : IPoolFunc
    {
        public PreparedKernel Create<S, V, P>() where S : struct, ISimd<V> where V : unmanaged where P : struct, IPoolStep =>
            new Kernel<S, V, P>(Geometry(r), Block(r), LaneTranspose.Of(r.Target.Isa), r.Problem.Kind == PoolKind.Average, r.Problem.CountsPadding);
    }

    private sealed class Kernel<S, V, P>(PoolingGeometry g, int block, delegate*<uint*, nint, uint*, nint, void> transpose, bool average, bool countPadding) : PreparedKernel
        where S : struct, ISimd<V> where V : unmanaged where P : struct, IPoolStep
    {
        private readonly Scratch _scratch = Scratch.Of(g, block);
        private readonly float[] _counts = PoolCounts.Along(g.W, average, countPadding);
        private readonly delegate*<uint*, nint, uint*, nint, void> _transpose = transpose;

        public override void Run(in KernelArgs args)
        {
            fixed (float* counts = _counts)
            {
                long chunks = ShapeMath.CeilDiv(g.H.Out, _scratch.Rows);
                var body = new Body<S, V, P>
                {
                    G = g,
                    Block = block,
                    Scratch = _scratch,
                    Transpose = _transpose,
                    CountPadding = countPadding,
                    Counts = counts,
                    Chunks = chunks,
                    X = (float*)args.Inputs[0],
                    Y = (float*)args.Outputs[0],
                    Memory = (float*)args.Workspace,
                    Split = new RowSplit(g.W.Out == 0 ? 0 : g.Planes * chunks),
                };
                args.Workers.For(body.Split.Items, ref body);
            }
        }
    }

    private struct Body<S, V, P> : IParallelBody where S : struct, ISimd<V> where V : unmanaged where P : struct, IPoolStep
    {
        public PoolingGeometry G;
        public nint Block;
        public Scratch Scratch;
        public delegate*<uint*, nint, uint*, nint, void> Transpose;
        public bool CountPadding;
        public float* Counts;
        public long Chunks;
        public float* X;
        public float* Y;
        public float* Memory;
        public RowSplit Split;

        public void Run(int begin, int end, int worker)
        {
            float* memory = Memory + (nint)(worker * Scratch.Elements);
            for (long item = Split.Begin(begin); item < Split.End(end); item++)
            {
                long plane = item / Chunks, row = item % Chunks * Scratch.Rows;
                nint rows = (nint)Math.Min(Scratch.Rows, G.H.Out - row);
                Columns(X + (nint)(plane * G.InPlane) * Block, row, rows, memory);
                float* y = Y + (nint)((plane * G.OutPlane) + row * G.W.Out) * Block;
                if (Block > 1)
                    Blocked(memory, row, rows, y);
                else if (S.Lanes == 1)
                    Rows(memory, rows, y);
                else
                    Transposed(memory, rows, y);
                if (Counts != null && Block == 1)
                    for (nint r = 0; r < rows; r++)
                        PoolCounts.Divide<S, V>(y + r * (nint)G.W.Out, (nint)G.W.Out, PoolCounts.Of(G.H, row + r, CountPadding), Counts);
            }
        }

        // Pools of the columns, a row for each output row.
        private readonly void Columns(float* x, long row, nint rows, float* memory)
        {
            long top = G.H.Start(row), first = Math.Max(0, -top), end = Math.Max(first, G.H.In - top);
            nint length = (nint)G.W.In * Block;
            x += (nint)Math.Min(top + first, G.H.In) * length;
            for (nint i = 0; i < length; i += S.Lanes)
                BlockWindows.Run<S, V, P>(x + i, length, (nint)first, (nint)end, (nint)G.H.Kernel, (nint)G.H.Stride, rows, memory + i, (nint)Scratch.Pitch,
                    memory + (nint)Scratch.Suffixes, (int)Math.Min(S.Lanes, length - i));
        }

        private readonly void Along(float* from, nint step, float* to, float* suffixes) =>
            BlockWindows.Run<S, V, P>(from, step, (nint)G.W.PadBegin, (nint)(G.W.PadBegin + G.W.In), (nint)G.W.Kernel, (nint)G.W.Stride, (nint)G.W.Out, to, step, suffixes, S.Lanes);

        private readonly void Rows(float* memory, nint rows, float* y)
        {
            for (nint r = 0; r < rows; r++)
                Along(memory + r * (nint)Scratch.Pitch, 1, y + r * (nint)G.W.Out, memory + (nint)Scratch.Suffixes);
        }

        private readonly void Blocked(float* memory, long row, nint rows, float* y)
        {
            nint width = (nint)G.W.Out * Block;
            for (nint r = 0; r < rows; r++, y += width)
            {
                for (nint lane = 0; lane < Block; lane += S.Lanes)
                    Along(memory + r * (nint)Scratch.Pitch + lane, Block, y + lane, memory + (nint)Scratch.Suffixes);
                if (Counts == null)
                    continue;
                float count = PoolCounts.Of(G.H, row + r, CountPadding);
                for (nint i = 0; i < width; i += S.Lanes)
                    S.Store(S.Div(S.Load(y + i), S.Create(count * Counts[i / Block])), y + i);
            }
        }

        // A row in each lane.
        private readonly void Transposed(float* memory, nint rows, float* y)
        {
            float* before = memory + (nint)Scratch.Before, after = memory + (nint)Scratch.After, square = memory + (nint)Scratch.Square;
            nint lanes = S.Lanes, outputs = (nint)G.W.Out;
            for (nint r = 0; r < rows; r += lanes, y += lanes * outputs)
            {
                float* from = memory + r * (nint)Scratch.Pitch;
                for (nint i = 0; i < (nint)G.W.In; i += lanes)
                    Transpose((uint*)(from + i), (nint)Scratch.Pitch, (uint*)(before + i * lanes), lanes);
                Along(before, lanes, after, memory + (nint)Scratch.Suffixes);
                nint height = Math.Min(lanes, rows - r);
                for (nint i = 0; i < outputs; i += lanes)
                {
                    nint width = Math.Min(lanes, outputs - i);
                    if (width == lanes && height == lanes)
                    {
                        Transpose((uint*)(after + i * lanes), lanes, (uint*)(y + i), outputs);
                        continue;
                    }
                    Transpose((uint*)(after + i * lanes), lanes, (uint*)square, lanes);
                    for (nint k = 0; k < height; k++)
                        S.StorePartial(S.Load(square + k * lanes), y + k * outputs + i, (int)width);
                }
            }
        }
    }
}
