using Ai3.Ops;
using Ai3.Tensors;

namespace Ai3.Runtime.Tests;

/// <summary>Plans that are saved, loaded, and refused where they do not fit.</summary>
public sealed class SavedPlanTests
{
    [Fact]
    public void APlanComesBackFromItsFile()
    {
        using Session session = Network().Swap("Conv", Selector.List("direct", "gemm")).Compile(new() { Threads = 1 });
        SavedPlan saved = session.Plan!.ToSaved();
        SavedPlan read = SavedPlan.Parse(saved.ToJson());
        Assert.Equal(saved.Nodes.AsEnumerable(), read.Nodes);
        Assert.Equal((saved.ModelHash, saved.Isa), (read.ModelHash, read.Isa));
        Assert.Equal(session.Plan.Report.Nodes.Length, saved.Nodes.Length);
    }

    [Fact]
    public void ASessionDoesAsThePlanSays()
    {
        Model model = Network();
        using Session chosen = model.Swap("Conv", Selector.List("direct", "gemm")).Compile(new() { Threads = 1 });
        // The model's own selection has no say.
        using Session pinned = model.Swap("Conv", "reference").Compile(new() { Threads = 1, Plan = SavedPlan.Parse(chosen.Plan!.ToSaved().ToJson()) });
        Assert.Equal(chosen.Plan.Steps.Select(s => (s.Name, s.Algorithm, s.Formats)), pinned.Plan!.Steps.Select(s => (s.Name, s.Algorithm, s.Formats)));
        Assert.All(pinned.Plan.Report.Nodes, n => Assert.Equal("pinned by the saved plan", n.Why));
        Assert.Equal(Run(chosen), Run(pinned));
    }

    [Fact]
    public void APlanIsEditedByHand()
    {
        string json = Saved(Network().Swap("Conv", "direct")).ToJson().Replace("\"algorithm\": \"direct\", \"formats\": \"() -> ()\"", "\"algorithm\": \"gemm\", \"formats\": \"() -> ()\"", StringComparison.Ordinal);
        using Session session = Network().Compile(new() { Threads = 1, Plan = SavedPlan.Parse(json) });
        Assert.All(session.Plan!.Steps.Where(s => s.Op == "Conv"), s => Assert.Equal("gemm", s.Algorithm));
    }

    [Fact]
    public void AnotherModelIsRefusedByItsHash()
    {
        SavedPlan plan = Saved(Network());
        using Model other = new SpecBuilder().Input("x", 1, 4).Node("Relu", "x", "y").Build("y");
        string message = Refusal(other, plan);
        Assert.Contains($"the plan is of model {plan.ModelHash}", message, StringComparison.Ordinal);
        Assert.Contains(SavedPlan.HashOf(other), message, StringComparison.Ordinal);
    }

    [Fact]
    public void TheHashIsOfStructureAndNotOfWeights()
    {
        Model Build(int seed, long channels) => new SpecBuilder().Input("x", 1, 4, 8, 8).Pattern("w", seed, channels, 4, 3, 3).Node("Conv", "x w", "y").Build("y");
        Assert.Equal(SavedPlan.HashOf(Build(1, 8)), SavedPlan.HashOf(Build(2, 8)));
        Assert.NotEqual(SavedPlan.HashOf(Build(1, 8)), SavedPlan.HashOf(Build(1, 16)));
        Assert.StartsWith("sha256:", SavedPlan.HashOf(Build(1, 8)), StringComparison.Ordinal);
    }

    [Fact]
    public void AnUnknownRowIsNamedWithTheKnownOnes()
    {
        string message = Refusal(Network(), SavedPlan.Parse(Saved(Network().Swap("Conv", "direct")).ToJson().Replace("\"direct\"", "\"smm9\"", StringComparison.Ordinal)));
        Assert.Contains("the plan wants smm9 for node '", message, StringComparison.Ordinal);
        Assert.Contains("Conv has no algorithm of that name; it has ", message, StringComparison.Ordinal);
    }

    [Fact]
    public void ARowThatDoesNotApplySaysWhy()
    {
        string message = Refusal(Network(), SavedPlan.Parse(Saved(Network().Swap("Conv", "direct")).ToJson().Replace("\"direct\"", "\"depthwise\"", StringComparison.Ordinal)));
        Assert.Contains("the plan wants depthwise for node '", message, StringComparison.Ordinal);
        Assert.Contains("which refuses: ", message, StringComparison.Ordinal);
    }

    [Fact]
    public void OtherShapesNeedAnEntryOfTheirOwn()
    {
        SavedPlan SavedFor(long batch)
        {
            using Session session = Symbolic().Compile(new() { Threads = 1, Dimensions = new Dictionary<string, long> { ["n"] = batch } });
            return session.Plan!.ToSaved();
        }
        SavedPlan one = SavedFor(1), both = one.Merge(SavedFor(2));
        using Session session = Symbolic().Compile(new() { Threads = 1, Plan = one });
        session.Run(("x", Networks.Input(1, 1, 4, 8, 8))).Dispose();
        string message = Assert.Throws<SavedPlanException>(() => session.Run(("x", Networks.Input(1, 2, 4, 8, 8)))).Message;
        Assert.Contains("save a plan for these shapes", message, StringComparison.Ordinal);
        using Session wide = Symbolic().Compile(new() { Threads = 1, Plan = both });
        foreach (long batch in new long[] { 1, 2, 1 })
            wide.Run(("x", Networks.Input(1, batch, 4, 8, 8))).Dispose();
    }

    [Fact]
    public void AnotherInstructionSetKeepsAlgorithmsAndChoosesLayouts()
    {
        using Session scalar = Network().Swap("Conv", "direct_nchwc,auto").Compile(new() { Threads = 1, Isa = IsaLevel.Scalar });
        using Session pinned = Network().Compile(new() { Threads = 1, Isa = IsaLevel.V128, Plan = scalar.Plan!.ToSaved() });
        Assert.Equal(scalar.Plan.Report.Nodes.Select(n => n.Winner.Algorithm), pinned.Plan!.Report.Nodes.Select(n => n.Winner.Algorithm));
    }

    [Theory]
    [InlineData("", "it is not JSON")]
    [InlineData("{}", "must be \"ai3-plan\"")]
    [InlineData("{\"format\": \"ai3-plan\", \"version\": 2}", "\"version\" must be 1")]
    [InlineData("{\"format\": \"ai3-plan\", \"version\": 1, \"nods\": []}", "\"nods\", which is not known")]
    [InlineData("{\"format\": \"ai3-plan\", \"version\": 1, \"model\": \"m\", \"isa\": \"mmx\", \"nodes\": []}", "'mmx', which is no instruction set")]
    [InlineData("{\"format\": \"ai3-plan\", \"version\": 1, \"model\": \"m\", \"isa\": \"avx2\", \"nodes\": [{\"node\": \"a\"}]}", "has no \"op\"")]
    [InlineData("{\"format\": \"ai3-plan\", \"version\": 1, \"model\": \"m\", \"isa\": \"avx2\", \"nodes\": [3]}", "is a number, must be an object")]
    public void WhatIsNoPlanIsRefusedInOneLine(string json, string expected)
    {
        string message = Assert.Throws<InvalidDataException>(() => SavedPlan.Parse(json)).Message;
        Assert.Contains(expected, message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', message);
    }

    private static Model Network() => Networks.Residual().Build("y");

    private static Model Symbolic() => new SpecBuilder().Input("x", Dim.Symbol("n"), 4, 8, 8).Pattern("w", 1, 8, 4, 3, 3).Node("Conv", "x w", "y").Build("y");

    private static SavedPlan Saved(Model model)
    {
        using Session session = model.Compile(new() { Threads = 1 });
        return session.Plan!.ToSaved();
    }

    private static string Refusal(Model model, SavedPlan plan)
    {
        string message = Assert.Throws<SavedPlanException>(() => model.Compile(new() { Threads = 1, Plan = plan })).Message;
        Assert.DoesNotContain('\n', message);
        return message;
    }

    private static float[] Run(Session session)
    {
        using Outputs outputs = session.Run(("x", Networks.Input(5, 1, 16, 12, 12)));
        return outputs[0].AsSpan<float>().ToArray();
    }
}
