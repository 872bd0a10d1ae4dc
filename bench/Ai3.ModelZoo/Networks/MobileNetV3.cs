using Ai3.Runtime;
using static Ai3.ModelZoo.Activation;

namespace Ai3.ModelZoo;

/// <summary>MobileNet v3: Howard et al. 2019, arXiv:1905.02244.</summary>
internal static class MobileNetV3
{
    private const float Epsilon = 1e-3f, BranchGain = 0.5f;

    private static readonly (long Kernel, long Expanded, long Channels, bool Squeeze, Activation Act, long Stride)[] Large =
    [
        (3, 16, 16, false, Relu, 1), (3, 64, 24, false, Relu, 2), (3, 72, 24, false, Relu, 1), (5, 72, 40, true, Relu, 2), (5, 120, 40, true, Relu, 1),
        (5, 120, 40, true, Relu, 1), (3, 240, 80, false, HardSwish, 2), (3, 200, 80, false, HardSwish, 1), (3, 184, 80, false, HardSwish, 1),
        (3, 184, 80, false, HardSwish, 1), (3, 480, 112, true, HardSwish, 1), (3, 672, 112, true, HardSwish, 1), (5, 672, 160, true, HardSwish, 2),
        (5, 960, 160, true, HardSwish, 1), (5, 960, 160, true, HardSwish, 1),
    ];

    public static void WriteLarge(Net net)
    {
        GraphBuilder g = net.Graph;
        Operand x = ConvBn(net, "stem", net.Image(224), 16, 3, 2, HardSwish);
        for (int i = 0; i < Large.Length; i++)
            using (net.Scope($"block{i + 1}"))
                x = Block(net, x, Large[i].Kernel, Large[i].Expanded, Large[i].Channels, Large[i].Squeeze, Large[i].Act, Large[i].Stride);
        x = g.Flatten(g.GlobalAveragePool(ConvBn(net, "head", x, 960, 1, 1, HardSwish)));
        using (net.Scope("fc1"))
            x = g.HardSwish(net.Linear(x, 1280, act: HardSwish));
        using (net.Scope("fc2"))
            g.Output("logits", net.Linear(x, 1000));
    }

    private static Operand Block(Net net, Operand x, long kernel, long expanded, long channels, bool squeeze, Activation act, long stride)
    {
        Operand y = expanded == Net.Channels(x) ? x : ConvBn(net, "expand", x, expanded, 1, 1, act);
        y = ConvBn(net, "depthwise", y, expanded, kernel, stride, act, group: expanded);
        if (squeeze)
            y = SqueezeExcite(net, y, RoundToEight(expanded / 4));
        bool residual = stride == 1 && Net.Channels(x) == channels;
        // The excitation is about a half everywhere, which the projection makes good.
        y = ConvBn(net, "project", y, channels, 1, 1, None, gain: residual ? BranchGain : 1, weightGain: squeeze ? 4 : 1);
        return residual ? x + y : y;
    }

    private static Operand SqueezeExcite(Net net, Operand x, long squeezed)
    {
        GraphBuilder g = net.Graph;
        Operand s = g.GlobalAveragePool(x);
        using (net.Scope("squeeze"))
            s = g.Relu(net.Conv(s, squeezed, 1, bias: true, act: Relu));
        using (net.Scope("excite"))
            s = g.HardSigmoid(net.Conv(s, Net.Channels(x), 1, bias: true), 1f / 6);
        return x * s;
    }

    // The nearest multiple of 8, but not less than nine tenths.
    private static long RoundToEight(long channels)
    {
        long rounded = Math.Max(8, (channels + 4) / 8 * 8);
        return rounded * 10 < channels * 9 ? rounded + 8 : rounded;
    }

    private static Operand ConvBn(
        Net net, string name, Operand x, long channels, long kernel, long stride, Activation act, long group = 1, float gain = 1, double weightGain = 1)
    {
        using (net.Scope(name))
            x = net.Conv(x, channels, kernel, stride, group: group, act: act, gain: weightGain);
        using (net.Scope($"{name}.bn"))
            return net.Activate(net.BatchNorm(x, gain, Epsilon), act);
    }
}
