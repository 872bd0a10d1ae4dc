using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>Attention in double with dense arrays: queries, keys and values as [batch, head, position, element].</summary>
internal static class AttentionOracle
{
    /// <summary>Values with the sums of absolute products behind them.</summary>
    private sealed class Heads(long batch, long heads, long rows, long width)
    {
        public long Rows => rows;

        public long Width => width;

        public double[] Values { get; } = new double[batch * heads * rows * width];

        public double[] Sizes { get; } = new double[batch * heads * rows * width];

        public long At(long b, long h, long i, long d) => ((b * heads + h) * rows + i) * width + d;

        public static Heads Of(long batch, long heads, long rows, long width, Func<long, long, long, long, (double Value, double Size)> element)
        {
            var result = new Heads(batch, heads, rows, width);
            for (long b = 0; b < batch; b++)
                for (long h = 0; h < heads; h++)
                    for (long i = 0; i < rows; i++)
                        for (long d = 0; d < width; d++)
                            (result.Values[result.At(b, h, i, d)], result.Sizes[result.At(b, h, i, d)]) = element(b, h, i, d);
            return result;
        }
    }

    public static OracleResult Evaluate(AttentionProblem p, IReadOnlyList<double[]?> inputs)
    {
        (Heads q, Heads k, Heads v) = Sources(p, inputs);
        long batch = p.Operands[0].Shape[0], past = 0;
        double[]? pastKey = null, pastValue = null;
        if (p.Form == AttentionForm.Projected && Has(inputs, 4))
        {
            past = p.Operands[4].Shape[3];
            pastKey = inputs[4]![..(inputs[4]!.Length / 2)];
            pastValue = inputs[4]![(inputs[4]!.Length / 2)..];
        }
        int pastAt = p.Form switch { AttentionForm.Standard => 4, AttentionForm.MultiHead => 6, AttentionForm.GroupQuery => 3, _ => 99 };
        if (Has(inputs, pastAt))
            (past, pastKey, pastValue) = (p.Operands[pastAt].Shape[2], inputs[pastAt], inputs[pastAt + 1]);
        long[] offsets = new long[batch], counts = new long[batch];
        for (long b = 0; b < batch; b++)
            (offsets[b], counts[b]) = Lengths(p, inputs, b, q.Rows, past, past + k.Rows);
        if (p.Rotary)
        {
            q = Rotated(p, inputs, q, batch, p.Heads, offsets);
            k = Rotated(p, inputs, k, batch, p.KvHeads, offsets);
        }
        long capacity = p.Form == AttentionForm.GroupQuery ? Math.Max(past, p.TotalLength) : past + k.Rows;
        Heads keys = Joined(p, pastKey, past, k, batch, capacity, offsets), values = Joined(p, pastValue, past, v, batch, capacity, offsets);
        return Attend(p, inputs, q, keys, values, batch, offsets, counts);
    }

    private static OracleResult Attend(AttentionProblem p, IReadOnlyList<double[]?> inputs, Heads q, Heads keys, Heads values, long batch, long[] offsets, long[] counts)
    {
        long scored = p.Form == AttentionForm.GroupQuery ? p.TotalLength : keys.Rows;
        bool outside = p.Form == AttentionForm.Standard && p.Operands[0].Shape.Rank == 4;
        double[] y = new double[batch * p.Heads * q.Rows * values.Width], ySizes = new double[y.Length];
        double[] scores = new double[batch * p.Heads * q.Rows * scored], scoreSizes = new double[scores.Length];
        double chain = p.Chain;
        for (long b = 0; b < batch; b++)
            for (long h = 0; h < p.Heads; h++)
                for (long i = 0; i < q.Rows; i++)
                {
                    long head = h * p.KvHeads / p.Heads, row = ((b * p.Heads + h) * q.Rows + i) * scored;
                    double sink = p.Form == AttentionForm.GroupQuery && Has(inputs, 11) ? inputs[11]![h] : p.SmoothSoftmax ? 0 : double.NegativeInfinity;
                    double[] masked = new double[scored], probability = new double[scored];
                    double worst = 0, largest = sink;
                    for (long j = 0; j < scored; j++)
                    {
                        double raw = 0, size = 0;
                        for (long d = 0; d < q.Width; d++)
                        {
                            raw += q.Values[q.At(b, h, i, d)] * keys.Values[keys.At(b, head, j, d)];
                            size += q.Sizes[q.At(b, h, i, d)] * keys.Sizes[keys.At(b, head, j, d)];
                        }
                        raw *= p.Scale;
                        size *= Math.Abs(p.Scale);
                        double capped = p.Softcap == 0 ? raw : p.Softcap * Math.Tanh(raw / p.Softcap);
                        size += p.Softcap == 0 ? 0 : Math.Abs(capped) * 8;
                        double add = Added(p, inputs, b, h, i, j, offsets[b], counts[b]);
                        masked[j] = double.IsNegativeInfinity(add) ? add : capped + add;
                        (scores[row + j], scoreSizes[row + j]) = p.Scores switch
                        {
                            AttentionScores.Raw => (raw, size),
                            AttentionScores.Capped => (capped, size),
                            _ => (masked[j], size + Math.Abs(add)),
                        };
                        if (double.IsNegativeInfinity(masked[j]))
                            continue;
                        worst = Math.Max(worst, size + Math.Abs(add));
                        largest = masked[j] > largest || double.IsNaN(masked[j]) ? masked[j] : largest;
                    }
                    double sum = double.IsNegativeInfinity(sink) ? 0 : Math.Exp(sink - largest);
                    for (long j = 0; j < scored; j++)
                        if (!double.IsNegativeInfinity(masked[j]))
                            sum += probability[j] = Math.Exp(masked[j] - largest);
                    // Past this the exponential of a score's error is no longer near one.
                    double growth = worst * chain * Math.ScaleB(1, -24) > 0.05 ? double.PositiveInfinity : 1 + 2 * worst + Math.Abs(sink > double.MinValue ? sink : 0);
                    for (long j = 0; j < scored; j++)
                    {
                        probability[j] = sum == 0 || double.IsNegativeInfinity(masked[j]) ? 0 : probability[j] / sum;
                        if (p.Scores == AttentionScores.Normalized)
                            (scores[row + j], scoreSizes[row + j]) = (probability[j], probability[j] * growth);
                    }
                    for (long d = 0; d < values.Width; d++)
                    {
                        double value = 0, size = 0;
                        for (long j = 0; j < scored; j++)
                        {
                            if (double.IsNegativeInfinity(masked[j]) || probability[j] == 0)
                                continue;
                            value += probability[j] * values.Values[values.At(b, head, j, d)];
                            size += probability[j] * values.Sizes[values.At(b, head, j, d)];
                        }
                        long at = outside ? ((b * p.Heads + h) * q.Rows + i) * values.Width + d : ((b * q.Rows + i) * p.Heads + h) * values.Width + d;
                        y[at] = value;
                        ySizes[at] = size == 0 ? 0 : size * growth;
                    }
                }
        return Results(p, y, ySizes, keys, values, scores, scoreSizes);
    }

    private static OracleResult Results(AttentionProblem p, double[] y, double[] ySizes, Heads keys, Heads values, double[] scores, double[] scoreSizes)
    {
        double[][] all = p.Form == AttentionForm.Projected ? [y, [.. keys.Values, .. values.Values]] : [y, keys.Values, values.Values, scores];
        double[][] sizes = p.Form == AttentionForm.Projected ? [ySizes, [.. keys.Sizes, .. values.Sizes]] : [ySizes, keys.Sizes, values.Sizes, scoreSizes];
        return new OracleResult(all[..p.Results.Length], sizes[..p.Results.Length]);
    }

    private static bool Has(IReadOnlyList<double[]?> inputs, int index) => index < inputs.Count && inputs[index] is not null;

    private static (Heads Q, Heads K, Heads V) Sources(AttentionProblem p, IReadOnlyList<double[]?> inputs)
    {
        Shape shape = p.Operands[0].Shape;
        long batch = shape[0];
        if (p.Form == AttentionForm.Projected)
        {
            long length = shape[1], width = shape[2], dq = p.HiddenSizes[0], dk = p.HiddenSizes[1], dv = p.HiddenSizes[2], all = dq + dk + dv;
            (double, double) Product(long b, long i, long column)
            {
                double sum = 0, size = 0;
                for (long c = 0; c < width; c++)
                {
                    double term = inputs[0]![(b * length + i) * width + c] * inputs[1]![c * all + column];
                    sum += term;
                    size += Math.Abs(term);
                }
                double bias = Has(inputs, 2) ? inputs[2]![column] : 0;
                return (sum + bias, size + Math.Abs(bias));
            }
            return (Heads.Of(batch, p.Heads, length, dq / p.Heads, (b, h, i, d) => Product(b, i, h * (dq / p.Heads) + d)),
                Heads.Of(batch, p.Heads, length, dk / p.Heads, (b, h, i, d) => Product(b, i, dq + h * (dk / p.Heads) + d)),
                Heads.Of(batch, p.Heads, length, dv / p.Heads, (b, h, i, d) => Product(b, i, dq + dk + h * (dv / p.Heads) + d)));
        }
        if (p.Form == AttentionForm.GroupQuery && !Has(inputs, 1))
        {
            long size = shape[2] / (p.Heads + 2 * p.KvHeads);
            Heads Part(int heads, long first) => Heads.Of(batch, heads, shape[1], size, (b, h, i, d) => Plain(inputs[0]![(b * shape[1] + i) * shape[2] + (first + h) * size + d]));
            return (Part(p.Heads, 0), Part(p.KvHeads, p.Heads), Part(p.KvHeads, p.Heads + p.KvHeads));
        }
        double[]? bias = p.Form == AttentionForm.MultiHead && Has(inputs, 3) ? inputs[3] : null;
        if (p.Form == AttentionForm.MultiHead && shape.Rank == 5)
            return (Packed(p, inputs[0]!, shape, 0, bias, 0), Packed(p, inputs[0]!, shape, 1, bias, 1), Packed(p, inputs[0]!, shape, 2, bias, 2));
        Heads q = Separate(inputs[0]!, shape, p.Heads, bias, 0);
        if (p.Operands[1].Shape.Rank == 5)
            return (q, Packed(p, inputs[1]!, p.Operands[1].Shape, 0, bias, 1), Packed(p, inputs[1]!, p.Operands[1].Shape, 1, bias, 2));
        bool cached = p.Form == AttentionForm.MultiHead && p.Operands[1].Shape.Rank == 4;
        long hidden = q.Width * p.Heads;
        return (q, Separate(inputs[1]!, p.Operands[1].Shape, p.KvHeads, cached ? null : bias, hidden), Separate(inputs[2]!, p.Operands[2].Shape, p.KvHeads, cached ? null : bias, 2 * hidden));
    }

    private static (double, double) Plain(double value) => (value, Math.Abs(value));

    private static (double, double) Sum(double value, double bias) => (value + bias, Math.Abs(value) + Math.Abs(bias));

    private static Heads Packed(AttentionProblem p, double[] x, Shape shape, long part, double[]? bias, long biasPart)
    {
        long length = shape[1], heads = shape[2], parts = shape[3], size = shape[4];
        return Heads.Of(shape[0], heads, length, size, (b, h, i, d) =>
            Sum(x[(((b * length + i) * heads + h) * parts + part) * size + d], bias is null ? 0 : bias[(biasPart * p.Heads + h) * size + d]));
    }

    private static Heads Separate(double[] x, Shape shape, int heads, double[]? bias, long biasAt)
    {
        if (shape.Rank == 4)
            return Heads.Of(shape[0], heads, shape[2], shape[3], (b, h, i, d) => Plain(x[((b * heads + h) * shape[2] + i) * shape[3] + d]));
        long size = shape[2] / heads;
        return Heads.Of(shape[0], heads, shape[1], size, (b, h, i, d) =>
            Sum(x[(b * shape[1] + i) * shape[2] + h * size + d], bias is null ? 0 : bias[biasAt + h * size + d]));
    }

    private static (long Offset, long Count) Lengths(AttentionProblem p, IReadOnlyList<double[]?> inputs, long b, long queries, long past, long total)
    {
        if (p.Form == AttentionForm.GroupQuery)
        {
            long length = (long)inputs[5]![b] + 1;
            return (queries == p.TotalLength ? 0 : length - queries, length);
        }
        if (p.Form == AttentionForm.Standard && Has(inputs, 6))
            return ((long)inputs[6]![b] - queries, (long)inputs[6]![b]);
        return (past, total);
    }

    private static Heads Rotated(AttentionProblem p, IReadOnlyList<double[]?> inputs, Heads x, long batch, int heads, long[] offsets)
    {
        long rows = p.Operands[7].Shape[0], half = p.Operands[7].Shape[1];
        return Heads.Of(batch, heads, x.Rows, x.Width, (b, h, i, d) =>
        {
            double own = x.Values[x.At(b, h, i, d)];
            if (d >= 2 * half)
                return Plain(own);
            long position = Has(inputs, 9) ? (long)inputs[9]![b * x.Rows + i] : Math.Min(Math.Max(offsets[b] + i, 0), rows - 1);
            long pair = p.Interleaved ? d / 2 : d % half;
            bool first = p.Interleaved ? d % 2 == 0 : d < half;
            double other = x.Values[x.At(b, h, i, p.Interleaved ? d ^ 1 : first ? d + half : d - half)];
            double c = inputs[7]![position * half + pair], s = inputs[8]![position * half + pair];
            return (first ? c * own - s * other : s * other + c * own, Math.Abs(c * own) + Math.Abs(s * other));
        });
    }

    private static Heads Joined(AttentionProblem p, double[]? past, long held, Heads x, long batch, long capacity, long[] offsets) =>
        Heads.Of(batch, p.KvHeads, capacity, x.Width, (b, h, t, d) =>
        {
            long at = p.Form == AttentionForm.GroupQuery ? offsets[b] : held;
            if (t >= at && t < at + x.Rows)
                return (x.Values[x.At(b, h, t - at, d)], x.Sizes[x.At(b, h, t - at, d)]);
            return t < held && past is not null ? Plain(past[((b * p.KvHeads + h) * held + t) * x.Width + d]) : (0, 0);
        });

    // Minus infinity for a key that the query does not see.
    private static double Added(AttentionProblem p, IReadOnlyList<double[]?> inputs, long b, long h, long i, long j, long offset, long count)
    {
        long position = offset + i;
        if (j >= count || p.Causal && j > position || p.Left >= 0 && j < position - p.Left || p.Right >= 0 && j > position + p.Right)
            return double.NegativeInfinity;
        switch (p.Form)
        {
            case AttentionForm.Standard when Has(inputs, 3):
                Shape mask = p.Operands[3].Shape;
                if (j >= (mask.Rank == 0 ? 1 : mask[^1]))
                    return double.NegativeInfinity;
                double value = Broadcast(inputs[3]!, mask, b, h, i, j);
                return p.Operands[3].Type != DType.Bool ? value : value != 0 ? 0 : double.NegativeInfinity;
            case AttentionForm.GroupQuery:
                return Has(inputs, 10) ? Broadcast(inputs[10]!, p.Operands[10].Shape, b, h, i, j) : 0;
            case AttentionForm.MultiHead or AttentionForm.Projected:
                int at = p.Form == AttentionForm.MultiHead ? 4 : 3;
                double sum = Has(inputs, at) ? Kept(p, inputs[at]!, p.Operands[at].Shape, b, i, j, offset) ? 0 : p.MaskFilter : 0;
                return sum + (Has(inputs, 5) ? Broadcast(inputs[5]!, p.Operands[5].Shape, b, h, i, j) : 0);
            default:
                return 0;
        }
    }

    private static bool Kept(AttentionProblem p, double[] mask, Shape shape, long b, long i, long j, long past)
    {
        long batch = p.Operands[0].Shape[0];
        return shape.Rank switch
        {
            1 => j < mask[b] && (shape[0] != 2 * batch || p.Form != AttentionForm.Projected || j >= mask[batch + b]),
            2 => mask[b * shape[1] + j] != 0,
            3 => mask[(b * shape[1] + i) * shape[2] + j] != 0,
            _ => mask[(b * shape[2] + past + i) * shape[3] + j] != 0,
        };
    }

    // The element that (b, h, i, j) stretches from; the last axis never stretches.
    private static double Broadcast(double[] x, Shape shape, long b, long h, long i, long j)
    {
        long[] position = [b, h, i, j];
        long at = 0;
        for (int a = 0; a < shape.Rank; a++)
        {
            int axis = a + 4 - shape.Rank;
            at = at * shape[a] + (axis == 3 ? j : shape[a] == 1 ? 0 : position[axis]);
        }
        return x[at];
    }
}
