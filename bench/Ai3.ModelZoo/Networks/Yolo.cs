using Ai3.Runtime;
using static Ai3.ModelZoo.Activation;

namespace Ai3.ModelZoo;

/// <summary>
/// YOLOv5 small: a detector with cross-stage partial blocks, a pyramid up and down, and boxes decoded in the graph.
/// Output [batch, 25200, 85]: centre x, y, width, height in pixels, objectness, 80 class scores.
/// </summary>
internal static class Yolo
{
    private const int Size = 640, Classes = 80, Anchors = 3, Values = 5 + Classes;
    private const float Epsilon = 1e-3f;

    // Width and height in pixels of the anchors of strides 8, 16 and 32.
    private static readonly float[][] AnchorSizes =
        [[10, 13, 16, 30, 33, 23], [30, 61, 62, 45, 59, 119], [116, 90, 156, 198, 373, 326]];

    public static void WriteSmall(Net net)
    {
        GraphBuilder g = net.Graph;
        Operand x = net.Image(Size);
        x = Conv(net, "0", x, 32, 6, 2, 2);
        x = Csp(net, "2", Conv(net, "1", x, 64, 3, 2), 64, 1, true);
        Operand p3 = x = Csp(net, "4", Conv(net, "3", x, 128, 3, 2), 128, 2, true);
        Operand p4 = x = Csp(net, "6", Conv(net, "5", x, 256, 3, 2), 256, 3, true);
        x = Csp(net, "8", Conv(net, "7", x, 512, 3, 2), 512, 1, true);
        x = PyramidPool(net, "9", x, 512);
        Operand top = x = Conv(net, "10", x, 256, 1);
        x = Csp(net, "13", g.Concat(1, g.UpsampleNearest(x, 2), p4), 256, 1, false);
        Operand middle = x = Conv(net, "14", x, 128, 1);
        Operand small = x = Csp(net, "17", g.Concat(1, g.UpsampleNearest(x, 2), p3), 128, 1, false);
        Operand medium = x = Csp(net, "20", g.Concat(1, Conv(net, "18", x, 128, 3, 2), middle), 256, 1, false);
        Operand large = Csp(net, "23", g.Concat(1, Conv(net, "21", x, 256, 3, 2), top), 512, 1, false);
        g.Output("boxes", g.Concat(1, Detect(net, small, 0), Detect(net, medium, 1), Detect(net, large, 2)));
    }

    private static Operand Csp(Net net, string name, Operand x, long channels, int count, bool shortcut)
    {
        using (net.Scope(name))
        {
            Operand a = Conv(net, "cv1", x, channels / 2, 1), b = Conv(net, "cv2", x, channels / 2, 1);
            for (int i = 0; i < count; i++)
            {
                Operand y = Conv(net, $"m.{i}.cv2", Conv(net, $"m.{i}.cv1", a, channels / 2, 1), channels / 2, 3, gain: shortcut ? 0.5f : 1);
                a = shortcut ? a + y : y;
            }
            return Conv(net, "cv3", net.Graph.Concat(1, a, b), channels, 1);
        }
    }

    private static Operand PyramidPool(Net net, string name, Operand x, long channels)
    {
        using (net.Scope(name))
        {
            Operand a = Conv(net, "cv1", x, channels / 2, 1);
            Operand b = Pool(a), c = Pool(b), d = Pool(c);
            return Conv(net, "cv2", net.Graph.Concat(1, a, b, c, d), channels, 1);
        }

        Operand Pool(Operand y) => net.Graph.MaxPool(y, [5], [1], [2]);
    }

    private static Operand Detect(Net net, Operand x, int level)
    {
        GraphBuilder g = net.Graph;
        int stride = 8 << level, cells = Size / stride;
        using (net.Scope($"24.m.{level}"))
        {
            x = net.Conv(x, Anchors * Values, 1, bias: true);
            x = g.Transpose(g.Reshape(x, 0, Anchors, Values, cells, cells), 0, 1, 3, 4, 2);
            var parts = g.Split(g.Sigmoid(x), -1, 2, 2, 1 + Classes);
            Operand centre = (parts[0] * 2 + Grid(g, cells)) * stride;
            Operand size = parts[1] * 2;
            size = size * size * g.Constant(AnchorSizes[level], [1, Anchors, 1, 1, 2]);
            return g.Reshape(g.Concat(-1, centre, size, parts[2]), 0, (long)Anchors * cells * cells, Values);
        }
    }

    private static Operand Grid(GraphBuilder g, int cells)
    {
        var corners = new float[cells * cells * 2];
        for (int i = 0; i < corners.Length; i++)
            corners[i] = (i % 2 == 0 ? i / 2 % cells : i / 2 / cells) - 0.5f;
        return g.Constant(corners, [1, 1, cells, cells, 2]);
    }

    private static Operand Conv(Net net, string name, Operand x, long channels, long kernel, long stride = 1, long? pad = null, float gain = 1)
    {
        using (net.Scope(name))
            x = net.Conv(x, channels, kernel, stride, pad, act: Silu);
        using (net.Scope($"{name}.bn"))
            return net.Graph.Silu(net.BatchNorm(x, gain, Epsilon));
    }
}
