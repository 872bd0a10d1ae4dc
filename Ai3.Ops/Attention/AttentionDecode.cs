namespace Ai3.Ops;

/// <summary>
/// The <c>decode</c> row: one query row at a time, float32: scores by dot products with the keys where they are, a softmax in
/// scratch, and a weighted sum of the values. For few queries, when every key is read once anyway.
/// </summary>
/// <remarks>Scratch of a thread: a double a key (scores take half of it; all of it is for rows that leave float32's range).</remarks>
internal static unsafe class AttentionDecode
{
    public static IAttentionRows Rows(AttentionProblem p, IsaLevel isa) => Isa.Select<Binder, IAttentionRows>(isa, new Binder(p));

    private readonly struct Binder(AttentionProblem p) : IIsaFunc<IAttentionRows>
    {
        public IAttentionRows Create<S, V>() where S : struct, ISimd<V> where V : unmanaged => new AllRows<S, V>(p);
    }

    private sealed class AllRows<S, V>(AttentionProblem p) : IAttentionRows where S : struct, ISimd<V> where V : unmanaged
    {
        private readonly AttentionGeometry _g = new(p);

        public long ScratchBytes => AttentionScalar.ScratchBytes(_g);

        public void Run(in AttentionCall call, nint scratch, long scratchPerThread, WorkerPool workers)
        {
            var body = new Body<S, V>
            {
                Problem = p,
                Geometry = _g,
                Call = call,
                Scratch = scratch,
                ScratchPerThread = (nint)scratchPerThread,
                Split = new RowSplit(_g.Batch * _g.Heads * _g.Queries),
            };
            workers.For(body.Split.Items, ref body);
        }
    }

    private struct Body<S, V> : IParallelBody where S : struct, ISimd<V> where V : unmanaged
    {
        public AttentionProblem Problem;
        public AttentionGeometry Geometry;
        public AttentionCall Call;
        public nint Scratch;
        public nint ScratchPerThread;
        public RowSplit Split;

        public readonly void Run(int begin, int end, int worker)
        {
            float* scratch = (float*)(Scratch + worker * ScratchPerThread);
            for (long row = Split.Begin(begin); row < Split.End(end); row++)
            {
                (long head, long i) = Math.DivRem(row, Geometry.Queries);
                (long b, long h) = Math.DivRem(head, Geometry.Heads);
                if (!Row(b, h, i, scratch))
                    AttentionRow.Run<Float32Element>(Problem, Geometry, Call, b, h, i, (double*)scratch);
            }
        }

        // False if float32 does not do: the row is then computed in double.
        private readonly bool Row(long b, long h, long i, float* scores)
        {
            AttentionGeometry g = Geometry;
            long head = h / g.Group;
            Call.Mask.Bounds(b, i, out long low, out long high);
            nint keys = (nint)(high - low);
            float* y = (float*)Call.Output + g.Output.At(b, h, i);
            float* given = Call.Scores == null ? null : (float*)Call.Scores + (nint)(((b * g.Heads + h) * g.Queries + i) * g.ScoredKeys);
            float sink = (float)AttentionRow.Sink<Float32Element>(Problem, Call, h);
            if (keys == 0)
            {
                if (given != null)
                    return false;
                new Span<float>(y, (int)g.ValueSize).Clear();
                return true;
            }
            float* q = (float*)Call.Query + Call.QueryLayout.At(b, h, i);
            if (given != null)
                ScoresAhead(q, b, head, given);
            Gemv.Dot<S, V>((float*)Call.Key + Call.KeyLayout.At(b, head, low), Call.KeyLayout.Row, keys, g.Size, q, scores);
            AttentionSimd.Scale<S, V>(scores, keys, Problem.Scale);
            if (Problem.Softcap != 0)
                AttentionSimd.SoftCap<S, V>(scores, keys, Problem.Softcap);
            if (Call.Mask.HasTerms)
                Call.Mask.AddTo<S, V>(scores, b, h, i, low, keys);
            if (given != null && Problem.Scores == AttentionScores.Biased)
                new Span<float>(scores, (int)keys).CopyTo(new Span<float>(given + low, (int)keys));
            float largest = Math.Max(sink, AttentionSimd.Largest<S, V>(scores, keys));
            if (!float.IsFinite(largest))
                return false;
            float sum = AttentionSimd.Exponentials<S, V>(scores, keys, largest) + (float.IsNegativeInfinity(sink) ? 0 : MathF.Exp(sink - largest));
            float factor = 1 / sum;
            Gemv.AddRows<S, V>((float*)Call.Value + Call.ValueLayout.At(b, head, low), Call.ValueLayout.Row, keys, g.ValueSize, scores, y);
            bool finite = AttentionSimd.Finish<S, V>(y, y, (nint)g.ValueSize, factor);
            if (finite && given != null && Problem.Scores == AttentionScores.Normalized)
            {
                new Span<float>(given, (int)g.ScoredKeys).Clear();
                new Span<float>(scores, (int)keys).CopyTo(new Span<float>(given + low, (int)keys));
                AttentionSimd.Scale<S, V>(given + low, keys, factor);
            }
            return finite;
        }

        // Scores of all keys, seen or not, before the mask; minus infinity first where the masked ones are asked for.
        private readonly void ScoresAhead(float* q, long b, long head, float* given)
        {
            AttentionGeometry g = Geometry;
            if (Problem.Scores == AttentionScores.Normalized)
                return;
            if (Problem.Scores == AttentionScores.Biased)
            {
                new Span<float>(given, (int)g.ScoredKeys).Fill(float.NegativeInfinity);
                return;
            }
            Gemv.Dot<S, V>((float*)Call.Key + Call.KeyLayout.At(b, head, 0), Call.KeyLayout.Row, g.ScoredKeys, g.Size, q, given);
            AttentionSimd.Scale<S, V>(given, (nint)g.ScoredKeys, Problem.Scale);
            if (Problem.Scores == AttentionScores.Capped && Problem.Softcap != 0)
                AttentionSimd.SoftCap<S, V>(given, (nint)g.ScoredKeys, Problem.Softcap);
        }
    }
}
