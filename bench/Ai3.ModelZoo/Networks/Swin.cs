using Ai3.Runtime;

namespace Ai3.ModelZoo;

/// <summary>Swin transformer, attention in windows that shift from layer to layer: Liu et al. 2021, arXiv:2103.14030.</summary>
internal static class Swin
{
    private const long Window = 7, Area = Window * Window, HeadWidth = 32;
    private const int Size = 224, Patch = 4;

    public static void WriteBase(Net net) => Write(net, 128, [2, 2, 18, 2]);

    private static void Write(Net net, long width, int[] depths)
    {
        GraphBuilder g = net.Graph;
        Operand x;
        using (net.Scope("patch"))
            x = net.Conv(net.Image(Size), width, Patch, Patch, 0, bias: true);
        x = Norm(net, "patch.norm", g.Transpose(x, 0, 2, 3, 1));
        long side = Size / Patch;
        for (int stage = 0; stage < depths.Length; stage++)
        {
            for (int i = 0; i < depths[stage]; i++)
                using (net.Scope($"stage{stage + 1}.{i}"))
                    x = Block(net, x, side, i % 2 == 1 && side > Window ? Window / 2 : 0);
            if (stage == depths.Length - 1)
                continue;
            using (net.Scope($"merge{stage + 1}"))
                x = Merge(net, x);
            side /= 2;
        }
        x = g.Transpose(Norm(net, "norm", x), 0, 3, 1, 2);
        net.Classify(x, scope: "head");
    }

    // Four neighbours to one position of twice the width.
    private static Operand Merge(Net net, Operand x)
    {
        GraphBuilder g = net.Graph;
        long width = x.Shape![^1].Value;
        Operand even = g.Slice(x, 1, 0, long.MaxValue, 2), odd = g.Slice(x, 1, 1, long.MaxValue, 2);
        x = g.Concat(-1, Columns(even, 0), Columns(odd, 0), Columns(even, 1), Columns(odd, 1));
        x = Norm(net, "norm", x);
        using (net.Scope("reduction"))
            return net.Linear(x, 2 * width, bias: false);

        Operand Columns(Operand rows, long start) => g.Slice(rows, 2, start, long.MaxValue, 2);
    }

    private static Operand Block(Net net, Operand x, long side, long shift)
    {
        GraphBuilder g = net.Graph;
        long width = x.Shape![^1].Value;
        Operand y = Roll(g, Norm(net, "norm1", x), shift);
        y = g.Transpose(g.Reshape(y, -1, side / Window, Window, side / Window, Window, width), 0, 1, 3, 2, 4, 5);
        y = WindowAttention(net, g.Reshape(y, -1, Area, width), side, shift);
        y = g.Transpose(g.Reshape(y, -1, side / Window, side / Window, Window, Window, width), 0, 1, 3, 2, 4, 5);
        x += Roll(g, g.Reshape(y, -1, side, side, width), -shift);
        return x + Attention.Mlp(net, Norm(net, "norm2", x), 4 * width, g.Gelu);
    }

    private static Operand WindowAttention(Net net, Operand x, long side, long shift)
    {
        GraphBuilder g = net.Graph;
        long width = x.Shape![^1].Value, heads = width / HeadWidth;
        var parts = g.Split(Attention.Linear(net, "qkv", x, 3 * width), -1, width, width, width);
        Operand table = net.Parameter("relative_position_bias_table", [(2 * Window - 1) * (2 * Window - 1), heads], -0.5f, 0.5f);
        Operand position = g.Unsqueeze(g.Transpose(g.Reshape(g.Gather(table, RelativePositions(g)), Area, Area, heads), 2, 0, 1), 0);
        Operand y = Attention.Of(g, Attention.SplitHeads(g, parts[0], heads), Attention.SplitHeads(g, parts[1], heads), Attention.SplitHeads(g, parts[2], heads), scores =>
        {
            scores += position;
            if (shift == 0)
                return scores;
            long windows = side / Window * (side / Window);
            scores = g.Reshape(scores, -1, windows, heads, Area, Area) + Mask(g, side, shift);
            return g.Reshape(scores, -1, heads, Area, Area);
        });
        return Attention.Linear(net, "proj", y, width, Attention.BranchGain);
    }

    // Rows and columns move up and left, and come in again at the other end.
    private static Operand Roll(GraphBuilder g, Operand x, long shift)
    {
        if (shift == 0)
            return x;
        foreach (long axis in new long[] { 1, 2 })
            x = g.Concat(axis, g.Slice(x, axis, shift, long.MaxValue), g.Slice(x, axis, 0, shift));
        return x;
    }

    private static Operand RelativePositions(GraphBuilder g)
    {
        var index = new long[Area * Area];
        for (long i = 0; i < Area; i++)
            for (long j = 0; j < Area; j++)
                index[i * Area + j] = (i / Window - j / Window + Window - 1) * (2 * Window - 1) + (i % Window - j % Window + Window - 1);
        return g.Constant(index, [index.Length]);
    }

    // Positions that the shift brought together from different ends of the image do not see each other.
    private static Operand Mask(GraphBuilder g, long side, long shift)
    {
        long across = side / Window;
        var mask = new float[across * across * Area * Area];
        for (long w = 0, at = 0; w < across * across; w++)
            for (long i = 0; i < Area; i++)
                for (long j = 0; j < Area; j++, at++)
                    mask[at] = Region(w, i) == Region(w, j) ? 0 : -100;
        return g.Constant(mask, [1, across * across, 1, Area, Area]);

        long Region(long window, long position) =>
            3 * Part(window / across * Window + position / Window) + Part(window % across * Window + position % Window);

        long Part(long line) => line < side - Window ? 0 : line < side - shift ? 1 : 2;
    }

    private static Operand Norm(Net net, string name, Operand x) => Attention.Norm(net, name, x, 1e-5f);
}
