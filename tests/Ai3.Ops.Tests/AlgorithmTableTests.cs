using System.Text.RegularExpressions;
using Ai3.Testing;

namespace Ai3.Ops.Tests;

/// <summary>What holds for every operator's table.</summary>
public sealed partial class AlgorithmTableTests
{
    private static readonly Dictionary<string, OpDefinition> s_operators = OpCatalog.Default.Operators.ToDictionary(RowCase.NameOf);

    public static IEnumerable<object[]> Operators => s_operators.Keys.Select(name => new object[] { name });

    [Theory, MemberData(nameof(Operators))]
    public void RowsAreNamedAndDescribed(string name)
    {
        IReadOnlyList<Algorithm> rows = s_operators[name].Algorithms;
        foreach (Algorithm row in rows)
        {
            Assert.Matches(SnakeCase(), row.Name);
            Assert.False(string.IsNullOrWhiteSpace(row.Source), $"{row.Name} names no source");
        }
        Assert.Equal(rows.Count, rows.Select(r => r.Name).Distinct().Count());
        Assert.DoesNotContain(rows.SkipLast(1), r => r.IsReference);
    }

    [Theory, MemberData(nameof(Operators))]
    public void ARowHasAGenerator(string name)
    {
        OpDefinition op = s_operators[name];
        Assert.True(op.Algorithms.Count == 0 || ProblemGenerators.For(op) is not null, $"no problem generator serves {name}: add one to ProblemGenerators.All");
    }

    [SkippableTheory, MemberData(nameof(Operators))]
    public void EveryRowHasAVerdict(string name) => Require(OperatorCheck.Verdicts(s_operators[name], Generator(name), 1, 40));

    [SkippableTheory, MemberData(nameof(Operators))]
    public void KeysAreReadBack(string name) => Require(OperatorCheck.Keys(s_operators[name], Generator(name), 1, 60));

    private static IProblemGenerator Generator(string name)
    {
        IProblemGenerator? generator = ProblemGenerators.For(s_operators[name]);
        Skip.If(generator is null || s_operators[name].Algorithms.Count == 0, "nothing to check");
        return generator!;
    }

    private static void Require(CheckResult result)
    {
        Skip.If(result.Outcome == CheckOutcome.Skipped, result.Message);
        Assert.False(result.IsFailure, result.Message);
    }

    [GeneratedRegex("^[a-z][a-z0-9_]*$")]
    private static partial Regex SnakeCase();
}
