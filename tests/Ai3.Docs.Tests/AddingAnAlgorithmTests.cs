using System.Collections.Immutable;
using Ai3.Ops;
using Ai3.Runtime;
using Ai3.Tensors;
using Ai3.Testing;

namespace Ai3.Docs.Tests;

/// <summary>The newcomer's walk of docs/adding-an-algorithm.md: the file it shows is this project's, and one row is all it takes.</summary>
public sealed class AddingAnAlgorithmTests
{
    private static readonly OpCatalog s_catalog = OpCatalog.Default.With("Conv", ConvMyConv.Row);

    [Fact]
    public void TheGuideShowsTheFileThatIsTested()
    {
        string source = Repository.Read("tests/Ai3.Docs.Tests/ConvMyConv.cs");
        string shown = source[source.IndexOf("/// <summary>", StringComparison.Ordinal)..];
        Assert.Contains(shown, Repository.Read("docs/adding-an-algorithm.md"), StringComparison.Ordinal);
    }

    [Fact]
    public void TheHarnessPicksTheRowUp()
    {
        RowCase[] rows = [.. RowTable.Of(s_catalog).Where(c => c.Row.Name == "my_conv")];
        Assert.Equal(Isa.Supported.Length, rows.Length);
        foreach (RowCase row in rows)
        {
            IProblemGenerator generator = ProblemGenerators.For(row.Op)!;
            for (ulong seed = 1; seed <= 40; seed++)
            {
                CheckResult result = RowCheck.Run(row.Op, row.Row, row.Isa, generator, seed, RowTable.Size((int)seed));
                Assert.False(result.IsFailure, result.Message);
            }
        }
    }

    [Fact]
    public void ASessionRunsIt()
    {
        var conv = new NodeSpec("c", "", "Conv", ["x", "w"], ["y"], Attributes.Empty, ImmutableSortedDictionary<string, GraphSpec>.Empty);
        var graph = new GraphSpec("g", [new("x", new TensorFact(DType.Float32, Shape.Create(1, 2, 4, 4)))], [new("y", null)],
            [new("w", Tensor.From(Enumerable.Repeat(1f, 18).ToArray(), [1, 2, 3, 3]))], [conv], []);
        using Model model = Model.Create(graph, new Dictionary<string, int> { [""] = 17 });
        using Session session = model.Swap("Conv", "my_conv").Compile(new() { Catalog = s_catalog, Threads = 1 });
        using Outputs outputs = session.Run(("x", Tensor.From(Enumerable.Repeat(0.5f, 32).ToArray(), [1, 2, 4, 4])));
        Assert.Equal([9f, 9, 9, 9], outputs[0].AsSpan<float>().ToArray());
        Assert.Equal("my_conv", Assert.Single(session.Plan!.Steps).Algorithm);
    }
}
