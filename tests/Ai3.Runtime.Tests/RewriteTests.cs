using System.Collections.Immutable;
using Ai3.Tensors;

namespace Ai3.Runtime.Tests;

/// <summary>What each rewrite makes of a graph, that the result computes the same, and that its name switches it off.</summary>
public sealed class RewriteTests
{
    private static readonly Ai3.Ops.Attributes s_pads = SpecBuilder.Ints("pads", 1, 1, 1, 1);

    private static SpecBuilder Conv() => new SpecBuilder().Input("x", 1, 4, 6, 6).Pattern("w", 1, 8, 4, 3, 3);

    public static TheoryData<string, string[]> Cases => new()
    {
        { "fold_batch_norm", ["Conv"] },
        { "fuse_conv_bias", ["Conv"] },
        { "fuse_activation", ["Conv relu"] },
        { "fuse_residual_add", ["Conv add"] },
        { "fuse_matmul_bias", ["MatMul"] },
        { "fold_pad_into_conv", ["Conv"] },
        { "fuse_batch_norm_prologue", ["Conv bn+relu"] },
        { "eliminate_identity", ["Conv"] },
        { "eliminate_dead", ["Conv"] },
    };

    [Theory, MemberData(nameof(Cases))]
    public void RewritesAndComputesTheSame(string rewrite, string[] expected)
    {
        Model model = ModelFor(rewrite);
        using Session with = model.Compile(new() { Threads = 1 });
        using Session without = model.Compile(new() { Threads = 1, DisabledRewrites = [rewrite] });
        Assert.Equal(expected, Ops(with));
        Assert.NotEqual(expected, Ops(without));
        AssertClose(Run(without), Run(with));
    }

    [Theory]
    [InlineData("LeakyRelu", "leakyrelu(0.01)")]
    [InlineData("Sigmoid", "sigmoid")]
    [InlineData("HardSwish", "hardswish")]
    [InlineData("Swish", "swish(1)")]
    [InlineData("Gelu", "gelu")]
    [InlineData("Mish", "mish")]
    [InlineData("Elu", "elu(1)")]
    [InlineData("Softplus", "softplus")]
    public void ActivationsJoinTheConvolution(string op, string word)
    {
        Model model = new SpecBuilder { Opset = 24 }.Input("x", 1, 4, 6, 6).Pattern("w", 1, 8, 4, 3, 3).Node("Conv", "x w", "c", s_pads).Node(op, "c", "y").Build("y");
        using Session with = model.Compile(new() { Threads = 1 });
        using Session without = model.Compile(new() { Threads = 1, DisabledRewrites = ["fuse_activation"] });
        Assert.Equal([$"Conv {word}"], Ops(with));
        AssertClose(Run(without), Run(with));
    }

    [Fact]
    public void ProductWithItsSigmoidJoinsTheConvolution()
    {
        using Session session = Conv().Node("Conv", "x w", "c", s_pads).Node("Sigmoid", "c", "s").Node("Mul", "c s", "y").Build("y").Compile(new() { Threads = 1 });
        Assert.Equal(["Conv swish(1)"], Ops(session));
    }

    [Fact]
    public void ResidualNetworkBecomesOneStepAConvolution()
    {
        using Session session = Networks.Residual().Build("y").Compile(new() { Threads = 1 });
        Assert.Equal(["Conv relu", "Conv add relu", "GlobalAveragePool", "Flatten", "MatMul"], Ops(session));
    }

    [Fact]
    public void RewritesOfTheWholeNetworkKeepItsResult()
    {
        Model model = Networks.Residual().Build("y");
        using Session plain = model.Compile(new() { Threads = 1, DisabledRewrites = [.. Rewrites.All.Select(r => r.Name)] });
        using Session rewritten = model.Compile(new() { Threads = 1 });
        AssertClose(Run(plain), Run(rewritten));
    }

    [Fact]
    public void SharedConvolutionOutputIsNotFused()
    {
        using Session session = Conv().Node("Conv", "x w", "c", s_pads).Node("Relu", "c", "y").Build("y", "c").Compile(new() { Threads = 1 });
        Assert.Equal(["Conv", "Relu"], Ops(session));
    }

    private static Model ModelFor(string rewrite) => rewrite switch
    {
        "fold_batch_norm" => Conv().Pattern("g", 2, 8).Pattern("b", 3, 8).Pattern("m", 4, 8).Constant("v", [.. Enumerable.Repeat(0.7f, 8)], 8)
            .Node("Conv", "x w", "c", s_pads).Node("BatchNormalization", "c g b m v", "y").Build("y"),
        "fuse_conv_bias" => Conv().Pattern("b", 3, 8, 1, 1).Pattern("s", 5, 1, 8, 1, 1)
            .Node("Conv", "x w", "c", s_pads).Node("Mul", "c s", "t").Node("Add", "b t", "y").Build("y"),
        "fuse_activation" => Conv().Node("Conv", "x w", "c", s_pads).Node("Relu", "c", "y").Build("y"),
        "fuse_residual_add" => Conv().Input("r", 1, 8, 6, 6).Node("Conv", "x w", "c", s_pads).Node("Add", "r c", "y").Build("y"),
        "fuse_matmul_bias" => new SpecBuilder().Input("x", 3, 8).Pattern("w", 1, 8, 5).Pattern("b", 2, 5).Node("MatMul", "x w", "m").Node("Add", "m b", "y").Build("y"),
        "fold_pad_into_conv" => Conv().Constant("p", [0L, 0, 1, 2, 0, 0, 0, 1]).Node("Pad", "x p", "q").Node("Conv", "q w", "y").Build("y"),
        "fuse_batch_norm_prologue" => Conv().Pattern("g", 2, 4).Pattern("b", 3, 4).Pattern("m", 4, 4).Constant("v", [.. Enumerable.Repeat(0.7f, 4)], 4)
            .Node("BatchNormalization", "x g b m v", "n").Node("Relu", "n", "r").Node("Conv", "r w", "y", s_pads).Build("y"),
        "eliminate_identity" => Conv().Node("Identity", "x", "i").Node("Conv", "i w", "c", s_pads).Node("Dropout", "c", "y").Build("y"),
        _ => Conv().Node("Conv", "x w", "y", s_pads).Node("Relu", "y", "unused").Build("y"),
    };

    private static string[] Ops(Session session) => [.. session.Graph.Nodes.Select(n => n.OpType + n.Fusion)];

    private static ImmutableArray<float> Run(Session session)
    {
        var inputs = session.Inputs.Select((v, i) => (v.Name, (Value)Networks.Input(i, v.Tensor!.KnownShape.AsSpan()))).ToArray();
        using Outputs outputs = session.Run(inputs);
        return [.. outputs[0].AsSpan<float>()];
    }

    private static void AssertClose(ImmutableArray<float> expected, ImmutableArray<float> actual)
    {
        Assert.Equal(expected.Length, actual.Length);
        float largest = expected.Max(Math.Abs);
        Assert.True(largest > 0);
        // Chains of at most a few hundred roundings: far below this, a wrong rewrite far above.
        for (int i = 0; i < expected.Length; i++)
            Assert.True(Math.Abs(expected[i] - actual[i]) <= 1e-5f * largest, $"element {i}: {expected[i]} became {actual[i]}");
    }
}
