using Ai3.Runtime;

namespace Ai3.ModelZoo;

/// <summary>Parts that transformers share.</summary>
internal static class Attention
{
    /// <summary>Mean square of a residual branch: small, so that sums over many layers stay small.</summary>
    public const double BranchGain = 0.1;

    /// <summary>[batch, n, heads*d] to [batch, heads, n, d].</summary>
    public static Operand SplitHeads(GraphBuilder g, Operand x, long heads) =>
        g.Transpose(g.Reshape(x, 0, 0, heads, x.Shape![^1].Value / heads), 0, 2, 1, 3);

    /// <summary>softmax(q k^T / sqrt(d) + bias) v, heads joined: from [batch, heads, n, d] to [batch, n, heads*d].</summary>
    /// <param name="g">The builder.</param>
    /// <param name="q">Queries [batch, heads, n, d].</param>
    /// <param name="k">Keys [batch, heads, m, d].</param>
    /// <param name="v">Values [batch, heads, m, d].</param>
    /// <param name="bias">What is added to the scores [batch, heads, n, m]; null for nothing.</param>
    public static Operand Of(GraphBuilder g, Operand q, Operand k, Operand v, Func<Operand, Operand>? bias = null)
    {
        long heads = q.Shape![1].Value, d = q.Shape[3].Value;
        Operand scores = g.MatMul(q, g.Transpose(k, 0, 1, 3, 2)) / Math.Sqrt(d);
        if (bias is not null)
            scores = bias(scores);
        return g.Reshape(g.Transpose(g.MatMul(g.Softmax(scores), v), 0, 2, 1, 3), 0, 0, heads * d);
    }

    /// <summary>Two linear layers with GELU between.</summary>
    public static Operand Mlp(Net net, Operand x, long inner, Func<Operand, Operand> gelu)
    {
        long width = x.Shape![^1].Value;
        using (net.Scope("fc1"))
            x = gelu(net.Linear(x, inner, act: Activation.Gelu));
        using (net.Scope("fc2"))
            return net.Linear(x, width, gain: BranchGain);
    }

    /// <summary>Linear layer in a scope of its own.</summary>
    public static Operand Linear(Net net, string name, Operand x, long outputs, double gain = 1)
    {
        using (net.Scope(name))
            return net.Linear(x, outputs, gain: gain);
    }

    /// <summary>Layer normalization in a scope of its own.</summary>
    public static Operand Norm(Net net, string name, Operand x, float epsilon)
    {
        using (net.Scope(name))
            return net.LayerNorm(x, epsilon);
    }
}
