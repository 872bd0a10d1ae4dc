using Ai3.Runtime;
using static Ai3.ModelZoo.Activation;

namespace Ai3.ModelZoo;

/// <summary>VGG: Simonyan and Zisserman 2014, arXiv:1409.1556.</summary>
internal static class Vgg
{
    private static readonly int[][] Stages16 = [[64, 64], [128, 128], [256, 256, 256], [512, 512, 512], [512, 512, 512]];

    public static void Write16(Net net)
    {
        GraphBuilder g = net.Graph;
        Operand x = net.Image(224);
        for (int stage = 0; stage < Stages16.Length; stage++)
        {
            for (int i = 0; i < Stages16[stage].Length; i++)
                using (net.Scope($"conv{stage + 1}_{i + 1}"))
                    x = g.Relu(net.Conv(x, Stages16[stage][i], 3, bias: true, act: Relu));
            x = g.MaxPool(x, [2], [2]);
        }
        x = g.Flatten(x);
        foreach (string name in new[] { "fc6", "fc7" })
            using (net.Scope(name))
                x = g.Relu(net.Linear(x, 4096, act: Relu));
        using (net.Scope("fc8"))
            g.Output("logits", net.Linear(x, 1000));
    }
}
