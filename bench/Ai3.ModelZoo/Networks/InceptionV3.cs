using Ai3.Runtime;
using static Ai3.ModelZoo.Activation;

namespace Ai3.ModelZoo;

/// <summary>Inception v3: Szegedy et al. 2015, arXiv:1512.00567; the head that only training uses is left out.</summary>
internal static class InceptionV3
{
    private const float Epsilon = 1e-3f;

    public static void Write(Net net)
    {
        GraphBuilder g = net.Graph;
        Operand x = net.Image(299);
        x = Conv(net, "conv1a", x, 32, 3, stride: 2, pad: 0);
        x = Conv(net, "conv2a", x, 32, 3, pad: 0);
        x = Conv(net, "conv2b", x, 64, 3);
        x = g.MaxPool(x, [3], [2]);
        x = Conv(net, "conv3b", x, 80, 1);
        x = Conv(net, "conv4a", x, 192, 3, pad: 0);
        x = g.MaxPool(x, [3], [2]);
        x = MixedA(net, "mixed5b", x, 32);
        x = MixedA(net, "mixed5c", x, 64);
        x = MixedA(net, "mixed5d", x, 64);
        x = ReductionA(net, "mixed6a", x);
        x = MixedB(net, "mixed6b", x, 128);
        x = MixedB(net, "mixed6c", x, 160);
        x = MixedB(net, "mixed6d", x, 160);
        x = MixedB(net, "mixed6e", x, 192);
        x = ReductionB(net, "mixed7a", x);
        x = MixedC(net, "mixed7b", x);
        x = MixedC(net, "mixed7c", x);
        net.Classify(x);
    }

    // 35x35: 1x1, 5x5, two 3x3, pool.
    private static Operand MixedA(Net net, string name, Operand x, long pool)
    {
        using (net.Scope(name))
        {
            Operand a = Conv(net, "branch1x1", x, 64, 1);
            Operand b = Conv(net, "branch5x5_2", Conv(net, "branch5x5_1", x, 48, 1), 64, 5);
            Operand c = Conv(net, "branch3x3dbl_2", Conv(net, "branch3x3dbl_1", x, 64, 1), 96, 3);
            c = Conv(net, "branch3x3dbl_3", c, 96, 3);
            return net.Graph.Concat(1, a, b, c, Conv(net, "branch_pool", Mean(net, x), pool, 1));
        }
    }

    // 35x35 to 17x17.
    private static Operand ReductionA(Net net, string name, Operand x)
    {
        using (net.Scope(name))
        {
            Operand a = Conv(net, "branch3x3", x, 384, 3, stride: 2, pad: 0);
            Operand b = Conv(net, "branch3x3dbl_2", Conv(net, "branch3x3dbl_1", x, 64, 1), 96, 3);
            b = Conv(net, "branch3x3dbl_3", b, 96, 3, stride: 2, pad: 0);
            return net.Graph.Concat(1, a, b, net.Graph.MaxPool(x, [3], [2]));
        }
    }

    // 17x17: 1x1, 7x7 as 1x7 and 7x1, that twice, pool.
    private static Operand MixedB(Net net, string name, Operand x, long width)
    {
        using (net.Scope(name))
        {
            Operand a = Conv(net, "branch1x1", x, 192, 1);
            Operand b = Row(net, "branch7x7_2", Conv(net, "branch7x7_1", x, width, 1), width, 7);
            b = Column(net, "branch7x7_3", b, 192, 7);
            Operand c = Column(net, "branch7x7dbl_2", Conv(net, "branch7x7dbl_1", x, width, 1), width, 7);
            c = Row(net, "branch7x7dbl_3", c, width, 7);
            c = Column(net, "branch7x7dbl_4", c, width, 7);
            c = Row(net, "branch7x7dbl_5", c, 192, 7);
            return net.Graph.Concat(1, a, b, c, Conv(net, "branch_pool", Mean(net, x), 192, 1));
        }
    }

    // 17x17 to 8x8.
    private static Operand ReductionB(Net net, string name, Operand x)
    {
        using (net.Scope(name))
        {
            Operand a = Conv(net, "branch3x3_2", Conv(net, "branch3x3_1", x, 192, 1), 320, 3, stride: 2, pad: 0);
            Operand b = Row(net, "branch7x7x3_2", Conv(net, "branch7x7x3_1", x, 192, 1), 192, 7);
            b = Column(net, "branch7x7x3_3", b, 192, 7);
            b = Conv(net, "branch7x7x3_4", b, 192, 3, stride: 2, pad: 0);
            return net.Graph.Concat(1, a, b, net.Graph.MaxPool(x, [3], [2]));
        }
    }

    // 8x8: 1x1, 3x3 spread out, two 3x3 spread out, pool.
    private static Operand MixedC(Net net, string name, Operand x)
    {
        using (net.Scope(name))
        {
            Operand a = Conv(net, "branch1x1", x, 320, 1);
            Operand b = Spread(net, "branch3x3_2", Conv(net, "branch3x3_1", x, 384, 1));
            Operand c = Conv(net, "branch3x3dbl_2", Conv(net, "branch3x3dbl_1", x, 448, 1), 384, 3);
            c = Spread(net, "branch3x3dbl_3", c);
            return net.Graph.Concat(1, a, b, c, Conv(net, "branch_pool", Mean(net, x), 192, 1));
        }
    }

    private static Operand Spread(Net net, string name, Operand x) =>
        net.Graph.Concat(1, Row(net, $"{name}a", x, 384, 3), Column(net, $"{name}b", x, 384, 3));

    private static Operand Mean(Net net, Operand x) => net.Graph.AveragePool(x, [3], [1], [1], countIncludePad: true);

    private static Operand Row(Net net, string name, Operand x, long channels, long length) => Conv(net, name, x, channels, (1, length), 1, (0, length / 2));

    private static Operand Column(Net net, string name, Operand x, long channels, long length) => Conv(net, name, x, channels, (length, 1), 1, (length / 2, 0));

    private static Operand Conv(Net net, string name, Operand x, long channels, long kernel, long stride = 1, long? pad = null) =>
        Conv(net, name, x, channels, (kernel, kernel), stride, (pad ?? kernel / 2, pad ?? kernel / 2));

    private static Operand Conv(Net net, string name, Operand x, long channels, (long, long) kernel, long stride, (long, long) pad)
    {
        using (net.Scope(name))
            x = net.Conv(x, channels, kernel, stride, pad, act: Relu);
        using (net.Scope($"{name}.bn"))
            return net.Graph.Relu(net.BatchNorm(x, epsilon: Epsilon));
    }
}
