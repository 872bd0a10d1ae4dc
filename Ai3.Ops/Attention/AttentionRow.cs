namespace Ai3.Ops;

/// <summary>One row of an attention, any element type, in double.</summary>
/// <remarks>
/// A key whose masked score is minus infinity has no part, whatever its value is; a row without any other key is 0. Fast rows whose
/// float32 sums leave the range come here too.
/// </remarks>
internal static unsafe class AttentionRow
{
    /// <param name="p">The problem.</param>
    /// <param name="g">Its dimensions.</param>
    /// <param name="call">The operands.</param>
    /// <param name="b">The batch.</param>
    /// <param name="h">The head of the query.</param>
    /// <param name="i">The query.</param>
    /// <param name="scores">Room for a double a key.</param>
    public static void Run<E>(AttentionProblem p, AttentionGeometry g, in AttentionCall call, long b, long h, long i, double* scores) where E : struct, IElement
    {
        long head = h / g.Group;
        call.Mask.Bounds(b, i, out long low, out long high);
        nint scoresAt = (nint)(((b * g.Heads + h) * g.Queries + i) * g.ScoredKeys);
        if (call.Scores != null)
            WriteScores<E>(p, g, call, b, h, i, scoresAt, low, high);
        double sink = Sink<E>(p, call, h), largest = sink;
        for (long j = low; j < high; j++)
        {
            double score = Capped(p, Score<E>(p, g, call, b, h, head, i, j)), add = call.Mask.At(b, h, i, j);
            score = double.IsNegativeInfinity(add) ? add : score + add;
            scores[j - low] = score;
            if (score > largest || double.IsNaN(score))
                largest = score;
        }
        double sum = double.IsNegativeInfinity(sink) ? 0 : Math.Exp(sink - largest);
        bool empty = double.IsNegativeInfinity(largest);
        for (long j = low; j < high; j++)
        {
            // Below 0: a key without a part. One whose exponential is 0 is none where the sum is no number.
            scores[j - low] = empty || double.IsNegativeInfinity(scores[j - low]) ? -1 : Math.Exp(scores[j - low] - largest);
            if (!(scores[j - low] < 0))
                sum += scores[j - low];
        }
        double factor = sum == 0 ? 0 : 1 / sum;
        nint at = g.Output.At(b, h, i);
        for (nint d = 0; d < g.ValueSize; d++)
        {
            double value = 0;
            for (long j = low; j < high; j++)
                if (!(scores[j - low] < 0) && scores[j - low] * factor != 0)
                    value += scores[j - low] * factor * E.Load(call.Value, call.ValueLayout.At(b, head, j) + d);
            E.Store(call.Output, at + d, value);
        }
        if (call.Scores != null && p.Scores == AttentionScores.Normalized)
            for (long j = 0; j < g.ScoredKeys; j++)
                E.Store(call.Scores, scoresAt + (nint)j, j < low || j >= high || scores[j - low] < 0 ? 0 : scores[j - low] * factor);
    }

    /// <summary>The score that joins the sum; minus infinity for none.</summary>
    public static double Sink<E>(AttentionProblem p, in AttentionCall call, long h) where E : struct, IElement =>
        call.Sink != null ? E.Load(call.Sink, (nint)h) : p.SmoothSoftmax ? 0 : double.NegativeInfinity;

    public static double Capped(AttentionProblem p, double score) => p.Softcap == 0 ? score : p.Softcap * Math.Tanh(score / p.Softcap);

    private static void WriteScores<E>(AttentionProblem p, AttentionGeometry g, in AttentionCall call, long b, long h, long i, nint at, long low, long high) where E : struct, IElement
    {
        if (p.Scores == AttentionScores.Normalized)
            return;
        for (long j = 0; j < g.ScoredKeys; j++)
        {
            double score = Score<E>(p, g, call, b, h, h / g.Group, i, j);
            if (p.Scores != AttentionScores.Raw)
                score = Capped(p, score);
            if (p.Scores == AttentionScores.Biased)
            {
                double add = j < low || j >= high ? double.NegativeInfinity : call.Mask.At(b, h, i, j);
                score = double.IsNegativeInfinity(add) ? add : score + add;
            }
            E.Store(call.Scores, at + (nint)j, score);
        }
    }

    private static double Score<E>(AttentionProblem p, AttentionGeometry g, in AttentionCall call, long b, long h, long head, long i, long j) where E : struct, IElement
    {
        nint q = call.QueryLayout.At(b, h, i), k = call.KeyLayout.At(b, head, j);
        double sum = 0;
        for (nint d = 0; d < g.Size; d++)
            sum += E.Load(call.Query, q + d) * E.Load(call.Key, k + d);
        return p.Scale * sum;
    }
}
