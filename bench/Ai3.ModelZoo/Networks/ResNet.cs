using Ai3.Runtime;
using static Ai3.ModelZoo.Activation;

namespace Ai3.ModelZoo;

/// <summary>ResNet with bottleneck blocks, the stride in their 3x3 convolution: He et al. 2015, arXiv:1512.03385.</summary>
internal static class ResNet
{
    private const float BranchGain = 0.25f;

    public static void Write50(Net net) => Write(net, [3, 4, 6, 3]);

    public static void Write152(Net net) => Write(net, [3, 8, 36, 3]);

    private static void Write(Net net, int[] blocks)
    {
        Operand x = net.Graph.Relu(ConvBn(net, "conv1", net.Image(224), 64, 7, 2, Relu));
        x = net.Graph.MaxPool(x, [3], [2], [1]);
        for (int stage = 0; stage < blocks.Length; stage++)
            for (int i = 0; i < blocks[stage]; i++)
                using (net.Scope($"layer{stage + 1}.{i}"))
                    x = Bottleneck(net, x, 64L << stage, stage > 0 && i == 0 ? 2 : 1);
        net.Classify(x);
    }

    private static Operand Bottleneck(Net net, Operand x, long width, long stride)
    {
        GraphBuilder g = net.Graph;
        Operand y = g.Relu(ConvBn(net, "conv1", x, width, 1, 1, Relu));
        y = g.Relu(ConvBn(net, "conv2", y, width, 3, stride, Relu));
        y = ConvBn(net, "conv3", y, 4 * width, 1, 1, None, BranchGain);
        Operand shortcut = Net.Channels(x) == 4 * width && stride == 1 ? x : ConvBn(net, "downsample", x, 4 * width, 1, stride, None);
        return g.Relu(y + shortcut);
    }

    private static Operand ConvBn(Net net, string name, Operand x, long channels, long kernel, long stride, Activation act, float gain = 1)
    {
        using (net.Scope(name))
            x = net.Conv(x, channels, kernel, stride, act: act);
        using (net.Scope($"{name}.bn"))
            return net.BatchNorm(x, gain);
    }
}
