using Ai3.Tensors;

namespace Ai3.Runtime.Tests;

/// <summary>Small networks that several tests run.</summary>
internal static class Networks
{
    /// <summary>Two 3x3 convolutions with a residual round the second, batch norm and ReLU, then global average and a linear layer.</summary>
    public static SpecBuilder Residual()
    {
        var pads = SpecBuilder.Ints("pads", 1, 1, 1, 1);
        return new SpecBuilder()
            .Input("x", 1, 16, 12, 12)
            .Pattern("w1", 1, 32, 16, 3, 3).Pattern("b1", 2, 32)
            .Pattern("w2", 3, 32, 32, 3, 3)
            .Pattern("gamma", 4, 32).Pattern("beta", 5, 32).Pattern("mean", 6, 32).Constant("var", [.. Enumerable.Repeat(0.5f, 32)], 32)
            .Pattern("fc", 7, 32, 10).Pattern("fcb", 8, 10)
            .Node("Conv", "x w1 b1", "c1", pads)
            .Node("Relu", "c1", "r1")
            .Node("Conv", "r1 w2", "c2", pads)
            .Node("BatchNormalization", "c2 gamma beta mean var", "n2")
            .Node("Add", "n2 r1", "s")
            .Node("Relu", "s", "r2")
            .Node("GlobalAveragePool", "r2", "p")
            .Node("Flatten", "p", "f")
            .Node("MatMul", "f fc", "m")
            .Node("Add", "m fcb", "y");
    }

    /// <summary>An input of numbers between -1 and 1 that depend on the seed.</summary>
    public static Tensor Input(int seed, params ReadOnlySpan<long> dims)
    {
        var values = new float[ShapeMath.Product(dims)];
        for (int i = 0; i < values.Length; i++)
            values[i] = (float)Math.Sin(i * 0.37 + seed);
        return Tensor.From(values, Shape.Create(dims));
    }
}
