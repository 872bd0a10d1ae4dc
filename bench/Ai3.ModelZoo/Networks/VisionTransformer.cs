using Ai3.Runtime;

namespace Ai3.ModelZoo;

/// <summary>Vision transformer: Dosovitskiy et al. 2020, arXiv:2010.11929.</summary>
internal static class VisionTransformer
{
    private const float Epsilon = 1e-6f;
    private const long Width = 768, Heads = 12, Inner = 3072, Patch = 16, Size = 224, Tokens = 1 + Size / Patch * (Size / Patch);
    private const int Layers = 12;

    public static void WriteB16(Net net)
    {
        GraphBuilder g = net.Graph;
        Operand input = net.Image((int)Size), x;
        using (net.Scope("conv_proj"))
            x = net.Conv(input, Width, Patch, Patch, 0, bias: true);
        x = g.Transpose(g.Reshape(x, 0, Width, Tokens - 1), 0, 2, 1);
        Operand batch = g.Slice(g.ShapeOf(input), 0, 0, 1);
        Operand token = g.Expand(net.Parameter("class_token", [1, 1, Width], -1, 1), g.Concat(0, batch, g.Ints(1, Width)));
        x = g.Concat(1, token, x) + net.Parameter("pos_embedding", [1, Tokens, Width], -0.5f, 0.5f);
        for (int i = 0; i < Layers; i++)
            using (net.Scope($"layer{i}"))
                x = Block(net, x);
        x = Attention.Norm(net, "ln", x, Epsilon);
        x = g.Squeeze(g.Slice(x, 1, 0, 1), 1);
        g.Output("logits", Attention.Linear(net, "head", x, 1000));
    }

    private static Operand Block(Net net, Operand x)
    {
        GraphBuilder g = net.Graph;
        Operand y = Attention.Linear(net, "in_proj", Attention.Norm(net, "ln_1", x, Epsilon), 3 * Width);
        var parts = g.Split(y, -1, Width, Width, Width);
        y = Attention.Of(g, Attention.SplitHeads(g, parts[0], Heads), Attention.SplitHeads(g, parts[1], Heads), Attention.SplitHeads(g, parts[2], Heads));
        x += Attention.Linear(net, "out_proj", y, Width, Attention.BranchGain);
        return x + Attention.Mlp(net, Attention.Norm(net, "ln_2", x, Epsilon), Inner, g.Gelu);
    }
}
