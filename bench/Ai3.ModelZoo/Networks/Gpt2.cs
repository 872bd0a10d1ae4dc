using Ai3.Runtime;

namespace Ai3.ModelZoo;

/// <summary>
/// GPT-2's decoder with keys and values of earlier tokens as inputs: Radford et al. 2019. Inputs input_ids [batch, sequence] and
/// past.L.key, past.L.value [batch, 12, past, 64] of each layer L; outputs logits [batch, sequence, 50257] and present.L.key,
/// present.L.value [batch, 12, past + sequence, 64].
/// </summary>
internal static class Gpt2
{
    private const long Vocabulary = 50257, Positions = 1024, Width = 768, HeadCount = 12, HeadWidth = Width / HeadCount, Inner = 3072;
    private const int Layers = 12;
    private const float Epsilon = 1e-5f, Masked = -10000;

    public static void WriteSmall(Net net)
    {
        GraphBuilder g = net.Graph;
        Operand ids = g.Input<long>("input_ids", ["batch", "sequence"]);
        (Operand Key, Operand Value)[] past = [.. Enumerable.Range(0, Layers).Select(i => (Past(g, $"past.{i}.key"), Past(g, $"past.{i}.value")))];
        Operand start = g.DimOf(past[0].Key, 2), end = start + g.DimOf(ids, 1);
        Operand places = g.Range(start, end, g.Scalar(1L));
        Operand words = net.Parameter("wte", [Vocabulary, Width], -1, 1);
        Operand x = g.Gather(words, ids) + g.Gather(net.Parameter("wpe", [Positions, Width], -0.5f, 0.5f), places);
        // A token sees those up to itself: [sequence, past + sequence].
        Operand visible = g.LessOrEqual(g.Unsqueeze(g.Range(g.Scalar(0L), end, g.Scalar(1L)), 0), g.Unsqueeze(places, 1));
        Operand mask = g.Where(visible, g.Scalar(0f), g.Scalar(Masked));
        var present = new (Operand Key, Operand Value)[Layers];
        for (int i = 0; i < Layers; i++)
            using (net.Scope($"h.{i}"))
                (x, present[i]) = Layer(net, x, past[i], mask);
        x = Attention.Norm(net, "ln_f", x, Epsilon);
        // The word table is the output's weight too; normalized inputs of 768 make logits of about its size times 28.
        g.Output("logits", g.MatMul(x, g.Transpose(words, 1, 0)));
        for (int i = 0; i < Layers; i++)
            g.Output($"present.{i}.key", present[i].Key).Output($"present.{i}.value", present[i].Value);
    }

    private static Operand Past(GraphBuilder g, string name) => g.Input<float>(name, ["batch", HeadCount, "past", HeadWidth]);

    private static (Operand X, (Operand Key, Operand Value) Present) Layer(Net net, Operand x, (Operand Key, Operand Value) past, Operand mask)
    {
        GraphBuilder g = net.Graph;
        var parts = g.Split(Attention.Linear(net, "attn.c_attn", Attention.Norm(net, "ln_1", x, Epsilon), 3 * Width), -1, Width, Width, Width);
        Operand key = g.Concat(2, past.Key, Attention.SplitHeads(g, parts[1], HeadCount));
        Operand value = g.Concat(2, past.Value, Attention.SplitHeads(g, parts[2], HeadCount));
        Operand y = Attention.Of(g, Attention.SplitHeads(g, parts[0], HeadCount), key, value, scores => scores + mask);
        x += Attention.Linear(net, "attn.c_proj", y, Width, Attention.BranchGain);
        return (x + Attention.Mlp(net, Attention.Norm(net, "ln_2", x, Epsilon), Inner, h => Gelu(g, h)), (key, value));
    }

    // The tanh form: x * (1 + tanh(sqrt(2/pi) * (x + 0.044715 x^3))) / 2.
    private static Operand Gelu(GraphBuilder g, Operand x)
    {
        Operand inner = (x + g.Pow(x, g.Scalar(3f)) * 0.044715) * Math.Sqrt(2 / Math.PI);
        return x * 0.5 * (g.Tanh(inner) + 1);
    }
}
