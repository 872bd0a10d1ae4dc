using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>
/// float32 reductions. Where the innermost axis is reduced, a run of it goes through four vector accumulators; where it is
/// kept, a tile of neighbouring outputs is reduced together, each in its own lane.
/// </summary>
/// <remarks>
/// Runs are cut into blocks (<see cref="BlockVectors"/> vectors, or <see cref="BlockRows"/> rows of a tile) whose float32 results are
/// combined in double, so that the longest chain of roundings does not grow with the size. Padding elements of a partial vector are
/// set to the reduction's start value. Threads share outputs only.
/// </remarks>
internal static unsafe class VectorReduction
{
    // Vectors of a block of a run: 64 for each accumulator.
    private const int BlockVectors = 256;

    private const int BlockRows = 128;

    private const int TileVectors = 4;

    // Input elements that a thread takes at a time, at least.
    private const long Grain = 16384;

    public static Applicability Supports(ReductionProblem p, Target target)
    {
        if (p.Input.Type != DType.Float32)
            return Applicability.No($"input is {p.Input.Type.ShortName()}, needs f32");
        return Applicability.If(p.Function != ReductionFunction.Prod, "products have no vector form");
    }

    /// <summary>Plain; and blocked where only axes after the channels are reduced and zeros give zeros, with a blocked or a plain output.</summary>
    public static ImmutableArray<FormatChoice> Formats(ReductionProblem p, Target target)
    {
        Shape shape = p.Input.Shape;
        if (shape.Rank < 3 || shape.Count == 0 || p.Axes.IsEmpty || p.Axes[0] < 2 || p.Function is ReductionFunction.LogSum or ReductionFunction.LogSumExp)
            return FormatChoice.PlainOnly;
        Format blocked = Format.Blocked(target.ChannelBlock);
        var all = ImmutableArray.CreateBuilder<FormatChoice>();
        all.Add(FormatChoice.Plain);
        if (p.KeepDims)
            all.Add(new FormatChoice([blocked], [blocked]));
        // [n, C/b, b] is [n, C] where nothing is padded and no other axis is kept.
        if (shape[1] % target.ChannelBlock == 0 && p.Axes.Length == shape.Rank - 2)
            all.Add(new FormatChoice([blocked], [Format.Plain]));
        return all.ToImmutable();
    }

    /// <summary>The longest chain of roundings of a sum.</summary>
    public static ErrorBound Error(ReductionProblem p, Target target)
    {
        if (p.Function is ReductionFunction.Max or ReductionFunction.Min)
            return ErrorBound.Exact;
        double run = Math.Min(p.Count / (double)(TileVectors * target.Lanes), BlockVectors / TileVectors) + TileVectors + Math.Log2(target.Lanes);
        double chain = Math.Ceiling(Math.Max(run, Math.Min(p.Count, BlockRows))) + 4;
        return ErrorBound.PerElement(p.Function == ReductionFunction.LogSumExp ? chain + 6 : chain);
    }

    public static PreparedKernel Bind(Request<ReductionProblem> request, PackedConstants? packed)
    {
        IsaLevel level = request.Target.Isa;
        return request.Problem.Function switch
        {
            ReductionFunction.Sum => Isa.Select<Maker<SumReducer>, PreparedKernel>(level, new(request)),
            ReductionFunction.Mean => Isa.Select<Maker<MeanReducer>, PreparedKernel>(level, new(request)),
            ReductionFunction.Max => Isa.Select<Maker<MaxReducer>, PreparedKernel>(level, new(request)),
            ReductionFunction.Min => Isa.Select<Maker<MinReducer>, PreparedKernel>(level, new(request)),
            ReductionFunction.L1 => Isa.Select<Maker<L1Reducer>, PreparedKernel>(level, new(request)),
            ReductionFunction.L2 => Isa.Select<Maker<L2Reducer>, PreparedKernel>(level, new(request)),
            ReductionFunction.SumSquare => Isa.Select<Maker<SumSquareReducer>, PreparedKernel>(level, new(request)),
            ReductionFunction.LogSum => Isa.Select<Maker<LogSumReducer>, PreparedKernel>(level, new(request)),
            _ => Isa.Select<Maker<LogSumExpReducer>, PreparedKernel>(level, new(request)),
        };
    }

    private static ReductionPlan PlanOf(Request<ReductionProblem> request)
    {
        ReductionProblem p = request.Problem;
        long[] dims = p.Input.Shape.ToArray();
        if (request.Formats.Input(0).Kind == FormatKind.Plain)
            return ReductionPlan.Of(dims, p.Axes.Contains);
        int block = request.Formats.Input(0).Block;
        long[] split = [.. dims, block];
        split[1] = ShapeMath.CeilDiv(dims[1], block);
        return ReductionPlan.Of(split, p.Axes.Contains);
    }

    private readonly struct Maker<R>(Request<ReductionProblem> request) : IIsaFunc<PreparedKernel> where R : struct, IReducer
    {
        public PreparedKernel Create<S, V>() where S : struct, ISimd<V> where V : unmanaged => new Kernel<R, S, V>(PlanOf(request));
    }

    private sealed class Kernel<R, S, V>(ReductionPlan plan) : PreparedKernel where R : struct, IReducer where S : struct, ISimd<V> where V : unmanaged
    {
        // Outputs in one tile along the innermost kept axis, and tiles along it.
        private readonly long _tile = plan.InnerIsReduced ? 1 : TileOf(plan);
        private readonly long _tiles = plan.InnerIsReduced ? 1 : ShapeMath.CeilDiv(plan.KeptDims[^1], TileOf(plan));

        private static long TileOf(ReductionPlan plan) => Math.Clamp(plan.KeptDims[^1], 1, TileVectors * S.Lanes);

        private long Items => plan.InnerIsReduced ? plan.Outputs : plan.Outputs / plan.KeptDims[^1] * _tiles;

        // Items that make a grain.
        private long ItemsAtATime => Math.Max(Math.Max(1, Grain / Math.Max(1, plan.Count * _tile)), Items / 1_000_000);

        public override void Run(in KernelArgs args)
        {
            if (plan.Outputs == 0)
                return;
            var body = new Body { Kernel = this, X = (float*)args.Inputs[0], Y = (float*)args.Outputs[0] };
            args.Workers.For((int)ShapeMath.CeilDiv(Items, ItemsAtATime), ref body);
        }

        private struct Body : IParallelBody
        {
            public Kernel<R, S, V> Kernel;
            public float* X;
            public float* Y;

            public readonly void Run(int begin, int end, int worker)
            {
                long step = Kernel.ItemsAtATime, last = Math.Min(end * step, Kernel.Items);
                for (long item = begin * step; item < last; item++)
                    Kernel.Item(X, Y, item);
            }
        }

        private void Item(float* x, float* y, long item)
        {
            int rank = plan.KeptDims.Length;
            if (plan.InnerIsReduced)
            {
                x += ReductionPlan.Offset(plan.KeptDims, plan.KeptStrides, rank, item);
                float shift = 0;
                if (R.NeedsShift)
                    shift = Finite((float)Runs<MaxReducer>(x, 0));
                y[item] = Output(x, plan.Count == 0 ? R.Start : Runs<R>(x, shift), shift);
                return;
            }
            (long outer, long tile) = Math.DivRem(item, _tiles);
            long first = tile * _tile;
            int lanes = (int)Math.Min(_tile, plan.KeptDims[^1] - first);
            x += ReductionPlan.Offset(plan.KeptDims, plan.KeptStrides, rank - 1, outer) + first;
            y += outer * plan.KeptDims[^1] + first;
            Tile(x, y, lanes);
        }

        private float Output(float* x, double total, float shift)
        {
            if (R.IsLost(total))
            {
                total = R.Start;
                for (long i = 0; i < plan.Count; i++)
                    total = R.AccumulateDouble(total, x[ReductionPlan.Offset(plan.ReducedDims, plan.ReducedStrides, plan.ReducedDims.Length, i)]);
            }
            return (float)R.Finish(total, plan.Count, shift);
        }

        private static float Finite(float x) => float.IsFinite(x) ? x : 0;

        // All runs of one output element, their results combined in double.
        private double Runs<Q>(float* x, float shift) where Q : struct, IReducer
        {
            double total = Q.Start;
            int outerRank = plan.ReducedDims.Length - 1;
            long length = plan.ReducedDims[^1], runs = plan.Count / Math.Max(length, 1);
            for (long run = 0; run < runs; run++)
            {
                float* p = x + ReductionPlan.Offset(plan.ReducedDims, plan.ReducedStrides, outerRank, run);
                long block = BlockVectors * S.Lanes;
                for (long done = 0; done < length; done += block)
                    total = Q.Combine(total, Run<Q>(p + done, (nint)Math.Min(block, length - done), shift));
            }
            return total;
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private static float Run<Q>(float* x, nint n, float shift) where Q : struct, IReducer
        {
            V start = S.Create(Q.Start), s = S.Create(shift), a0 = start, a1 = start, a2 = start, a3 = start;
            for (; n >= 4 * S.Lanes; n -= 4 * S.Lanes, x += 4 * S.Lanes)
            {
                a0 = Q.Accumulate<S, V>(a0, S.Load(x), s);
                a1 = Q.Accumulate<S, V>(a1, S.Load(x + S.Lanes), s);
                a2 = Q.Accumulate<S, V>(a2, S.Load(x + 2 * S.Lanes), s);
                a3 = Q.Accumulate<S, V>(a3, S.Load(x + 3 * S.Lanes), s);
            }
            for (; n >= S.Lanes; n -= S.Lanes, x += S.Lanes)
                a0 = Q.Accumulate<S, V>(a0, S.Load(x), s);
            V sum = Q.Combine<S, V>(Q.Combine<S, V>(a0, a1), Q.Combine<S, V>(a2, a3));
            if (n == 0)
                return Q.Across<S, V>(sum);
            // The rest in a vector of its own, of which only the used lanes count.
            float* lanes = stackalloc float[16];
            S.Store(start, lanes);
            S.StorePartial(Q.Accumulate<S, V>(start, S.LoadPartial(x, (int)n), s), lanes, (int)n);
            return Q.Across<S, V>(Q.Combine<S, V>(sum, S.Load(lanes)));
        }

        // Neighbouring outputs, one in each lane.
        private void Tile(float* x, float* y, int lanes)
        {
            double* total = stackalloc double[64];
            float* shift = stackalloc float[64];
            new Span<float>(shift, 64).Clear();
            if (R.NeedsShift)
            {
                Rows<MaxReducer>(x, lanes, shift, total);
                for (int i = 0; i < lanes; i++)
                    shift[i] = Finite((float)total[i]);
            }
            Rows<R>(x, lanes, shift, total);
            for (int i = 0; i < lanes; i++)
                y[i] = Output(x + i, total[i], shift[i]);
        }

        private void Rows<Q>(float* x, int lanes, float* shift, double* total) where Q : struct, IReducer
        {
            float* block = stackalloc float[64];
            new Span<double>(total, lanes).Fill(Q.Start);
            int outerRank = plan.ReducedDims.Length - 1;
            long length = plan.ReducedDims[^1], runs = plan.Count / Math.Max(length, 1);
            nint stride = (nint)plan.ReducedStrides[^1];
            for (long run = 0; run < runs; run++)
            {
                float* p = x + ReductionPlan.Offset(plan.ReducedDims, plan.ReducedStrides, outerRank, run);
                for (long done = 0; done < length; done += BlockRows)
                {
                    nint rows = (nint)Math.Min(BlockRows, length - done);
                    float* q = p + done * stride;
                    if (lanes == TileVectors * S.Lanes)
                        Columns4<Q>(q, rows, stride, shift, block);
                    else
                        for (int lane = 0; lane < lanes; lane += S.Lanes)
                            Columns1<Q>(q + lane, rows, stride, shift + lane, block + lane, Math.Min(S.Lanes, lanes - lane));
                    for (int i = 0; i < lanes; i++)
                        total[i] = Q.Combine(total[i], block[i]);
                }
            }
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private static void Columns4<Q>(float* x, nint rows, nint stride, float* shift, float* y) where Q : struct, IReducer
        {
            V start = S.Create(Q.Start), a0 = start, a1 = start, a2 = start, a3 = start;
            V s0 = S.Load(shift), s1 = S.Load(shift + S.Lanes), s2 = S.Load(shift + 2 * S.Lanes), s3 = S.Load(shift + 3 * S.Lanes);
            for (; rows > 0; rows--, x += stride)
            {
                a0 = Q.Accumulate<S, V>(a0, S.Load(x), s0);
                a1 = Q.Accumulate<S, V>(a1, S.Load(x + S.Lanes), s1);
                a2 = Q.Accumulate<S, V>(a2, S.Load(x + 2 * S.Lanes), s2);
                a3 = Q.Accumulate<S, V>(a3, S.Load(x + 3 * S.Lanes), s3);
            }
            S.Store(a0, y);
            S.Store(a1, y + S.Lanes);
            S.Store(a2, y + 2 * S.Lanes);
            S.Store(a3, y + 3 * S.Lanes);
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private static void Columns1<Q>(float* x, nint rows, nint stride, float* shift, float* y, int lanes) where Q : struct, IReducer
        {
            V a = S.Create(Q.Start), s = S.Load(shift);
            for (; rows > 0; rows--, x += stride)
                a = Q.Accumulate<S, V>(a, S.LoadPartial(x, lanes), s);
            S.StorePartial(a, y, lanes);
        }
    }
}
