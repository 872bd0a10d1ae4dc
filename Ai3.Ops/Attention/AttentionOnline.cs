using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>
/// The <c>online_softmax</c> row: blocks of query rows against blocks of keys, float32; of each row only maximum, sum and the weighted
/// sum of values so far are kept, rescaled as the maximum grows. Dao et al. 2022, arXiv:2205.14135; Dao 2023, arXiv:2307.08691.
/// </summary>
/// <remarks>
/// One item is a block of query rows of all heads that share keys. Both products run on the tile micro-kernel: keys of a block are
/// packed transposed with the scale in them, values are read in place where whole vectors fit. Key blocks begin at multiples of
/// <see cref="KeyBlock"/>, so a row's bits do not depend on its block. Rows that leave float32's range are computed again in double.
/// Scratch of a thread: scores [rows, KeyBlock], sums [rows, values], keys in panels, values in panels (if packed), a maximum and a sum
/// a row, then a double a key for rows in double.
/// </remarks>
internal static unsafe class AttentionOnline
{
    /// <summary>Keys of a block.</summary>
    public const int KeyBlock = 128;

    private const int RowBlock = 128;

    public static IAttentionRows Rows(AttentionProblem p, Target target) => Isa.Select<Binder, IAttentionRows>(target.Isa, new Binder(p, target));

    public static long ScratchBytes(AttentionGeometry g, Target target) => ShapeMath.Multiply(new Blocks(g, target).Floats, sizeof(float));

    private readonly struct Binder(AttentionProblem p, Target target) : IIsaFunc<IAttentionRows>
    {
        public IAttentionRows Create<S, V>() where S : struct, ISimd<V> where V : unmanaged => new AllRows<S, V>(p, target);
    }

    /// <summary>The parts of a thread's scratch, in floats, each at a multiple of 16.</summary>
    internal sealed class Blocks
    {
        public Blocks(AttentionGeometry g, Target target)
        {
            int width = 2 * target.Lanes;
            long most = Math.Max(1, RowBlock / g.Group);
            long items = g.Batch * g.KvHeads;
            // Fewer rows a block where there would be too few blocks to share.
            while (most > 32 && items * ShapeMath.CeilDiv(g.Queries, most) < 8)
                most /= 2;
            Count = Math.Max(1, ShapeMath.CeilDiv(g.Queries, most));
            Queries = (int)ShapeMath.CeilDiv(g.Queries, Count);
            Rows = Queries * g.Group;
            PacksValues = g.ValueSize % target.Lanes != 0;
            Sums = ShapeMath.RoundUp((long)Rows * KeyBlock, 16);
            Keys = Sums + ShapeMath.RoundUp(ShapeMath.Multiply(Rows, g.ValueSize), 16);
            Values = Keys + ShapeMath.RoundUp(ShapeMath.Multiply(g.Size, KeyBlock + width), 16);
            State = Values + (PacksValues ? ShapeMath.RoundUp(ShapeMath.RoundUp(g.ValueSize, width) * KeyBlock, 16) : 0);
            Row = State + ShapeMath.RoundUp(2L * Rows, 16);
            Floats = ShapeMath.Add(Row, ShapeMath.Multiply(2, ShapeMath.RoundUp(g.Capacity, 16)));
        }

        /// <summary>Blocks of queries.</summary>
        public long Count { get; }

        /// <summary>Queries of a block, the last one may have fewer.</summary>
        public int Queries { get; }

        /// <summary>Rows of a block: its queries in every head of the group.</summary>
        public int Rows { get; }

        public bool PacksValues { get; }

        public long Sums { get; }

        public long Keys { get; }

        public long Values { get; }

        public long State { get; }

        public long Row { get; }

        public long Floats { get; }
    }

    private sealed class AllRows<S, V>(AttentionProblem p, Target target) : IAttentionRows where S : struct, ISimd<V> where V : unmanaged
    {
        private readonly AttentionGeometry _g = new(p);
        private readonly Blocks _blocks = new(new AttentionGeometry(p), target);
        private readonly TileKernels _tiles = TileKernels.For(target.Isa);

        public long ScratchBytes => ShapeMath.Multiply(_blocks.Floats, sizeof(float));

        public void Run(in AttentionCall call, nint scratch, long scratchPerThread, WorkerPool workers)
        {
            var body = new Body<S, V>
            {
                Problem = p,
                Geometry = _g,
                Blocks = _blocks,
                Tiles = _tiles,
                Call = call,
                Scratch = scratch,
                ScratchPerThread = (nint)scratchPerThread,
                Split = new RowSplit(_g.Batch * _g.KvHeads * _blocks.Count),
            };
            workers.For(body.Split.Items, ref body);
        }
    }

    private struct Body<S, V> : IParallelBody where S : struct, ISimd<V> where V : unmanaged
    {
        public AttentionProblem Problem;
        public AttentionGeometry Geometry;
        public Blocks Blocks;
        public TileKernels Tiles;
        public AttentionCall Call;
        public nint Scratch;
        public nint ScratchPerThread;
        public RowSplit Split;

        public readonly void Run(int begin, int end, int worker)
        {
            float* scratch = (float*)(Scratch + worker * ScratchPerThread);
            for (long item = Split.Begin(begin); item < Split.End(end); item++)
            {
                (long rest, long block) = Math.DivRem(item, Blocks.Count);
                (long b, long head) = Math.DivRem(rest, Geometry.KvHeads);
                long first = block * Blocks.Queries;
                var queries = (int)Math.Min(Blocks.Queries, Geometry.Queries - first);
                if (queries > 0)
                    Block(b, head, first, queries, scratch);
            }
        }

        private readonly void Block(long b, long head, long first, int queries, float* scratch)
        {
            AttentionGeometry g = Geometry;
            float* sums = scratch + Blocks.Sums, largest = scratch + Blocks.State, total = largest + Blocks.Rows;
            int rows = queries * g.Group;
            new Span<float>(sums, checked((int)(rows * g.ValueSize))).Clear();
            for (int r = 0; r < rows; r++)
            {
                largest[r] = (float)AttentionRow.Sink<Float32Element>(Problem, Call, head * g.Group + r / queries);
                total[r] = float.IsNegativeInfinity(largest[r]) ? 0 : 1;
            }
            Call.Mask.Bounds(b, first, out long low, out _);
            Call.Mask.Bounds(b, first + queries - 1, out _, out long high);
            for (long j = low / KeyBlock * KeyBlock; j < high; j += KeyBlock)
            {
                var keys = (int)Math.Min(KeyBlock, high - j);
                Scores(b, head, first, queries, j, keys, scratch);
                for (int r = 0; r < rows; r++)
                    Softmax(b, head * g.Group + r / queries, first + r % queries, j, keys, scratch + (nint)r * KeyBlock, sums + (nint)(r * g.ValueSize), largest + r, total + r);
                Weigh(b, head, rows, j, keys, scratch);
            }
            for (int r = 0; r < rows; r++)
            {
                long h = head * g.Group + r / queries, i = first + r % queries;
                float* y = (float*)Call.Output + g.Output.At(b, h, i);
                bool empty = total[r] == 0;
                bool finite = AttentionSimd.Finish<S, V>(sums + (nint)(r * g.ValueSize), y, (nint)g.ValueSize, empty ? 0 : 1 / total[r]);
                if (!finite || empty || !float.IsFinite(total[r]))
                    AttentionRow.Run<Float32Element>(Problem, g, Call, b, h, i, (double*)(scratch + Blocks.Row));
            }
        }

        // scores [rows, keys] = queries times packed keys, which hold the scale.
        private readonly void Scores(long b, long head, long first, int queries, long j, int keys, float* scratch)
        {
            AttentionGeometry g = Geometry;
            int width = Tiles.Width;
            float* panels = scratch + Blocks.Keys;
            float* k = (float*)Call.Key + Call.KeyLayout.At(b, head, j);
            for (int column = 0; column < keys; column += width)
                PanelPacking.PackTransposed(k, Call.KeyLayout.Row, 0, g.Size, column, Math.Min(width, keys - column), width, Problem.Scale, panels + (nint)(column * g.Size));
            nint offset = 0;
            var panelsOfRows = new RowPanels(queries, Tiles.MaxRows);
            for (int group = 0; group < g.Group; group++)
                for (long panel = 0; panel < panelsOfRows.Count; panel++)
                {
                    long start = panelsOfRows.Start(panel);
                    var args = new TileArgs
                    {
                        A = (float*)Call.Query + Call.QueryLayout.At(b, head * g.Group + group, first + start),
                        ARow = Call.QueryLayout.Row,
                        Offsets = &offset,
                        Taps = 1,
                        KPerTap = (nint)g.Size,
                        BStep = width,
                        CRow = KeyBlock,
                        CBlock = Tiles.Lanes,
                    };
                    float* target = scratch + (nint)(group * queries + start) * KeyBlock;
                    for (int column = 0; column < keys; column += width)
                    {
                        args.B = panels + (nint)(column * g.Size);
                        args.C = target + column;
                        Tiles.Get(panelsOfRows.RowsOf(panel), Math.Min(width, keys - column), &args)(&args);
                    }
                }
        }

        // Scores of a row become weights relative to its largest score so far; what was summed before shrinks to match.
        private readonly void Softmax(long b, long h, long i, long j, int keys, float* scores, float* sums, float* largest, float* total)
        {
            Call.Mask.Bounds(b, i, out long low, out long high);
            var from = (nint)Math.Clamp(low - j, 0, keys);
            var to = (nint)Math.Clamp(high - j, from, keys);
            float next = *largest;
            if (to > from)
            {
                if (Problem.Softcap != 0)
                    AttentionSimd.SoftCap<S, V>(scores + from, to - from, Problem.Softcap);
                if (Call.Mask.HasTerms)
                    Call.Mask.AddTo<S, V>(scores + from, b, h, i, j + from, to - from);
                next = SimdScalar.Max(AttentionSimd.Largest<S, V>(scores + from, to - from), *largest);
            }
            if (to == from || float.IsNegativeInfinity(next))
            {
                new Span<float>(scores, keys).Clear();
                return;
            }
            new Span<float>(scores, (int)from).Clear();
            new Span<float>(scores + to, keys - (int)to).Clear();
            float sum = AttentionSimd.Exponentials<S, V>(scores + from, to - from, next);
            if (next != *largest)
            {
                float shrink = VectorMath.Exp<SimdScalar, float>(*largest - next);
                if (*total != 0)
                    AttentionSimd.Scale<S, V>(sums, (nint)Geometry.ValueSize, shrink);
                *total *= shrink;
                *largest = next;
            }
            *total += sum;
        }

        // sums [rows, values] += weights [rows, keys] times values.
        private readonly void Weigh(long b, long head, int rows, long j, int keys, float* scratch)
        {
            AttentionGeometry g = Geometry;
            int width = Tiles.Width;
            float* v = (float*)Call.Value + Call.ValueLayout.At(b, head, j);
            float* packed = scratch + Blocks.Values;
            if (Blocks.PacksValues)
                for (long column = 0; column < g.ValueSize; column += width)
                    PanelPacking.Pack<S, V>(v, Call.ValueLayout.Row, 0, keys, column, (int)Math.Min(width, g.ValueSize - column), 1, packed + (nint)column * KeyBlock);
            nint offset = 0;
            var panels = new RowPanels(rows, Tiles.MaxRows);
            for (long panel = 0; panel < panels.Count; panel++)
            {
                var start = (nint)panels.Start(panel);
                float* target = scratch + Blocks.Sums + start * (nint)g.ValueSize;
                var args = new TileArgs
                {
                    A = scratch + start * KeyBlock,
                    ARow = KeyBlock,
                    Offsets = &offset,
                    Taps = 1,
                    KPerTap = keys,
                    BStep = Blocks.PacksValues ? width : Call.ValueLayout.Row,
                    CRow = (nint)g.ValueSize,
                    CBlock = Tiles.Lanes,
                    Addend0Row = (nint)g.ValueSize,
                    Addend0Block = Tiles.Lanes,
                };
                for (long column = 0; column < g.ValueSize; column += width)
                {
                    args.B = Blocks.PacksValues ? packed + (nint)column * KeyBlock : v + (nint)column;
                    args.C = args.Addend0 = target + column;
                    Tiles.Get(panels.RowsOf(panel), (int)Math.Min(width, g.ValueSize - column), &args)(&args);
                }
            }
        }
    }
}
