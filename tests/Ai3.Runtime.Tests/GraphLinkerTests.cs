namespace Ai3.Runtime.Tests;

/// <summary>Names to edges, and graphs that contradict themselves.</summary>
public sealed class GraphLinkerTests
{
    [Fact]
    public void NodesAreSorted()
    {
        Model model = new SpecBuilder().Input("x", 2).Node("Relu", "b", "y").Node("Relu", "x", "a").Node("Relu", "a", "b").Build("y");
        Assert.Equal(["a", "b", "y"], model.Graph.Nodes.Select(n => n.Outputs[0]!.Name));
    }

    [Fact]
    public void SortedNodesKeepTheirOrder()
    {
        Model model = new SpecBuilder().Input("x", 2).Node("Relu", "x", "b").Node("Neg", "x", "a").Node("Add", "a b", "y").Build("y");
        Assert.Equal(["b", "a", "y"], model.Graph.Nodes.Select(n => n.Outputs[0]!.Name));
    }

    [Fact]
    public void AChainOfAnyLengthIsLinked()
    {
        var builder = new SpecBuilder().Input("v20000", 2);
        for (int i = 0; i < 20000; i++)
            builder.Node("Neg", $"v{i + 1}", $"v{i}");
        Assert.Equal(20000, builder.Build("v0").Graph.Nodes.Count);
    }

    [Theory]
    [InlineData("Add", "x y", "y", "reads its own output")]
    [InlineData("Relu", "nothing", "y", "'nothing' is defined nowhere")]
    [InlineData("Relu", "x", "x", "'x' is defined twice")]
    public void ContradictionsNameTheNode(string op, string inputs, string outputs, string expected)
    {
        var e = Assert.Throws<GraphException>(() => new SpecBuilder().Input("x", 2).Node(op, inputs, outputs).Build("x"));
        Assert.Contains(expected, e.Message, StringComparison.Ordinal);
        Assert.Equal(op, e.Op);
    }

    [Fact]
    public void EverythingUnsupportedIsListedAtOnce()
    {
        Model model = new SpecBuilder().Input("x", 2).Node("NoSuchOp", "x", "a").Node("Relu", "a", "b").Node("NorThis", "b", "y").Build("y");
        var e = Assert.Throws<UnsupportedModelException>(() => model.Compile());
        Assert.Equal(["NoSuchOp", "NorThis"], e.Features.Select(f => f.Op));
        Assert.All(e.Features, f => Assert.Equal(17, f.Opset));
    }
}
