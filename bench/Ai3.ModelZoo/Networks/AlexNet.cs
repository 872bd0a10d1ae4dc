using Ai3.Runtime;
using static Ai3.ModelZoo.Activation;

namespace Ai3.ModelZoo;

/// <summary>AlexNet in one tower: Krizhevsky 2014, arXiv:1404.5997.</summary>
internal static class AlexNet
{
    public static void Write(Net net)
    {
        GraphBuilder g = net.Graph;
        Operand x = net.Image(224);
        x = Conv("conv1", x, 64, 11, 4, 2);
        x = g.MaxPool(x, [3], [2]);
        x = Conv("conv2", x, 192, 5, 1, 2);
        x = g.MaxPool(x, [3], [2]);
        x = Conv("conv3", x, 384, 3, 1, 1);
        x = Conv("conv4", x, 256, 3, 1, 1);
        x = Conv("conv5", x, 256, 3, 1, 1);
        x = g.Flatten(g.MaxPool(x, [3], [2]));
        x = Linear("fc6", x, 4096, Relu);
        x = Linear("fc7", x, 4096, Relu);
        g.Output("logits", Linear("fc8", x, 1000, None));

        Operand Conv(string name, Operand input, long channels, long kernel, long stride, long pad)
        {
            using (net.Scope(name))
                return g.Relu(net.Conv(input, channels, kernel, stride, pad, bias: true, act: Relu));
        }

        Operand Linear(string name, Operand input, long outputs, Activation act)
        {
            using (net.Scope(name))
                return net.Activate(net.Linear(input, outputs, act: act), act);
        }
    }
}
