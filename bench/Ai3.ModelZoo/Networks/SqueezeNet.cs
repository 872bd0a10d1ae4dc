using Ai3.Runtime;
using static Ai3.ModelZoo.Activation;

namespace Ai3.ModelZoo;

/// <summary>SqueezeNet 1.1: Iandola et al. 2016, arXiv:1602.07360, with the later, smaller first layers.</summary>
internal static class SqueezeNet
{
    public static void Write(Net net)
    {
        GraphBuilder g = net.Graph;
        Operand x = Conv(net, "conv1", net.Image(224), 64, 3, 2);
        x = g.MaxPool(x, [3], [2], ceilMode: true);
        x = Fire(net, "fire2", x, 16, 64);
        x = Fire(net, "fire3", x, 16, 64);
        x = g.MaxPool(x, [3], [2], ceilMode: true);
        x = Fire(net, "fire4", x, 32, 128);
        x = Fire(net, "fire5", x, 32, 128);
        x = g.MaxPool(x, [3], [2], ceilMode: true);
        x = Fire(net, "fire6", x, 48, 192);
        x = Fire(net, "fire7", x, 48, 192);
        x = Fire(net, "fire8", x, 64, 256);
        x = Fire(net, "fire9", x, 64, 256);
        x = Conv(net, "conv10", x, 1000, 1, 1);
        g.Output("logits", g.Flatten(g.GlobalAveragePool(x)));
    }

    private static Operand Fire(Net net, string name, Operand x, long squeeze, long expand)
    {
        using (net.Scope(name))
        {
            x = Conv(net, "squeeze", x, squeeze, 1, 1);
            return net.Graph.Concat(1, Conv(net, "expand1x1", x, expand, 1, 1), Conv(net, "expand3x3", x, expand, 3, 1, 1));
        }
    }

    private static Operand Conv(Net net, string name, Operand x, long channels, long kernel, long stride, long pad = 0)
    {
        using (net.Scope(name))
            return net.Graph.Relu(net.Conv(x, channels, kernel, stride, pad, bias: true, act: Relu));
    }
}
