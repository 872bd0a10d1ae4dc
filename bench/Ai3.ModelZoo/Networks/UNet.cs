using Ai3.Runtime;
using static Ai3.ModelZoo.Activation;

namespace Ai3.ModelZoo;

/// <summary>U-Net with padded convolutions and batch normalization, 2 classes: after Ronneberger et al. 2015, arXiv:1505.04597.</summary>
internal static class UNet
{
    private const int Size = 256, Levels = 4, Classes = 2;
    private const long Width = 64;

    public static void Write(Net net)
    {
        GraphBuilder g = net.Graph;
        var skips = new Stack<Operand>();
        Operand x = Double(net, "inc", net.Image(Size), Width);
        for (int level = 1; level <= Levels; level++)
        {
            skips.Push(x);
            x = Double(net, $"down{level}", g.MaxPool(x, [2], [2]), Width << level);
        }
        for (int level = 1; level <= Levels; level++)
        {
            Operand skip = skips.Pop();
            using (net.Scope($"up{level}"))
                x = g.Concat(1, skip, Up(net, x, Net.Channels(skip)));
            x = Double(net, $"up{level}.conv", x, Net.Channels(skip));
        }
        using (net.Scope("outc"))
            g.Output("logits", net.Conv(x, Classes, 1, bias: true));
    }

    private static Operand Double(Net net, string name, Operand x, long channels)
    {
        for (int i = 0; i < 2; i++)
        {
            using (net.Scope($"{name}.{i}"))
                x = net.Conv(x, channels, 3, act: Relu);
            using (net.Scope($"{name}.{i}.bn"))
                x = net.Graph.Relu(net.BatchNorm(x));
        }
        return x;
    }

    // Windows of 2 at strides of 2 do not overlap: each output sums the input's channels once.
    private static Operand Up(Net net, Operand x, long channels)
    {
        long inputs = Net.Channels(x);
        Operand w = net.Weight("weight", [inputs, channels, 2, 2], 1.0 / inputs), b = net.Parameter("bias", [channels], -0.1f, 0.1f);
        return net.Graph.ConvTranspose2D(x, w, b, strides: [2]);
    }
}
