namespace Ai3.Runtime.Tests;

/// <summary>Who computes what: names, fallbacks, lists, functions, strictness.</summary>
public sealed class SelectionTests
{
    [Fact]
    public void StrictNameIsUsedForEveryNode() =>
        Assert.All(ConvAlgorithms("direct"), name => Assert.Equal("direct", name));

    [Fact]
    public void FallbackListTakesTheFirstThatApplies() =>
        Assert.All(ConvAlgorithms("depthwise,gemm,auto"), name => Assert.Equal("gemm", name));

    [Fact]
    public void ListIsTakenInNodeOrder() =>
        Assert.Equal(["direct", "implicit_gemm"], ConvAlgorithms(Selector.List("direct", "implicit_gemm")));

    [Fact]
    public void FunctionSeesShapes() =>
        Assert.Equal(["direct", "gemm"], ConvAlgorithms(Selector.Function(n => n.InputChannels < 20 && n.InputHeight == 12 && n.OutputChannels == 32 ? "direct" : "gemm")));

    [Fact]
    public void StrictNameThatDoesNotApplyNamesEveryNodeAndTheFallbackForm()
    {
        var e = Assert.Throws<AlgorithmRefusedException>(() => ConvAlgorithms("depthwise"));
        Assert.Equal(2, e.Nodes.Length);
        Assert.Contains("Conv=depthwise,auto", e.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', e.Message);
    }

    [Fact]
    public void UnknownNamesListTheKnownOnes()
    {
        string message = Assert.Throws<ArgumentException>(() => ConvAlgorithms("winogard")).Message;
        Assert.Contains("Conv has no algorithm 'winogard'", message, StringComparison.Ordinal);
        Assert.Contains("direct", message, StringComparison.Ordinal);
        Model model = Networks.Residual().Build("y");
        Assert.Contains("no operator is named 'Cnov'", Assert.Throws<ArgumentException>(() => model.Swap("Cnov", "auto").Compile()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void SwapLeavesTheModelAsItWas()
    {
        Model model = Networks.Residual().Build("y");
        Model swapped = model.Swap("Conv", "direct");
        Assert.Same(Selection.Automatic, model.Selection);
        Assert.Single(swapped.Selection.ByOp);
        Assert.Same(model.Graph, swapped.Graph);
    }

    [Fact]
    public void EveryConvolutionRowGivesTheNetworksResult()
    {
        Model model = Networks.Residual().Build("y");
        float[] expected = Run(model, "reference");
        float largest = expected.Max(Math.Abs);
        foreach (string name in Ai3.Ops.OpCatalog.Default.Named("Conv").SelectMany(o => o.Algorithms).Select(a => a.Name).Distinct())
        {
            float[] actual = Run(model, $"{name},auto");
            for (int i = 0; i < expected.Length; i++)
                Assert.True(Math.Abs(expected[i] - actual[i]) <= 1e-4f * largest, $"{name}: element {i} is {actual[i]}, expected {expected[i]}");
        }
    }

    private static float[] Run(Model model, string algorithm)
    {
        using Session session = model.Swap("Conv", algorithm).Compile(new() { Threads = 1 });
        using Outputs outputs = session.Run(("x", Networks.Input(5, 1, 16, 12, 12)));
        return outputs[0].AsSpan<float>().ToArray();
    }

    private static string[] ConvAlgorithms(Selector selector)
    {
        using Session session = Networks.Residual().Build("y").Swap("Conv", selector).Compile(new() { Threads = 1 });
        return [.. session.Plan!.Steps.Where(s => s.Op == "Conv").Select(s => s.Algorithm)];
    }
}
