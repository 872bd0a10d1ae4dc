using Ai3.Runtime;
using static Ai3.ModelZoo.Activation;

namespace Ai3.ModelZoo;

/// <summary>MobileNet v2: inverted residuals with depthwise convolutions, Sandler et al. 2018, arXiv:1801.04381.</summary>
internal static class MobileNetV2
{
    private const float BranchGain = 0.5f;

    private static readonly (long Expand, long Channels, int Count, long Stride)[] Stages =
        [(1, 16, 1, 1), (6, 24, 2, 2), (6, 32, 3, 2), (6, 64, 4, 2), (6, 96, 3, 1), (6, 160, 3, 2), (6, 320, 1, 1)];

    public static void Write(Net net)
    {
        Operand x = ConvBn(net, "stem", net.Image(224), 32, 3, 2, Relu6);
        int block = 1;
        foreach ((long expand, long channels, int count, long stride) in Stages)
            for (int i = 0; i < count; i++)
                using (net.Scope($"block{block++}"))
                    x = InvertedResidual(net, x, expand, channels, i == 0 ? stride : 1);
        net.Classify(ConvBn(net, "head", x, 1280, 1, 1, Relu6));
    }

    private static Operand InvertedResidual(Net net, Operand x, long expand, long channels, long stride)
    {
        long inner = Net.Channels(x) * expand;
        Operand y = expand == 1 ? x : ConvBn(net, "expand", x, inner, 1, 1, Relu6);
        y = ConvBn(net, "depthwise", y, inner, 3, stride, Relu6, group: inner);
        bool residual = stride == 1 && Net.Channels(x) == channels;
        y = ConvBn(net, "project", y, channels, 1, 1, None, gain: residual ? BranchGain : 1);
        return residual ? x + y : y;
    }

    private static Operand ConvBn(Net net, string name, Operand x, long channels, long kernel, long stride, Activation act, long group = 1, float gain = 1)
    {
        using (net.Scope(name))
            x = net.Conv(x, channels, kernel, stride, group: group, act: act);
        using (net.Scope($"{name}.bn"))
            return net.Activate(net.BatchNorm(x, gain), act);
    }
}
