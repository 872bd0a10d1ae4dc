using Ai3.Ops;
using Ai3.Tensors;

namespace Ai3.Runtime.Tests;

/// <summary>If, Loop and Scan: values, captures, shapes that change, limits and refusals.</summary>
public sealed class ControlFlowTests
{
    private static GraphSpec Branch(string op) => new SpecBuilder().Node(op, "x", "b").Spec("b");

    // Adds the captured step to what it carries, gives the trip's value too, and goes on while that is below the captured bound.
    private static GraphSpec Counting() => new SpecBuilder()
        .Input("i", DType.Int64).Input("go", DType.Bool).Input("sum", 2)
        .Node("Add", "sum step", "next").Node("ReduceMax", "next", "most", Attributes.Empty.With("keepdims", 0L)).Node("Less", "most bound", "again")
        .Spec("again", "next", "next");

    private static Model CountingLoop() => new SpecBuilder()
        .Input("trips", DType.Int64).Input("x", 2).Input("bound").Constant("step", [1f, 2f], 2)
        .Control("Loop", "trips  x", "y all", Attributes.Empty, ("body", Counting()))
        .Build("y", "all");

    private static float[] Floats(Tensor tensor) => tensor.AsSpan<float>().ToArray();

    [Theory]
    [InlineData(true, new[] { 3f, 0f })]
    [InlineData(false, new[] { -3f, 4f })]
    public void IfRunsTheBranchOfItsCondition(bool condition, float[] expected)
    {
        Model model = new SpecBuilder().Input("c", DType.Bool).Input("x", 2)
            .Control("If", "c", "y", Attributes.Empty, ("then_branch", Branch("Relu")), ("else_branch", Branch("Neg"))).Build("y");
        using Session session = model.Compile(new() { Threads = 1 });
        using Outputs outputs = session.Run(("c", Tensor.Scalar(condition)), ("x", Tensor.From(new[] { 3f, -4f }, [2])));
        Assert.Equal(expected, Floats(outputs[0]));
    }

    [Fact]
    public void IfWithAConstantConditionIsInlined()
    {
        Model model = new SpecBuilder().Input("x", 2).Constant("zero", [0L]).Constant("one", [1L])
            .Node("Less", "zero one", "c")
            .Control("If", "c", "y", Attributes.Empty, ("then_branch", Branch("Relu")), ("else_branch", Branch("Neg"))).Build("y");
        using Session session = model.Compile(new() { Threads = 1 });
        Assert.Equal(["Relu"], session.Graph.Nodes.Select(n => n.OpType));
        using Outputs outputs = session.Run(("x", Tensor.From(new[] { 3f, -4f }, [2])));
        Assert.Equal([3f, 0f], Floats(outputs["y"]));
    }

    [Theory]
    [InlineData(3, 100f, new[] { 3f, 6f }, new[] { 1f, 2f, 2f, 4f, 3f, 6f })]
    [InlineData(9, 3f, new[] { 2f, 4f }, new[] { 1f, 2f, 2f, 4f })]
    [InlineData(0, 100f, new[] { 0f, 0f }, new float[0])]
    public void LoopCarriesCapturesAndStacks(long trips, float bound, float[] last, float[] all)
    {
        using Session session = CountingLoop().Compile(new() { Threads = 1 });
        for (int run = 0; run < 2; run++)
        {
            using Outputs outputs = session.Run(("trips", Tensor.Scalar(trips)), ("x", Tensor.Zeros(DType.Float32, [2])), ("bound", Tensor.Scalar(bound)));
            Assert.Equal(last, Floats(outputs["y"]));
            Assert.Equal(all, Floats(outputs["all"]));
            Assert.Equal([all.Length / 2, 2], outputs["all"].Shape);
        }
    }

    [Fact]
    public void CarriedValuesMayGrow()
    {
        GraphSpec body = new SpecBuilder().Input("i", DType.Int64).Input("go", DType.Bool).Input("s", Dim.Symbol("n"))
            .Node("Concat", "s s", "twice", Attributes.Empty.With("axis", 0L)).Node("Identity", "go", "again").Spec("again", "twice");
        using Session session = new SpecBuilder().Input("trips", DType.Int64).Input("x", 1)
            .Control("Loop", "trips  x", "y", Attributes.Empty, ("body", body)).Build("y").Compile(new() { Threads = 1 });
        using Outputs outputs = session.Run(("trips", Tensor.Scalar(4L)), ("x", Tensor.From(new[] { 7f }, [1])));
        Assert.Equal(Enumerable.Repeat(7f, 16), Floats(outputs[0]));
    }

    [Fact]
    public void ScanReadsAndFillsBothWays()
    {
        GraphSpec body = new SpecBuilder().Input("s", 2).Input("v", 2).Node("Add", "s v", "t").Node("Identity", "t", "o").Spec("t", "o");
        Attributes attributes = SpecBuilder.Ints("scan_input_axes", 1).With("num_scan_inputs", 1L).With("scan_input_directions", System.Collections.Immutable.ImmutableArray.Create(1L))
            .With("scan_output_axes", System.Collections.Immutable.ImmutableArray.Create(-1L)).With("scan_output_directions", System.Collections.Immutable.ImmutableArray.Create(1L));
        using Session session = new SpecBuilder().Input("x", 2).Input("xs", 2, 3)
            .Control("Scan", "x xs", "y ys", attributes, ("body", body)).Build("y", "ys").Compile(new() { Threads = 1 });
        using Outputs outputs = session.Run(("x", Tensor.Zeros(DType.Float32, [2])), ("xs", Tensor.From(new[] { 1f, 2f, 3f, 10f, 20f, 30f }, [2, 3])));
        Assert.Equal([6f, 60f], Floats(outputs["y"]));
        Assert.Equal([2, 3], outputs["ys"].Shape);
        Assert.Equal([6f, 5f, 3f, 60f, 50f, 30f], Floats(outputs["ys"]));
    }

    [Fact]
    public void CapturesReachThroughTwoLevels()
    {
        GraphSpec inner = new SpecBuilder().Node("Mul", "w x", "m").Spec("m");
        GraphSpec outer = new SpecBuilder().Control("If", "c", "q", Attributes.Empty, ("then_branch", inner), ("else_branch", inner)).Node("Add", "q x", "r").Spec("r");
        using Session session = new SpecBuilder().Input("c", DType.Bool).Input("x", 2).Constant("w", [2f, 3f], 2)
            .Control("If", "c", "y", Attributes.Empty, ("then_branch", outer), ("else_branch", outer)).Build("y").Compile(new() { Threads = 1 });
        using Outputs outputs = session.Run(("c", Tensor.Scalar(true)), ("x", Tensor.From(new[] { 1f, 10f }, [2])));
        Assert.Equal([3f, 40f], Floats(outputs[0]));
    }

    // Whether the first axis is 1 is known once the shape is: then no step is left to the run.
    [Theory]
    [InlineData(1, new[] { 3f, 0f })]
    [InlineData(2, new[] { -3f, 4f, -5f, 6f })]
    public void ConditionsOnShapesAreDecidedWithThem(long rows, float[] expected)
    {
        using Session session = new SpecBuilder().Input("x", Dim.Symbol("rows"), 2).Constant("zero", [0L]).Constant("one", [1L])
            .Node("Shape", "x", "shape").Node("Gather", "shape zero", "rows").Node("Equal", "rows one", "single")
            .Control("If", "single", "y", Attributes.Empty, ("then_branch", Branch("Relu")), ("else_branch", Branch("Neg"))).Build("y").Compile(new() { Threads = 1 });
        using Outputs outputs = session.Run(("x", Tensor.From(new[] { 3f, -4f, 5f, -6f }[..(int)(2 * rows)], [rows, 2])));
        Assert.Equal(expected, Floats(outputs["y"]));
        Assert.DoesNotContain(session.Plan!.Steps, s => s.Algorithm == "run time");
    }

    [Fact]
    public void EndlessLoopsEndAtTheirLimit()
    {
        using Session session = CountingLoop().Compile(new() { Threads = 1, Limits = RunLimits.Default with { LoopTrips = 50 } });
        LimitExceededException e = Assert.Throws<LimitExceededException>(() =>
            session.Run(("trips", Tensor.Scalar(1L << 62)), ("x", Tensor.Zeros(DType.Float32, [2])), ("bound", Tensor.Scalar(float.PositiveInfinity))));
        Assert.Equal("node 'Loop:y' (Loop) made 50 trips, its limit", e.Message);
    }

    [Fact]
    public void EndlessLoopsStopWhenCancelled()
    {
        using Session session = CountingLoop().Compile(new() { Threads = 1 });
        using var source = new CancellationTokenSource(TimeSpan.FromMilliseconds(50));
        var inputs = new Dictionary<string, Value>
        {
            ["trips"] = Tensor.Scalar(1L << 62),
            ["x"] = Tensor.Zeros(DType.Float32, [2]),
            ["bound"] = Tensor.Scalar(float.PositiveInfinity),
        };
        Assert.ThrowsAny<OperationCanceledException>(() => session.Run(inputs, new RunOptions { CancellationToken = source.Token }));
    }

    [Fact]
    public void BodiesThatDoNotFitAreRefusedWithTheNode()
    {
        GraphSpec body = new SpecBuilder().Input("i", DType.Int64).Node("Identity", "i", "o").Spec("o");
        Model model = new SpecBuilder().Input("trips", DType.Int64).Control("Loop", "trips ", "y", Attributes.Empty, ("body", body)).Build("y");
        GraphException e = Assert.Throws<GraphException>(() => model.Compile(new() { Threads = 1 }));
        Assert.Contains("'body' takes 1 inputs, the operator gives it 2", e.Message, StringComparison.Ordinal);
        Assert.Equal("Loop:y", e.Node);
    }

    [Fact]
    public void BranchesForOtherShapesAreWrongOnlyWhenTaken()
    {
        Model model = new SpecBuilder().Input("c", DType.Bool).Input("x", 1, 2).Constant("axis", [1L])
            .Control("If", "c", "y", Attributes.Empty, ("then_branch", Branch("Relu")), ("else_branch", new SpecBuilder().Node("Squeeze", "x axis", "b").Spec("b"))).Build("y");
        using Session session = model.Compile(new() { Threads = 1 });
        using Outputs outputs = session.Run(("c", Tensor.Scalar(true)), ("x", Tensor.From(new[] { 3f, -4f }, [1, 2])));
        Assert.Equal([3f, 0f], Floats(outputs[0]));
        GraphException e = Assert.Throws<GraphException>(() => session.Run(("c", Tensor.Scalar(false)), ("x", Tensor.From(new[] { 3f, -4f }, [1, 2]))));
        Assert.Contains("Squeeze", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void MissingOperatorsInBodiesAreListed()
    {
        Model model = new SpecBuilder().Input("c", DType.Bool).Input("x", 2)
            .Control("If", "c", "y", Attributes.Empty, ("then_branch", Branch("NoSuchOp")), ("else_branch", Branch("NorThis"))).Build("y");
        UnsupportedModelException e = Assert.Throws<UnsupportedModelException>(() => model.Compile(new() { Threads = 1 }));
        Assert.Equal(["NoSuchOp", "NorThis"], e.Features.Select(f => f.Op).Order());
    }
}
