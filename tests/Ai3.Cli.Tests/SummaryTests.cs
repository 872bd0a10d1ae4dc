using System.Collections.Immutable;
using Ai3.Ops;
using Ai3.Runtime;
using Ai3.Tensors;

namespace Ai3.Cli.Tests;

public class SummaryTests
{
    [Fact]
    public void WhatIsNotSupportedIsListed()
    {
        NodeSpec Node(string op, string from, string to) => new(to, "", op, [from], [to], Attributes.Empty, ImmutableSortedDictionary<string, GraphSpec>.Empty);
        var graph = new GraphSpec("g", [new ValueSpec("x", new TensorFact(DType.Float32, Shape.Create(4)))], [new ValueSpec("z", null)], [], [Node("Relu", "x", "y"), Node("NoSuchOp", "y", "z")], []);
        using Model model = Model.Create(graph, new Dictionary<string, int> { [""] = 17 });
        using ModelSummary summary = ModelSummary.Of(model, new CompileOptions { Threads = 1 }, s => s.Plan!);
        Assert.Equal("NoSuchOp", Assert.Single(summary.Missing).Op);
        Assert.Null(summary.Plan);
        Assert.Equal(["", "operator is not supported (1 of 1)"], summary.Operators.OrderByDescending(o => o.Op).Select(o => o.Missing));
        using StringWriter output = new() { NewLine = "\n" };
        SummaryText.Write(new Shell(output, TextWriter.Null, IsTerminal: false), summary);
        Assert.Contains("\nno plan: something is not supported\nnot supported: node 'z': NoSuchOp (opset 17): operator is not supported\n", output.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(9999, "9999")]
    [InlineData(61_100_840, "61.1 M")]
    [InlineData(7.75e9, "7.75 G")]
    public void CountsHaveThreeDigits(double count, string text) => Assert.Equal(text, Units.Count(count));
}
