using Ai3.Cli;
using Xunit.Abstractions;

namespace Ai3.Conformance.Tests;

/// <summary>ONNX's own operator cases: those in the committed list pass.</summary>
public class OnnxBackendTests(ITestOutputHelper output)
{
    [SkippableTheory]
    [InlineData("node")]
    [InlineData("simple")]
    [InlineData("pytorch-converted")]
    [InlineData("pytorch-operator")]
    public void ListedCasesPass(string archive)
    {
        HashSet<string> listed = PassingCases.Of(archive);
        List<TestCase> cases = CaseFinder.Find(SharedData.PathOf("onnx-backend", archive + ".zip"));
        CaseRunner runner = CaseAssert.Runner();
        CaseResult[] results = [.. cases.Where(c => PassingCases.IsUpdating || listed.Contains(c.Name)).Select(runner.Run)];
        string[] failures = [.. results.Where(r => r.Verdict != CaseVerdict.Passed).Select(r => $"{r.Case.Name}: {string.Join("; ", r.Messages)}")];
        foreach (string failure in failures)
            output.WriteLine(failure);
        if (PassingCases.IsUpdating)
            PassingCases.Update(archive, results.Where(r => r.Verdict == CaseVerdict.Passed).Select(r => r.Case.Name).Union(listed));
        string[] unknown = [.. listed.Except(cases.Select(c => c.Name))];
        Assert.True(unknown.Length == 0, $"listed, but not in the archive: {string.Join(", ", unknown)}");
        string[] broken = [.. failures.Where(f => listed.Contains(f[..f.IndexOf(':')]))];
        Assert.True(broken.Length == 0, $"{broken.Length} listed cases fail:\n{string.Join("\n", broken)}");
    }
}
