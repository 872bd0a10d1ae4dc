using Ai3.Runtime;
using static Ai3.ModelZoo.Activation;

namespace Ai3.ModelZoo;

/// <summary>EfficientNet: Tan and Le 2019, arXiv:1905.11946.</summary>
internal static class EfficientNet
{
    private const float BranchGain = 0.5f;

    private static readonly (long Expand, long Kernel, long Stride, long Channels, int Count)[] StagesB0 =
        [(1, 3, 1, 16, 1), (6, 3, 2, 24, 2), (6, 5, 2, 40, 2), (6, 3, 2, 80, 3), (6, 5, 1, 112, 3), (6, 5, 2, 192, 4), (6, 3, 1, 320, 1)];

    public static void WriteB0(Net net)
    {
        Operand x = ConvBn(net, "stem", net.Image(224), 32, 3, 2, Silu);
        int block = 1;
        foreach ((long expand, long kernel, long stride, long channels, int count) in StagesB0)
            for (int i = 0; i < count; i++)
                using (net.Scope($"block{block++}"))
                    x = Block(net, x, expand, kernel, channels, i == 0 ? stride : 1);
        net.Classify(ConvBn(net, "head", x, 1280, 1, 1, Silu));
    }

    private static Operand Block(Net net, Operand x, long expand, long kernel, long channels, long stride)
    {
        long inputs = Net.Channels(x), inner = inputs * expand;
        Operand y = expand == 1 ? x : ConvBn(net, "expand", x, inner, 1, 1, Silu);
        y = ConvBn(net, "depthwise", y, inner, kernel, stride, Silu, group: inner);
        y = SqueezeExcite(net, y, inputs / 4);
        bool residual = stride == 1 && inputs == channels;
        // The excitation is about a half everywhere, which the projection makes good.
        y = ConvBn(net, "project", y, channels, 1, 1, None, gain: residual ? BranchGain : 1, weightGain: 4);
        return residual ? x + y : y;
    }

    private static Operand SqueezeExcite(Net net, Operand x, long squeezed)
    {
        GraphBuilder g = net.Graph;
        Operand s = g.GlobalAveragePool(x);
        using (net.Scope("squeeze"))
            s = g.Silu(net.Conv(s, squeezed, 1, bias: true, act: Silu));
        using (net.Scope("excite"))
            s = g.Sigmoid(net.Conv(s, Net.Channels(x), 1, bias: true));
        return x * s;
    }

    private static Operand ConvBn(
        Net net, string name, Operand x, long channels, long kernel, long stride, Activation act, long group = 1, float gain = 1, double weightGain = 1)
    {
        using (net.Scope(name))
            x = net.Conv(x, channels, kernel, stride, group: group, act: act, gain: weightGain);
        using (net.Scope($"{name}.bn"))
            return net.Activate(net.BatchNorm(x, gain), act);
    }
}
