using System.Collections.Immutable;
using Ai3.Ops;
using Ai3.Tensors;

namespace Ai3.Runtime.Tests;

/// <summary>Convolutions and products between DequantizeLinear and QuantizeLinear become integer ones where that is right.</summary>
public sealed class QuantizedRewriteTests
{
    private const string Rewrite = "fuse_quantized";

    private const float OutputScale = 0.5f;

    // With 512 bits some convolutions are faster on reals and stay so.
    private static readonly IsaLevel Level = Isa.Supported.Contains(IsaLevel.Avx2) ? IsaLevel.Avx2 : Isa.Best;

    public static TheoryData<string, string> Cases => new()
    {
        { "pointwise", "QLinearConv" },
        { "depthwise", "QLinearConv" },
        { "relu", "QLinearConv" },
        { "matmul", "QLinearMatMul" },
    };

    [Theory, MemberData(nameof(Cases))]
    public void BecomesAnIntegerOperator(string which, string expected)
    {
        Model model = Quantized(which);
        using Session with = model.Compile(new() { Threads = 1, Isa = Level });
        using Session without = model.Compile(new() { Threads = 1, Isa = Level, DisabledRewrites = [Rewrite] });
        Assert.Equal(["QuantizeLinear", expected, "DequantizeLinear"], Ops(with));
        Assert.DoesNotContain(expected, Ops(without));
        ImmutableArray<float> real = Run(without), integer = Run(with);
        Assert.True(real.Distinct().Count() > 8);
        // The real sum is rounded on the way and may fall on the other side of a tie.
        for (int i = 0; i < real.Length; i++)
            Assert.True(Math.Abs(real[i] - integer[i]) <= OutputScale, $"element {i}: {real[i]} became {integer[i]}");
        Assert.True(real.Zip(integer).Count(p => p.First != p.Second) <= real.Length / 100);
    }

    [Theory]
    [InlineData("scaled_bias")]
    [InlineData("relu_inside")]
    [InlineData("shared")]
    public void IsLeftAloneWhereItWouldComputeSomethingElse(string which)
    {
        using Session session = Quantized(which).Compile(new() { Threads = 1 });
        Assert.DoesNotContain("QLinearConv", Ops(session));
    }

    private static Model Quantized(string which)
    {
        bool depthwise = which == "depthwise", product = which == "matmul";
        int channels = 64;
        Tensor weights = Tensor.Allocate(DType.Int8, product ? [channels, channels] : depthwise ? [channels, 1, 3, 3] : [channels, channels, 1, 1]);
        Span<sbyte> w = weights.AsSpan<sbyte>();
        for (int i = 0; i < w.Length; i++)
            w[i] = (sbyte)(i * 37 % 201 - 100);
        float[] scales = [.. Enumerable.Range(0, channels).Select(m => 0.01f + m * 0.001f)];
        int[] bias = [.. Enumerable.Range(0, channels).Select(m => m * 20 - 500)];
        // A zero point inside the range: Relu then is no saturation.
        byte zero = which is "relu_inside" or "pointwise" or "depthwise" or "matmul" ? (byte)120 : (byte)0;
        var spec = new SpecBuilder();
        _ = product ? spec.Input("x", 48, channels) : spec.Input("x", 1, channels, 14, 14);
        spec.Constant("xs", [0.02f]).Constant("xz", Tensor.Scalar<byte>(100))
            .Constant("w", weights).Constant("ws", Tensor.Copy<float>(scales, [channels])).Constant("wz", Tensor.Zeros(DType.Int8, [channels]))
            .Constant("b", Tensor.Copy<int>(bias, [channels]))
            .Constant("bs", Tensor.Copy<float>([.. scales.Select(s => s * 0.02f * (which == "scaled_bias" ? 2 : 1))], [channels]))
            .Constant("ys", [OutputScale]).Constant("yz", Tensor.Scalar(zero))
            .Node("QuantizeLinear", "x xs xz", "xq").Node("DequantizeLinear", "xq xs xz", "xd")
            .Node("DequantizeLinear", "w ws wz", "wd", Ai3.Ops.Attributes.Empty.With("axis", product ? 1L : 0L));
        if (product)
            spec.Node("MatMul", "xd wd", "c");
        else
        {
            Ai3.Ops.Attributes attributes = depthwise ? SpecBuilder.Ints("pads", 1, 1, 1, 1).With("group", (long)channels) : Ai3.Ops.Attributes.Empty;
            spec.Node("DequantizeLinear", "b bs", "bd", Ai3.Ops.Attributes.Empty.With("axis", 0L)).Node("Conv", "xd wd bd", "c", attributes);
        }
        string last = "c";
        if (which is "relu" or "relu_inside")
            spec.Node("Relu", "c", last = "r");
        spec.Node("QuantizeLinear", $"{last} ys yz", "yq").Node("DequantizeLinear", "yq ys yz", "y");
        return which == "shared" ? spec.Build("y", "c") : spec.Build("y");
    }

    private static string[] Ops(Session session) => [.. session.Graph.Nodes.Select(n => n.OpType)];

    private static ImmutableArray<float> Run(Session session)
    {
        var inputs = session.Inputs.Select((v, i) => (v.Name, (Value)Networks.Input(i, v.Tensor!.KnownShape.AsSpan()))).ToArray();
        using Outputs outputs = session.Run(inputs);
        return [.. outputs[0].AsSpan<float>()];
    }
}
