using Ai3.Runtime;
using Ai3.Tensors;

namespace Ai3.ModelZoo;

/// <summary>
/// BERT's encoder: Devlin et al. 2018, arXiv:1810.04805. Inputs input_ids and attention_mask [batch, sequence]; one segment.
/// Outputs last_hidden_state [batch, sequence, 768] and pooler_output [batch, 768].
/// </summary>
internal static class Bert
{
    private const long Vocabulary = 30522, Positions = 512, Width = 768, HeadCount = 12, Inner = 3072;
    private const int Layers = 12;
    private const float Epsilon = 1e-12f, Masked = -10000;

    public static void WriteBase(Net net)
    {
        GraphBuilder g = net.Graph;
        Operand ids = g.Input<long>("input_ids", ["batch", "sequence"]), attention = g.Input<long>("attention_mask", ["batch", "sequence"]);
        // 0 where a token counts, a large negative number where it does not: [batch, 1, 1, sequence].
        Operand mask = g.Unsqueeze(g.Where(g.Cast(attention, DType.Bool), g.Scalar(0f), g.Scalar(Masked)), 1, 2);
        Operand x = Embed(net, ids);
        for (int i = 0; i < Layers; i++)
            using (net.Scope($"encoder.layer.{i}"))
                x = Layer(net, x, mask);
        g.Output("last_hidden_state", x);
        Operand first = g.Squeeze(g.Slice(x, 1, 0, 1), 1);
        g.Output("pooler_output", g.Tanh(Attention.Linear(net, "pooler", first, Width)));
    }

    private static Operand Embed(Net net, Operand ids)
    {
        GraphBuilder g = net.Graph;
        using (net.Scope("embeddings"))
        {
            Operand words = g.Gather(net.Parameter("word_embeddings", [Vocabulary, Width], -1, 1), ids);
            Operand segment = g.Slice(net.Parameter("token_type_embeddings", [2, Width], -0.2f, 0.2f), 0, 0, 1);
            Operand places = g.Range(g.Scalar(0L), g.DimOf(ids, 1), g.Scalar(1L));
            Operand positions = g.Gather(net.Parameter("position_embeddings", [Positions, Width], -0.5f, 0.5f), places);
            return Attention.Norm(net, "norm", words + segment + positions, Epsilon);
        }
    }

    private static Operand Layer(Net net, Operand x, Operand mask)
    {
        GraphBuilder g = net.Graph;
        Operand y = Attention.Of(g, Heads("query"), Heads("key"), Heads("value"), scores => scores + mask);
        x = Attention.Norm(net, "attention.norm", x + Attention.Linear(net, "attention.output", y, Width, Attention.BranchGain), Epsilon);
        return Attention.Norm(net, "norm", x + Attention.Mlp(net, x, Inner, g.Gelu), Epsilon);

        Operand Heads(string name) => Attention.SplitHeads(g, Attention.Linear(net, $"attention.{name}", x, Width), HeadCount);
    }
}
