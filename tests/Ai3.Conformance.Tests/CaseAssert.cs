using Ai3.Cli;
using Ai3.Ops;
using Ai3.Runtime;

namespace Ai3.Conformance.Tests;

/// <summary>Runs cases as <c>ai3 test</c> does.</summary>
internal static class CaseAssert
{
    /// <summary>Every case under a path passes, with an algorithm for Conv or with the automatic choice.</summary>
    public static void Passes(string path, string? conv = null)
    {
        string[] options = conv is null ? [] : [$"Conv={conv},{Selector.Auto}"];
        CaseRunner runner = Runner(AlgorithmOption.Read(options, OpCatalog.Default));
        CaseResult[] results = [.. CaseFinder.Find(path).Select(runner.Run)];
        Assert.All(results, r => Assert.True(r.Verdict == CaseVerdict.Passed, $"{r.Case.Name}: {string.Join("; ", r.Messages)}"));
    }

    public static CaseRunner Runner(Selection? selection = null) => new(new CompileOptions { Threads = 1, Selection = selection });
}
