using System.Globalization;
using Ai3.Ops;
using Ai3.Testing;
using Xunit.Abstractions;

namespace Ai3.Differential.Tests;

/// <summary>Random uses of every operator against ONNX Runtime, each with every algorithm that applies.</summary>
public sealed class OperatorTests(ITestOutputHelper output)
{
    // Uses whose failures are shown for one operator; the rest is likely the same mistake.
    private const int Shown = 3;

    public static TheoryData<string> Operators => [.. OperatorTable.All.Select(o => o.QualifiedName)];

    [SkippableTheory, MemberData(nameof(Operators))]
    public void GivesWhatOnnxRuntimeGives(string name)
    {
        OperatorUses op = OperatorTable.All.Single(o => o.QualifiedName == name);
        var tally = new Tally();
        var failures = new List<string>();
        for (int i = 0; i < Settings.Count && failures.Count < Shown; i++)
        {
            ulong seed = TestRandom.Derive(TestRandom.Derive(Settings.Seed, name), i);
            var draw = new Draw(seed);
            Use use = op.Make(draw);
            Verdict verdict = Run(op, use);
            tally.Add(verdict);
            if (verdict.Failure is null)
                continue;
            (IReadOnlyList<int> choices, string failure) = Shrinker.Shrink(draw.Choices, verdict.Failure, smaller => Run(op, op.Make(smaller)).Failure);
            failures.Add($"{failure}\n    {op.Make(new Draw(choices))}\n    from use {i} (AI3_DIFF_SEED={Settings.Seed}): {use}");
        }
        output.WriteLine($"{name}: {tally}");
        Skip.If(failures.Count > 0 && OperatorTable.Unsettled.Contains(name), string.Join("\n", failures));
        Assert.True(failures.Count == 0, string.Join("\n", failures));
        Skip.If(tally.Compared == 0, $"the peer refuses every use, first: {tally.FirstRefusal}");
    }

    [Fact]
    public void EveryOperatorHasUses()
    {
        HashSet<string> known = [.. OperatorTable.All.Select(o => o.QualifiedName), .. OperatorTable.Apart.Select(a => a.Op)];
        string[] missing = [.. OpCatalog.Default.Operators.Select(o => o.ToString()).Distinct().Where(o => !known.Contains(o))];
        Assert.True(missing.Length == 0, $"neither uses in OperatorTable nor a reason why not: {string.Join(", ", missing)}");
    }

    private static Verdict Run(OperatorUses op, Use use)
    {
        Settings.Trace(use);
        try
        {
            return Judge.Of(use, op.Tolerance);
        }
        catch (Exception outer)
        {
            Exception e = outer.GetBaseException();
            return new Verdict(string.Create(CultureInfo.InvariantCulture, $"{e.GetType().Name}: {e.Message} {e.StackTrace?.Split('\n')[0].Trim()}"));
        }
    }
}
