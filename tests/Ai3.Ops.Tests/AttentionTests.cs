using Ai3.Tensors;
using static Ai3.Ops.Tests.EveryRow;

namespace Ai3.Ops.Tests;

public sealed class AttentionTests
{
    private const double Tolerance = 1e-6;

    // With a query of 1, keys 0 and ln 3 weigh 1/4 and 3/4.
    private static readonly double Ln3 = Math.Log(3);
    private static readonly Attributes s_heads = Attributes(("q_num_heads", 1), ("kv_num_heads", 1), ("scale", 1f));

    private static Operand Int32(double[] values, params long[] dims) => new(values, dims) { Type = DType.Int32 };

    private static Operand Bool(double[] values, params long[] dims) => new(values, dims) { Type = DType.Bool };

    [Fact]
    public void WeighsValuesByTheSoftmaxOfScores()
    {
        Operand q = new([1], 1, 1, 1), k = new([0, Ln3], 1, 2, 1), v = new([4, 8], 1, 2, 1);
        var rows = Gives("Attention", 23, s_heads, [q, k, v], [[7]], Tolerance);
        Assert.Equal(["decode", "online_softmax", "reference", "scalar"], rows);
        // [batch, heads, position, size], with the default scale of 1 / sqrt(1).
        Gives("Attention", 23, Ops.Attributes.Empty, [new Operand([1], 1, 1, 1, 1), new Operand([0, Ln3], 1, 1, 2, 1), new Operand([4, 8], 1, 1, 2, 1)], [[7]], Tolerance);
    }

    [Fact]
    public void HeadsOfAGroupShareKeysAndValues()
    {
        // Two query heads over one key head; the second query is 0, so that its weights are equal.
        Attributes attributes = Attributes(("q_num_heads", 2), ("kv_num_heads", 1), ("scale", 1f));
        Gives("Attention", 23, attributes, [new Operand([1, 0], 1, 1, 2), new Operand([0, Ln3], 1, 2, 1), new Operand([4, 8], 1, 2, 1)], [[7, 6]], Tolerance);
        Assert.Throws<OpException>(() => Find("Attention", 23).Infer(Node(23, Attributes(("q_num_heads", 3), ("kv_num_heads", 2)), 1,
            new Operand(new double[3], 1, 1, 3), new Operand(new double[2], 1, 1, 2), new Operand(new double[2], 1, 1, 2))));
    }

    [Fact]
    public void MasksLeaveKeysOut()
    {
        Operand q = new([1, 1], 1, 2, 1), k = new([0, Ln3], 1, 2, 1), v = new([4, 8], 1, 2, 1);
        Gives("Attention", 23, s_heads.With("is_causal", 1L), [q, k, v], [[4, 7]], Tolerance);
        Gives("Attention", 23, s_heads, [q, k, v, Bool([0, 1, 1, 1], 2, 2)], [[8, 7]], Tolerance);
        // A row without keys is zero, also where a value is not a number.
        Gives("Attention", 23, s_heads, [q, k, new Operand([4, double.NaN], 1, 2, 1), Bool([0, 0, 1, 0], 2, 2)], [[0, 4]], Tolerance);
        Gives("Attention", 23, s_heads, [q, k, v, new Operand([double.NegativeInfinity, 0, 0, -Ln3], 2, 2)], [[8, 6]], Tolerance);
        // A shorter mask covers the first keys only; one of rank 4 may stretch over queries.
        Gives("Attention", 23, s_heads, [q, k, v, Bool([1, 1], 2, 1)], [[4, 4]], Tolerance);
        Gives("Attention", 24, s_heads, [q, k, v, new Operand([0, -Ln3], 1, 1, 1, 2)], [[6, 6]], Tolerance);
    }

    [Fact]
    public void WindowsAndLengthsBoundTheKeys()
    {
        Operand q = new([1, 1], 1, 2, 1), k = new([0, Ln3, 50], 1, 3, 1), v = new([4, 8, 100], 1, 3, 1);
        Operand lengths = new([2], 1) { Type = DType.Int64 };
        Gives("Attention", 24, s_heads, [q, k, v, null, null, null, lengths], [[7, 7]], Tolerance);
        // The queries are the last two of two keys.
        Gives("Attention", 24, s_heads.With("is_causal", 1L), [q, k, v, null, null, null, lengths], [[4, 7]], Tolerance);
        Gives("Attention", 25, s_heads.With("left_window_size", 0L).With("right_window_size", 0L), [q, k, v], [[4, 8]], Tolerance);
        // The window of the last queries has moved past the keys.
        Gives("Attention", 25, s_heads.With("left_window_size", 1L), [new Operand([1, 1, 1, 1], 1, 4, 1), new Operand([0, Ln3], 1, 2, 1), new Operand([4, 8], 1, 2, 1)],
            [[7, 7, 8, 0]], Tolerance);
        // More queries than keys: the first sees none.
        Gives("Attention", 24, s_heads.With("is_causal", 1L), [q, k, v, null, null, null, new Operand([1], 1) { Type = DType.Int64 }], [[0, 4]], Tolerance);
    }

    [Fact]
    public void PastComesBeforeNewKeysAndIsGivenOn()
    {
        Operand q = new([1], 1, 1, 1, 1), k = new([Ln3], 1, 1, 1, 1), v = new([8], 1, 1, 1, 1), pastKey = new([0], 1, 1, 1, 1), pastValue = new([4], 1, 1, 1, 1);
        var rows = Gives("Attention", 23, Ops.Attributes.Empty, [q, k, v, null, pastKey, pastValue], [[7], [0, Ln3], [4, 8]], Tolerance);
        Assert.Contains("online_softmax", rows);
        Assert.Throws<OpException>(() => Find("Attention", 23).Infer(Node(23, Ops.Attributes.Empty, 1, q, k, v, null, pastKey)));
    }

    [Fact]
    public void ScoresCanBeAnOutput()
    {
        Operand q = new([1], 1, 1, 1), k = new([0, Ln3], 1, 2, 1), v = new([4, 8], 1, 2, 1), mask = new([0, -Ln3], 1, 2);
        Attributes capped = s_heads.With("softcap", 2f);
        double cap = 2 * Math.Tanh(Ln3 / 2), weight = 1 / (1 + Math.Exp(cap - Ln3));
        double[] y = [4 * weight + 8 * (1 - weight)];
        Gives("Attention", 23, capped, [q, k, v, mask], [y, null, null, [0, Ln3]], Tolerance);
        Gives("Attention", 23, capped.With("qk_matmul_output_mode", 1L), [q, k, v, mask], [y, null, null, [0, cap]], Tolerance);
        Gives("Attention", 23, capped.With("qk_matmul_output_mode", 2L), [q, k, v, mask], [y, null, null, [0, cap - Ln3]], Tolerance);
        Gives("Attention", 23, capped.With("qk_matmul_output_mode", 3L), [q, k, v, mask], [y, null, null, [weight, 1 - weight]], Tolerance);
    }

    [Fact]
    public void LargeScoresDoNotOverflow()
    {
        Operand q = new([1e4], 1, 1, 1), k = new([1e4, 1e4 + 1], 1, 2, 1), v = new([4, 8], 1, 2, 1);
        Gives("Attention", 23, s_heads, [q, k, v], [[8]], Tolerance);
    }

    [Fact]
    public void GroupQueryAttentionAppendsToItsCache()
    {
        // One row of the past counts; the room behind it takes the new key.
        Operand past = new([0, 99], 1, 1, 2, 1), pastValue = new([4, 99], 1, 1, 2, 1), total = Int32([2], 1) with { IsConstant = true };
        Attributes attributes = Attributes(("num_heads", 2), ("kv_num_heads", 1), ("scale", 1f));
        Operand q = new([1, 0], 1, 1, 2), k = new([Ln3], 1, 1, 1), v = new([8], 1, 1, 1), lengths = Int32([1], 1);
        Gives("com.microsoft.GroupQueryAttention", 1, attributes, [q, k, v, past, pastValue, lengths, total], [[7, 6], [0, Ln3], [4, 8]], Tolerance);
        // Packed: queries, keys, values.
        Gives("com.microsoft.GroupQueryAttention", 1, attributes, [new Operand([1, 0, Ln3, 8], 1, 1, 4), null, null, past, pastValue, lengths, total],
            [[7, 6], [0, Ln3], [4, 8]], Tolerance);
        // A window of one key; a sink of weight 3 beside weights 1 and 3.
        Gives("com.microsoft.GroupQueryAttention", 1, attributes.With("local_window_size", 1L), [q, k, v, past, pastValue, lengths, total], [[8, 8], null, null], Tolerance);
        Gives("com.microsoft.GroupQueryAttention", 1, attributes, [q, k, v, past, pastValue, lengths, total, null, null, null, null, new Operand([Ln3, -1000], 2)],
            [[4, 6], null, null], Tolerance);
        Refuses("com.microsoft.GroupQueryAttention", 1, attributes, q, k, v, past, pastValue, Int32([5], 1), total);
    }

    [Fact]
    public void GroupQueryAttentionRotatesQueriesAndKeysByPosition()
    {
        // At position 1 the table turns (1, 0) into (0, 1); the key of the past stays as it is.
        Attributes attributes = Attributes(("num_heads", 1), ("kv_num_heads", 1), ("scale", 1f), ("do_rotary", 1));
        Operand cos = new([1, 0], 2, 1), sin = new([0, 1], 2, 1), total = Int32([2], 1) with { IsConstant = true };
        Gives("com.microsoft.GroupQueryAttention", 1, attributes,
            [new Operand([1, 0], 1, 1, 2), new Operand([Ln3, 0], 1, 1, 2), new Operand([8, 0], 1, 1, 2), new Operand([5, 0], 1, 1, 1, 2), new Operand([4, 0], 1, 1, 1, 2),
                Int32([1], 1), total, cos, sin],
            [[7, 0], [5, 0, 0, Ln3], [4, 0, 8, 0]], Tolerance);
    }

    [Fact]
    public void MultiHeadAttentionTakesPackedOperandsBiasAndPadding()
    {
        Attributes attributes = Attributes(("num_heads", 1), ("scale", 1f));
        Operand q = new([1, 1], 1, 2, 1), k = new([0, Ln3], 1, 2, 1), v = new([4, 8], 1, 2, 1);
        Gives("com.microsoft.MultiHeadAttention", 1, attributes, [q, k, v], [[7, 7]], Tolerance);
        Gives("com.microsoft.MultiHeadAttention", 1, attributes.With("unidirectional", 1L), [q, k, v], [[4, 7]], Tolerance);
        Gives("com.microsoft.MultiHeadAttention", 1, attributes, [new Operand([1, 0, 4, 1, Ln3, 8], 1, 2, 1, 3, 1)], [[7, 7]], Tolerance);
        Gives("com.microsoft.MultiHeadAttention", 1, attributes, [q, new Operand([0, 4, Ln3, 8], 1, 2, 1, 2, 1)], [[7, 7]], Tolerance);
        Gives("com.microsoft.MultiHeadAttention", 1, attributes, [new Operand([0, 0], 1, 2, 1), k, new Operand([3, 7], 1, 2, 1), new Operand([1, 0, 1], 3)], [[7, 7]], Tolerance);
        Gives("com.microsoft.MultiHeadAttention", 1, attributes, [q, k, v, null, Int32([1], 1)], [[4, 4]], Tolerance);
        Gives("com.microsoft.MultiHeadAttention", 1, attributes, [q, k, v, null, Int32([0, 1], 1, 2)], [[8, 8]], Tolerance);
    }

    [Fact]
    public void ProjectedAttentionHoldsKeysThenValuesInOneCache()
    {
        // The weights make q = 1, k = ln 3 and v = 8 of an input of 1.
        Attributes attributes = Attributes(("num_heads", 1), ("scale", 1f));
        Operand x = new([1], 1, 1, 1), weights = new([1, Ln3, 0], 1, 3) { IsConstant = true }, bias = new([0, 0, 8], 3) { IsConstant = true }, past = new([0, 4], 2, 1, 1, 1, 1);
        Gives("com.microsoft.Attention", 1, attributes, [x, weights, bias, null, past], [[7], [0, Ln3, 4, 8]], Tolerance);
        Gives("com.microsoft.Attention", 1, attributes, [x, weights, bias, Int32([0, 1], 1, 2), past], [[8], null], Tolerance);
        Gives("com.microsoft.Attention", 1, attributes, [x, weights, bias, Int32([2, 1], 2), past], [[8], null], Tolerance);
    }

    [Fact]
    public void RotaryEmbeddingTurnsPairs()
    {
        Operand cos = new([1, 0], 1, 2, 1), sin = new([0, 1], 1, 2, 1);
        var rows = Gives("RotaryEmbedding", 23, Attributes(("num_heads", 1)), [new Operand([1, 2, 1, 2], 1, 2, 2), cos, sin], [[1, 2, -2, 1]]);
        Assert.Equal(["reference", "scalar", "simd"], rows);
        Gives("RotaryEmbedding", 23, Attributes(("num_heads", 1), ("interleaved", 1), ("rotary_embedding_dim", 2)),
            [new Operand([1, 2, 5, 1, 2, 6], 1, 2, 3), cos, sin], [[1, 2, 5, -2, 1, 6]]);
        Operand table = new([1, 0], 2, 1), other = new([0, 1], 2, 1), positions = new([1, 0], 1, 2) { Type = DType.Int64 };
        Gives("com.microsoft.RotaryEmbedding", 1, Ops.Attributes.Empty, [new Operand([1, 2, 1, 2], 1, 1, 2, 2), positions, table, other], [[-2, 1, 1, 2]]);
        Refuses("com.microsoft.RotaryEmbedding", 1, Ops.Attributes.Empty, new Operand([1, 2, 1, 2], 1, 1, 2, 2), positions with { Values = [2, 0] }, table, other);
    }

    [Fact]
    public void TensorScatterAppendsAndWrapsRound()
    {
        Operand past = new([1, 2, 3, 4, 5, 6], 2, 3, 1), update = new([7, 8, 9, 10], 2, 2, 1), indices = new([1, 0], 2) { Type = DType.Int64 };
        Gives("TensorScatter", 24, Ops.Attributes.Empty, [past, update, indices], [[1, 7, 8, 9, 10, 6]]);
        Gives("TensorScatter", 24, Attributes(("mode", "circular")), [past, update, indices with { Values = [2, 1] }], [[8, 2, 7, 4, 9, 10]]);
        Gives("TensorScatter", 24, Ops.Attributes.Empty, [past, update], [[7, 8, 3, 9, 10, 6]]);
        Refuses("TensorScatter", 24, Ops.Attributes.Empty, past, update, indices with { Values = [2, 0] });
    }

    [Fact]
    public void CausalConvolutionCarriesItsState()
    {
        Operand x = new([1, 2, 3], 1, 1, 3), w = new([10, 1], 1, 1, 2);
        Gives("CausalConvWithState", 27, Ops.Attributes.Empty, [x, w], [[1, 12, 23], [3]]);
        Gives("CausalConvWithState", 27, Ops.Attributes.Empty, [x, w, new Operand([100], 1), new Operand([5], 1, 1, 1)], [[151, 112, 123], [3]]);
        Gives("CausalConvWithState", 27, Attributes(("activation", "silu")), [new Operand([1], 1, 1, 1), new Operand([1], 1, 1, 1)], [[1 / (1 + Math.Exp(-1))], []], 1e-7);
    }

    [Fact]
    public void LinearAttentionUpdatesItsState()
    {
        Attributes attributes = Attributes(("q_num_heads", 1), ("kv_num_heads", 1), ("scale", 1f));
        Operand q = new([1, 1], 1, 2, 1), k = new([2, 3], 1, 2, 1), v = new([5, 7], 1, 2, 1), past = new([1], 1, 1, 1, 1);
        // 1 + 10, + 21.
        Gives("LinearAttention", 27, attributes.With("update_rule", "linear"), [q, k, v, past], [[11, 32], [32]], 1e-6);
        // Halved before each addition.
        Operand decay = new([-Math.Log(2), -Math.Log(2)], 1, 2, 1), beta = new([1, 1], 1, 2, 1);
        Gives("LinearAttention", 27, attributes.With("update_rule", "gated"), [q, k, v, past, decay], [[10.5, 26.25], [26.25]], 1e-6);
        // 1 + 2 (5 - 2) = 7, 7 + 3 (7 - 21) = -35.
        Gives("LinearAttention", 27, attributes.With("update_rule", "delta"), [q, k, v, past, null, beta], [[7, -35], [-35]], 1e-6);
    }
}
