using Ai3.Ops;

namespace Ai3.Runtime.Tests;

/// <summary>Selection by node name and pattern, rules files, entries, and the report of what was chosen.</summary>
public sealed class NodeRuleTests
{
    [Theory]
    [InlineData("*", "", true)]
    [InlineData("a*c", "abbc", true)]
    [InlineData("a*c", "abbd", false)]
    [InlineData("/layer1/*", "/layer1/layer1.0/conv/Conv", true)]
    [InlineData("/layer1/*", "/layer2/conv", false)]
    [InlineData("*conv?", "/a/conv1", true)]
    [InlineData("*conv?", "/a/conv", false)]
    [InlineData("*a*b*c*", "xxaxxbxxc", true)]
    [InlineData("conv", "conv1", false)]
    [InlineData("a[0]*", "a[0]x", true)]
    public void PatternsMatch(string pattern, string name, bool expected) => Assert.Equal(expected, new NodeRule(pattern, "auto").Matches(name));

    [Fact]
    public void ManyStarsStayCheap() => Assert.False(new NodeRule(string.Concat(Enumerable.Repeat("*a", 60)) + "*b", "auto").Matches(new string('a', 4000)));

    [Fact]
    public void ANodeIsChosenByName()
    {
        string[] names = ConvNames();
        Assert.Equal(["direct", "gemm"], Algorithms(Network().Swap("Conv", "gemm").SwapNode(names[0], "direct")));
        Assert.Equal(["gemm", "direct"], Algorithms(Network().Swap("Conv", "gemm").SwapNode(names[1], "direct")));
    }

    [Fact]
    public void TheLastRuleThatConcernsANodeDecides()
    {
        string[] names = ConvNames();
        Model model = Network().SwapNode("*", "gemm").SwapNode(names[1], "implicit_gemm").SwapNode(names[1], "direct");
        Assert.Equal(["gemm", "direct"], Algorithms(model));
    }

    [Fact]
    public void APatternLeavesOperatorsWithoutItsAlgorithmsAlone()
    {
        using Session session = Network().SwapNode("*", "implicit_gemm").Compile(new() { Threads = 1 });
        Assert.All(session.Plan!.Report.Nodes, n => Assert.Equal(n.Op == "Conv" ? "node:*" : "", n.AskedBy));
    }

    [Fact]
    public void AnExactNameIsStrict()
    {
        string message = Assert.Throws<AlgorithmRefusedException>(() => Algorithms(Network().SwapNode(ConvNames()[0], "depthwise"))).Message;
        Assert.Contains("depthwise refused", message, StringComparison.Ordinal);
    }

    [Fact]
    public void ARuleThatNamesNoNodeIsAnError() =>
        Assert.Contains("no node of the model is named 'layer9/*'", Assert.Throws<ArgumentException>(() => Algorithms(Network().SwapNode("layer9/*", "gemm"))).Message, StringComparison.Ordinal);

    [Fact]
    public void AListBelongsToAnOperator() =>
        Assert.Contains("belongs to an operator", Assert.Throws<ArgumentException>(() => Network().SwapNode("*", Selector.List("gemm", "direct"))).Message, StringComparison.Ordinal);

    [Fact]
    public void VerbsAreReversibleAndSessionsStay()
    {
        Model model = Network();
        Model swapped = model.Swap("Conv", "direct");
        using Session before = swapped.Compile(new() { Threads = 1 });
        Model back = swapped.Swap("Conv", "gemm").With(model.Selection);
        Assert.All(before.Plan!.Steps.Where(s => s.Op == "Conv"), s => Assert.Equal("direct", s.Algorithm));
        Assert.Same(model.Selection, back.Selection);
        Assert.Equal(Algorithms(model), Algorithms(back));
        Assert.Equal(["direct", "direct"], Algorithms(swapped));
    }

    [Fact]
    public void EntriesAreThoseOfTheCommandLine()
    {
        Selection selection = Selection.Automatic.WithEntry("Conv=gemm,auto").WithEntry("node:a=b/*=direct");
        Assert.Equal(["Conv"], selection.ByOp.Keys);
        Assert.Equal("a=b/*", Assert.Single(selection.NodeRules).Pattern);
        Assert.Contains("two entries", Assert.Throws<ArgumentException>(() => selection.WithEntry("Conv=direct")).Message, StringComparison.Ordinal);
        foreach (string entry in new[] { "Conv", "=gemm", "Conv=", "node:=x", "node:a" })
            Assert.Throws<ArgumentException>(() => Selection.Automatic.WithEntry(entry));
    }

    [Fact]
    public void ARulesFileIsReadAndNamed()
    {
        string name = ConvNames()[1];
        Selection rules = Selection.Parse($$"""
            {
              "format": "ai3-rules", "version": 1,
              // Comments are welcome.
              "operators": { "Conv": ["gemm", "implicit_gemm,auto"], "Relu": "default" },
              "nodes": [ { "node": "{{name}}", "algorithm": "direct" }, ],
            }
            """);
        Assert.Equal(["gemm", "direct"], Algorithms(Network().With(rules)));
        string path = Path.Combine(Path.GetTempPath(), $"ai3-rules-{Environment.ProcessId}.json");
        File.WriteAllText(path, "{\"format\": \"ai3-rules\", \"version\": 1, \"operator\": {}}");
        string message = Assert.Throws<InvalidDataException>(() => Selection.Load(path)).Message;
        File.Delete(path);
        Assert.Contains(path, message, StringComparison.Ordinal);
        Assert.Contains("\"operator\", which is not known", message, StringComparison.Ordinal);
    }

    [Fact]
    public void TheReportHasCandidatesRefusalsWinnerAndReason()
    {
        using Session session = Network().Swap("Conv", "depthwise,gemm").Compile(new() { Threads = 1 });
        NodeReport conv = session.Plan!.Report.Nodes.First(n => n.Op == "Conv");
        Assert.Equal("gemm", conv.Winner.Algorithm);
        Assert.Equal("depthwise gemm", string.Join(' ', conv.Asked));
        Assert.Equal("Conv", conv.AskedBy);
        Assert.Contains(conv.Refusals, r => r.Algorithm == "depthwise" && r.Reason.Length > 0);
        Assert.Equal(OpCatalog.Default.Find("", "Conv", 17)!.Algorithms.Select(a => a.Name).Order(),
            conv.Candidates.Select(c => c.Algorithm).Concat(conv.Refusals.Select(r => r.Algorithm)).Distinct().Order());
        Assert.All(conv.Candidates, c => Assert.Equal(c.Algorithm == "gemm", c.IsAdmitted));
        Assert.Contains("the only one that 'Conv=depthwise,gemm' admits", session.Plan.Report.ToString(), StringComparison.Ordinal);
        Assert.Same(conv.Problem, session.Plan.Report.Find(conv.Node)!.Problem);
    }

    [Fact]
    public void ATraceShowsEveryValueOfARun()
    {
        using Session session = Network().Swap("Conv", "direct").Compile(new() { Threads = 1 });
        var input = new Dictionary<string, Ai3.Tensors.Value> { ["x"] = Networks.Input(5, 1, 16, 12, 12) };
        using Outputs outputs = session.Run(input);
        float[] last = [];
        int nodes = 0;
        foreach (TracedNode node in session.Trace(input))
        {
            nodes++;
            Assert.Equal(node.Problem!.Inputs.Length, node.Inputs.Length);
            last = ((Ai3.Tensors.Tensor)node.Outputs[0]!).AsSpan<float>().ToArray();
            if (node.Node.OpType == "Conv")
                Assert.Equal("direct", node.Winner!.Algorithm.Name);
        }
        Assert.Equal(session.Plan!.Report.Nodes.Length, nodes);
        Assert.Equal(outputs[0].AsSpan<float>().ToArray(), last);
    }

    private static Model Network() => Networks.Residual().Build("y");

    private static string[] ConvNames()
    {
        using Session session = Network().Compile(new() { Threads = 1 });
        return [.. session.Plan!.Report.Nodes.Where(n => n.Op == "Conv").Select(n => n.Node)];
    }

    private static string[] Algorithms(Model model)
    {
        using Session session = model.Compile(new() { Threads = 1 });
        return [.. session.Plan!.Steps.Where(s => s.Op == "Conv").Select(s => s.Algorithm)];
    }
}
