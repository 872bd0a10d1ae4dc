using System.CommandLine;
using Ai3.Onnx;
using Ai3.Ops;
using Ai3.Runtime;

namespace Ai3.Cli;

/// <summary><c>ai3 test</c>: runs cases in the ONNX backend format and compares with the expected outputs.</summary>
internal static class TestCommand
{
    public static Command Create(Shell shell)
    {
        var paths = new Argument<string[]>("PATH") { Description = "A case folder, a tree of them, or a .zip file.", Arity = ArgumentArity.OneOrMore };
        var relative = new Option<double?>("--rtol") { Description = "Relative tolerance instead of the cases' own.", HelpName = "R" };
        var absolute = new Option<double?>("--atol") { Description = "Absolute tolerance instead of the cases' own.", HelpName = "A" };
        var json = new Option<bool>("--json") { Description = "Print JSON." };
        var command = new Command("test", "Runs conformance cases.") { paths, relative, absolute, json };
        CompileFlags flags = new CompileFlags().AddTo(command);
        command.SetAction(parse =>
        {
            Func<Tolerance, Tolerance> tolerance = Override(parse.GetValue(relative), parse.GetValue(absolute));
            CompileOptions options = flags.Read(parse);
            List<TestCase> cases = [.. parse.GetValue(paths)!.SelectMany(CaseFinder.Find)];
            return Run(shell, cases, options, flags.ImportLimits(parse), tolerance, parse.GetValue(json));
        });
        return command;
    }

    private static Func<Tolerance, Tolerance> Override(double? relative, double? absolute)
    {
        foreach ((string name, double? value) in new[] { ("--rtol", relative), ("--atol", absolute) })
            if (value is not (null or >= 0))
                throw new UsageException($"{name} {value} is not a tolerance; it is a number of 0 or more");
        return own => new Tolerance(relative ?? own.Relative, absolute ?? own.Absolute);
    }

    private static int Run(Shell shell, List<TestCase> cases, CompileOptions options, ImportLimits limits, Func<Tolerance, Tolerance> tolerance, bool json)
    {
        using var workers = new WorkerPool(options.Threads);
        var runner = new CaseRunner(options with { Workers = workers }, limits, tolerance);
        var results = new List<CaseResult>();
        foreach (TestCase test in cases)
        {
            CaseResult result;
            using (Progress.Start(shell, json, $"case {results.Count + 1} of {cases.Count}, {test.Name}"))
                result = runner.Run(test);
            results.Add(result);
            if (!json)
                Print(shell, result);
        }
        int Count(CaseVerdict verdict) => results.Count(r => r.Verdict == verdict);
        (int passed, int failed, int skipped) = (Count(CaseVerdict.Passed), Count(CaseVerdict.Failed), Count(CaseVerdict.Skipped));
        if (json)
            PrintJson(shell, results, passed, failed, skipped);
        else
            shell.Out.WriteLine($"{passed} passed, {failed} failed, {skipped} skipped");
        return failed == 0 ? ExitCode.Good : ExitCode.Failed;
    }

    private static void Print(Shell shell, CaseResult result)
    {
        switch (result.Verdict)
        {
            case CaseVerdict.Passed:
                shell.Out.WriteLine($"pass  {result.Case.Name}  ({Units.Time(result.Elapsed.TotalNanoseconds)})");
                break;
            default:
                string word = result.Verdict == CaseVerdict.Failed ? "FAIL" : "skip";
                foreach (string message in result.Messages)
                    shell.Out.WriteLine($"{word}  {ErrorLine.Clean($"{result.Case.Name}  {message}")}");
                break;
        }
        shell.Out.Flush();
    }

    private static void PrintJson(Shell shell, List<CaseResult> results, int passed, int failed, int skipped) => JsonText.Write(shell, json =>
    {
        json.WriteStartObject();
        json.WriteNumber("passed", passed);
        json.WriteNumber("failed", failed);
        json.WriteNumber("skipped", skipped);
        json.WriteStartArray("cases");
        foreach (CaseResult result in results)
        {
            json.WriteStartObject();
            json.WriteString("name", result.Case.Name);
            json.WriteString("verdict", result.Verdict.ToString().ToLowerInvariant());
            json.WriteNumber("milliseconds", Math.Round(result.Elapsed.TotalMilliseconds, 3));
            json.WriteStrings("messages", result.Messages);
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteEndObject();
    });
}
