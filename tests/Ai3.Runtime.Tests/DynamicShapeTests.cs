using Ai3.Tensors;

namespace Ai3.Runtime.Tests;

/// <summary>Shapes that only the run knows: their part of the graph is decided while running, the rest keeps its plan.</summary>
public sealed class DynamicShapeTests
{
    // x is reshaped to a shape that the caller gives; before and behind that, shapes are known.
    private static Model ReshapedConvolution() => new SpecBuilder()
        .Input("x", 1, 8, 36).Input("shape", DType.Int64, 4).Pattern("w", 1, 32, 8, 3, 3)
        .Node("Relu", "x", "r")
        .Node("Reshape", "r shape", "z")
        .Node("Conv", "z w", "c", SpecBuilder.Ints("pads", 1, 1, 1, 1))
        .Node("GlobalAveragePool", "c", "y")
        .Build("y", "c");

    [Theory]
    [InlineData(6, 6)]
    [InlineData(4, 9)]
    [InlineData(36, 1)]
    public void ShapeGivenAtRunTimeIsUsed(long height, long width)
    {
        using Session session = ReshapedConvolution().Compile(new() { Threads = 1 });
        using Outputs outputs = Run(session, 1, 8, height, width);
        Assert.Equal([1, 32, 1, 1], outputs["y"].Shape);
        Assert.Equal([1, 32, height, width], outputs["c"].Shape);
        using Session still = new SpecBuilder().Input("z", 1, 8, height, width).Pattern("w", 1, 32, 8, 3, 3)
            .Node("Relu", "z", "r").Node("Conv", "r w", "c", SpecBuilder.Ints("pads", 1, 1, 1, 1)).Build("c").Compile(new() { Threads = 1 });
        using Outputs expected = still.Run(("z", Networks.Input(1, 1, 8, height, width)));
        Assert.Equal(expected["c"].AsSpan<float>().ToArray(), outputs["c"].AsSpan<float>().ToArray());
    }

    [Fact]
    public void GivenMemoryReceivesAnOutputOfSuchAShape()
    {
        using Session session = ReshapedConvolution().Compile(new() { Threads = 1 });
        using Outputs expected = Run(session, 1, 8, 6, 6);
        using Binding binding = session.CreateBinding();
        using Tensor memory = Tensor.Zeros(DType.Float32, [1, 32, 6, 6]), wrong = Tensor.Zeros(DType.Float32, [1, 32, 4, 9]);
        binding.SetInput("x", Networks.Input(1, 1, 8, 36));
        binding.SetInput("shape", Tensor.From(new long[] { 1, 8, 6, 6 }, [4]));
        binding.SetOutput("c", memory);
        for (int i = 0; i < 2; i++)
        {
            session.Run(binding);
            Assert.Same(memory, binding.Output("c"));
            Assert.Equal(expected["c"].AsSpan<float>().ToArray(), memory.AsSpan<float>().ToArray());
            memory.AsSpan<float>().Clear();
        }
        binding.SetOutput("c", wrong);
        Assert.Contains("f32[1,32,6,6]", Assert.Throws<ArgumentException>(() => session.Run(binding)).Message, StringComparison.Ordinal);
        binding.Reset();
        Assert.Contains("missing", Assert.Throws<ArgumentException>(() => session.Run(binding)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void StrictAlgorithmInAnotherLayoutRunsAtRunTime()
    {
        using Session session = ReshapedConvolution().Swap("Conv", "direct_nchwc").Compile(new() { Threads = 1 });
        using Outputs outputs = Run(session, 1, 8, 6, 6);
        Assert.Equal([1, 32, 6, 6], outputs["c"].Shape);
    }

    // The shape is an input, so that everything behind the reshape is decided while running, fused parts included.
    [Fact]
    public void FusedPartsAreComputedAtRunTimeToo()
    {
        Model model = new SpecBuilder()
            .Input("x", 1, 8, 36).Input("shape", DType.Int64, 4).Pattern("w", 1, 8, 8, 3, 3)
            .Node("Reshape", "x shape", "z")
            .Node("Conv", "z w", "c", SpecBuilder.Ints("pads", 1, 1, 1, 1)).Node("Add", "c z", "a").Node("Sigmoid", "a", "y")
            .Build("y");
        using Session fused = model.Compile(new() { Threads = 1 });
        using Session plain = model.Compile(new() { Threads = 1, DisabledRewrites = ["fuse_activation", "fuse_residual_add"] });
        using Outputs expected = Run(plain, 1, 8, 6, 6), got = Run(fused, 1, 8, 6, 6);
        Assert.Equal(expected[0].AsSpan<float>().ToArray(), got[0].AsSpan<float>().ToArray(), (a, b) => Math.Abs(a - b) <= 1e-6f);
    }

    [Fact]
    public void ContradictionAtRunTimeNamesTheNode()
    {
        using Session session = ReshapedConvolution().Compile(new() { Threads = 1 });
        var e = Assert.Throws<GraphException>(() => Run(session, 1, 8, 6, 7));
        Assert.Equal("Reshape:z", e.Node);
        Assert.DoesNotContain('\n', e.Message);
    }

    [Fact]
    public void HostileSizeIsRefusedBeforeItIsAllocated()
    {
        Model model = new SpecBuilder().Input("x", 1).Input("shape", DType.Int64, 2).Node("Expand", "x shape", "y").Build("y");
        using Session session = model.Compile(new() { Threads = 1, Limits = RunLimits.Untrusted });
        Exception? e = Record.Exception(() => session.Run(("x", Networks.Input(1, 1)), ("shape", Tensor.From(new long[] { 1 << 25, 1 << 25 }, [2]))));
        Assert.True(e is GraphException or LimitExceededException, e?.ToString());
    }

    private static Outputs Run(Session session, params long[] shape) =>
        session.Run(("x", Networks.Input(1, 1, 8, 36)), ("shape", Tensor.From(shape, [4])));
}
