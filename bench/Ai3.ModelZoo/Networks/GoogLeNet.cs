using Ai3.Runtime;
using static Ai3.ModelZoo.Activation;

namespace Ai3.ModelZoo;

/// <summary>GoogLeNet: Szegedy et al. 2014, arXiv:1409.4842; with batch normalization, and 3x3 in place of 5x5, as its common weights have it.</summary>
internal static class GoogLeNet
{
    private const float Epsilon = 1e-3f;

    public static void Write(Net net)
    {
        GraphBuilder g = net.Graph;
        Operand x = Conv(net, "conv1", net.Image(224), 64, 7, 2);
        x = g.MaxPool(x, [3], [2], ceilMode: true);
        x = Conv(net, "conv2", x, 64, 1);
        x = Conv(net, "conv3", x, 192, 3);
        x = g.MaxPool(x, [3], [2], ceilMode: true);
        x = Inception(net, "inception3a", x, 64, 96, 128, 16, 32, 32);
        x = Inception(net, "inception3b", x, 128, 128, 192, 32, 96, 64);
        x = g.MaxPool(x, [3], [2], ceilMode: true);
        x = Inception(net, "inception4a", x, 192, 96, 208, 16, 48, 64);
        x = Inception(net, "inception4b", x, 160, 112, 224, 24, 64, 64);
        x = Inception(net, "inception4c", x, 128, 128, 256, 24, 64, 64);
        x = Inception(net, "inception4d", x, 112, 144, 288, 32, 64, 64);
        x = Inception(net, "inception4e", x, 256, 160, 320, 32, 128, 128);
        x = g.MaxPool(x, [2], [2], ceilMode: true);
        x = Inception(net, "inception5a", x, 256, 160, 320, 32, 128, 128);
        x = Inception(net, "inception5b", x, 384, 192, 384, 48, 128, 128);
        net.Classify(x);
    }

    private static Operand Inception(Net net, string name, Operand x, long one, long threeReduced, long three, long fiveReduced, long five, long pool)
    {
        using (net.Scope(name))
        {
            Operand a = Conv(net, "branch1", x, one, 1);
            Operand b = Conv(net, "branch2.1", Conv(net, "branch2.0", x, threeReduced, 1), three, 3);
            Operand c = Conv(net, "branch3.1", Conv(net, "branch3.0", x, fiveReduced, 1), five, 3);
            Operand d = Conv(net, "branch4", net.Graph.MaxPool(x, [3], [1], [1], ceilMode: true), pool, 1);
            return net.Graph.Concat(1, a, b, c, d);
        }
    }

    private static Operand Conv(Net net, string name, Operand x, long channels, long kernel, long stride = 1)
    {
        using (net.Scope(name))
            x = net.Conv(x, channels, kernel, stride, act: Relu);
        using (net.Scope($"{name}.bn"))
            return net.Graph.Relu(net.BatchNorm(x, epsilon: Epsilon));
    }
}
