using Ai3.Runtime;
using static Ai3.ModelZoo.Activation;

namespace Ai3.ModelZoo;

/// <summary>DenseNet with bottleneck layers: Huang et al. 2016, arXiv:1608.06993.</summary>
internal static class DenseNet
{
    private const int Growth = 32;

    public static void Write121(Net net) => Write(net, [6, 12, 24, 16]);

    private static void Write(Net net, int[] layers)
    {
        GraphBuilder g = net.Graph;
        Operand x = net.Image(224);
        using (net.Scope("conv0"))
            x = net.Conv(x, 64, 7, 2);
        x = g.MaxPool(NormRelu(net, "norm0", x), [3], [2], [1]);
        for (int block = 0; block < layers.Length; block++)
        {
            for (int i = 0; i < layers[block]; i++)
                using (net.Scope($"block{block + 1}.layer{i + 1}"))
                    x = g.Concat(1, x, Layer(net, x));
            if (block < layers.Length - 1)
                using (net.Scope($"transition{block + 1}"))
                    x = g.AveragePool(Conv(net, "conv", NormRelu(net, "norm", x), Net.Channels(x) / 2, 1), [2], [2]);
        }
        net.Classify(NormRelu(net, "norm5", x));
    }

    // Pre-activation halves the mean square, and the convolutions give it back.
    private static Operand Layer(Net net, Operand x)
    {
        x = Conv(net, "conv1", NormRelu(net, "norm1", x), 4 * Growth, 1);
        return Conv(net, "conv2", NormRelu(net, "norm2", x), Growth, 3);
    }

    private static Operand NormRelu(Net net, string name, Operand x)
    {
        using (net.Scope(name))
            return net.Graph.Relu(net.BatchNorm(x));
    }

    private static Operand Conv(Net net, string name, Operand x, long channels, long kernel)
    {
        using (net.Scope(name))
            return net.Conv(x, channels, kernel, act: Relu);
    }
}
