using Ai3.Tensors;

namespace Ai3.Runtime.Tests;

public sealed class GraphBuilderTests
{
    [Fact]
    public void ASmallNetworkRuns()
    {
        var g = new GraphBuilder("net");
        Operand x = g.Input<float>("x", ["batch", 1, 3, 3]);
        Operand h = g.Relu(g.Conv2D(x, g.Constant<float>([1, 0, 0, -1], [1, 1, 2, 2], "w"), g.Constant<float>([-1], [1])));
        Operand y = g.Gemm(g.Flatten(h), g.Constant<float>([1, 2, 3, 4], [1, 4]), transB: true);
        using Model model = g.Output("y", y).Build();
        Assert.Equal("f32[batch,1]", y.Fact!.ToString());
        using Session session = model.Compile(new CompileOptions { Threads = 1 });
        using Outputs outputs = session.Run(("x", Tensor.From(new float[] { 9, 8, 7, 6, 5, 4, 3, 2, 1 }, [1, 1, 3, 3])));
        // x[i,j] - x[i+1,j+1] is 4 everywhere, 3 with the bias.
        Assert.Equal([3f * (1 + 2 + 3 + 4)], outputs["y"].AsSpan<float>().ToArray());
    }

    [Fact]
    public void OperatorsAreOperators()
    {
        var g = new GraphBuilder();
        Operand a = g.Input<float>("a", [2]), b = g.Input<float>("b", [2]);
        Assert.Equal([-(1f + 3f) * 2 / 4, (2f + 5f) * -2 / 4], Run(g.Output("y", -(a + b) * 2 / 4), ("a", Vector(1, 2)), ("b", Vector(3, 5)))["y"].AsSpan<float>().ToArray());
    }

    [Fact]
    public void SplitGivesSeveralValues()
    {
        var g = new GraphBuilder();
        var parts = g.Split(g.Input<float>("x", [4]), 0, 1, 3);
        using Outputs outputs = Run(g.Output("last", parts[1]).Output("first", parts[0]), ("x", Vector(1, 2, 3, 4)));
        Assert.Equal([2f, 3, 4], outputs["last"].AsSpan<float>().ToArray());
        Assert.Equal("last", outputs.Name(0));
    }

    [Fact]
    public void IfReadsWhatSurroundsIt()
    {
        var g = new GraphBuilder();
        Operand x = g.Input<float>("x", [2]), c = g.Input<bool>("c", []);
        Operand y = g.If(c, then => [x * 2], otherwise => [x])[0];
        Assert.Equal("f32[2]", y.Fact!.ToString());
        using Model model = g.Output("y", y).Build();
        using Session session = model.Compile(new CompileOptions { Threads = 1 });
        foreach ((bool condition, float expected) in new[] { (true, 6f), (false, 3f) })
        {
            using Outputs outputs = session.Run(("x", Vector(3, 4)), ("c", Tensor.Scalar(condition)));
            Assert.Equal(expected, outputs[0].AsSpan<float>()[0]);
        }
    }

    [Fact]
    public void LoopCarriesAndStacks()
    {
        var g = new GraphBuilder();
        Operand x = g.Input<float>("x", [1]);
        var results = g.Loop(g.Scalar(3L), null, [x], (b, trip, running, state) =>
        {
            Operand next = state[0] * 2 + b.Cast(trip, DType.Float32);
            return new LoopStep(b.Scalar(true), [next], [next]);
        });
        using Outputs outputs = Run(g.Output("last", results[0]).Output("all", results[1]), ("x", Vector(1)));
        // 1 -> 2 -> 5 -> 12.
        Assert.Equal([12f], outputs["last"].AsSpan<float>().ToArray());
        Assert.Equal([2f, 5, 12], outputs["all"].AsSpan<float>().ToArray());
        Assert.Equal(Shape.Create(3, 1), outputs["all"].Shape);
    }

    [Fact]
    public void LoopMayGrowWhatItCarries()
    {
        var g = new GraphBuilder();
        Operand x = g.Input<float>("x", [1]);
        Operand grown = g.Loop(g.Scalar(2L), null, [x], (b, _, running, state) => new LoopStep(b.Scalar(true), [b.Concat(0, state[0], state[0])]))[0];
        Assert.Null(grown.Shape);
        using Outputs outputs = Run(g.Output("y", grown), ("x", Vector(7)));
        Assert.Equal([7f, 7, 7, 7], outputs["y"].AsSpan<float>().ToArray());
    }

    [Fact]
    public void OneValueMayBeTwoOutputsAndAnInputToo()
    {
        var g = new GraphBuilder();
        Operand x = g.Input<float>("x", [2]);
        Operand y = g.Relu(x);
        using Outputs outputs = Run(g.Output("y", y).Output("z", y).Output("copy", x), ("x", Vector(-1, 1)));
        Assert.Equal([0f, 1], outputs["y"].AsSpan<float>().ToArray());
        Assert.Equal([0f, 1], outputs["z"].AsSpan<float>().ToArray());
        Assert.Equal([-1f, 1], outputs["copy"].AsSpan<float>().ToArray());
    }

    [Fact]
    public void ScopesNameNodes()
    {
        var g = new GraphBuilder();
        Operand x = g.Input<float>("x", [2]);
        using (g.Scope("layer1"))
        using (g.Scope("0"))
            x = g.Relu(g.Relu(x));
        using Model model = g.Output("y", g.Relu(x)).Build();
        Assert.Equal(["layer1/0/Relu", "layer1/0/Relu_2", "Relu"], model.Graph.Nodes.Select(n => n.Name));
    }

    [Fact]
    public void AnOperatorOfAnotherDomainMayBeUnknown()
    {
        var g = new GraphBuilder().Import("com.example", 2);
        Operand y = g.Add("com.example.Twist", [g.Input<float>("x", [2])], ("angle", 0.5f), ("turns", 3), ("axes", new long[] { 0, 1 }), ("mode", "fast"));
        Assert.Null(y.Fact);
        using Model model = g.Output("y", y).Build();
        Node node = Assert.Single(model.Graph.Nodes);
        Assert.Equal(("com.example", "Twist", 2), (node.Domain, node.OpType, node.Opset));
        Assert.Equal(3, node.Attributes.Int("turns"));
        Assert.Equal([0L, 1], node.Attributes.Ints("axes").ToArray());
        Assert.Throws<UnsupportedModelException>(() => model.Compile());
    }

    [Fact]
    public void ContradictionsAreThrownWhereTheyAreWritten()
    {
        var g = new GraphBuilder();
        Operand x = g.Input<float>("x", [2, 3]);
        Check<GraphException>(() => g.MatMul(x, x), "MatMul");
        Check<GraphException>(() => g.Add("Relu", [x, x]), "2 inputs");
        Check<GraphException>(() => g.Add("com.example.Op", [x]), "com.example");
        Check<GraphException>(() => g.If(g.Scalar(true), a => [x], b => []), "1 and 0");
        Check<GraphException>(() => g.Build(), "no output");
        Check<ArgumentException>(() => g.Input<float>("x", [1]), "'x' is in use");
        Check<ArgumentException>(() => g.Add(x, new GraphBuilder().Scalar(1f)), "another graph");
        Check<ArgumentException>(() => g.Add("Relu", [x], ("a", 1), ("a", 2)), "given twice");
        Check<ArgumentException>(() => g.Constant<float>([1, 2], [3]), "takes 3 elements");
        Check<InvalidOperationException>(() => g.If(g.Scalar(true), a => [a.Input<float>("z", [])], b => [x]), "subgraph");
        g.Output("y", g.Relu(x)).Build();
        Check<InvalidOperationException>(() => g.Relu(x), "built already");
    }

    [Fact]
    public void ASubgraphsValuesStayInside()
    {
        var g = new GraphBuilder();
        Operand? inner = null;
        Operand x = g.Input<float>("x", [2]);
        g.If(g.Scalar(true), a => [inner = a.Relu(x)], b => [x]);
        Check<ArgumentException>(() => g.Relu(inner!), "another graph");
    }

    [Theory, InlineData(13), InlineData(21)]
    public void AxesAreWrittenAsTheVersionHasThem(int opset)
    {
        var g = new GraphBuilder(opset: opset);
        Operand mean = g.ReduceMean(g.Input<float>("x", [2, 2]), [-1], keepDims: false);
        using Outputs outputs = Run(g.Output("y", mean), ("x", Tensor.From(new float[] { 1, 3, 5, 9 }, [2, 2])));
        Assert.Equal([2f, 7], outputs["y"].AsSpan<float>().ToArray());
    }

    private static void Check<T>(Action action, string part) where T : Exception
    {
        T error = Assert.Throws<T>(action);
        Assert.Contains(part, error.Message);
        Assert.DoesNotContain('\n', error.Message);
    }

    private static Tensor Vector(params float[] values) => Tensor.From(values, [values.Length]);

    private static Outputs Run(GraphBuilder g, params ReadOnlySpan<(string, Value)> inputs)
    {
        Model model = g.Build();
        using Session session = model.Compile(new CompileOptions { Threads = 1 });
        return session.Run(inputs);
    }
}
