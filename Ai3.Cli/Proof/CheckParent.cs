using System.Diagnostics;
using System.Globalization;

namespace Ai3.Cli;

/// <summary>Has a child prove an algorithm, and says on which problem it died if it did.</summary>
internal static class CheckParent
{
    private sealed record Failure(string Message, string Replay);

    public static int Run(Shell shell, string[] operators, CheckRequest request, bool json)
    {
        var failures = new List<Failure>();
        (int passed, int skipped) = Watch(shell, request, json, failures);
        if (json)
            WriteJson(shell, request, operators, passed, skipped, failures);
        else
            Write(shell, request, operators, passed, skipped, failures);
        return failures.Count == 0 ? ExitCode.Good : ExitCode.Failed;
    }

    private static (int Passed, int Skipped) Watch(Shell shell, CheckRequest request, bool json, List<Failure> failures)
    {
        using Progress progress = Progress.Start(shell, json, "checking");
        using Process child = Start(request);
        Task<string> errors = child.StandardError.ReadToEndAsync();
        string[] next = [];
        int passed = 0, skipped = 0, begun = 0;
        bool ended = false;
        while (child.StandardOutput.ReadLine() is { } line)
        {
            string[] fields = line.Split('\t');
            switch (fields)
            {
                case [CheckChild.NextMark, _, _, _, _]:
                    next = fields;
                    progress.Say($"checking, {++begun} problems so far");
                    break;
                case [CheckChild.FailMark, var op, var isa, var seed, var size, var message]:
                    failures.Add(new Failure(message, request.Replay(op, isa, seed, size)));
                    break;
                case [CheckChild.EndMark, var good, var said]:
                    (passed, skipped, ended) = (int.Parse(good, CultureInfo.InvariantCulture), int.Parse(said, CultureInfo.InvariantCulture), true);
                    break;
            }
        }
        child.WaitForExit();
        if (ended)
            return (passed, skipped);
        if (next.Length == 0)
            throw new InvalidOperationException($"the checking process ended with {child.ExitCode}: {errors.Result.Split('\n')[0]}");
        string why = child.ExitCode is 134 or 139 or -1073741819 ? "touches memory that is not its own" : "ends the process";
        failures.Add(new Failure($"{next[1]} {request.Name} {next[2]}: {why} (exit {child.ExitCode})", request.Replay(next[1], next[2], next[3], next[4])));
        return (Math.Max(begun - 1, 0), 0);
    }

    private static Process Start(CheckRequest request)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!) { RedirectStandardOutput = true, RedirectStandardError = true };
        // Under the JIT the process is a host, and this assembly its first argument.
        string self = Path.Combine(AppContext.BaseDirectory, "ai3.dll");
        if (Path.GetFileNameWithoutExtension(Environment.ProcessPath) != "ai3" && File.Exists(self))
        {
            start.FileName = Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet";
            start.ArgumentList.Add(self);
        }
        foreach (string argument in request.ChildArguments())
            start.ArgumentList.Add(argument);
        return Process.Start(start) ?? throw new InvalidOperationException("the checking process does not start");
    }

    private static void Write(Shell shell, CheckRequest request, string[] operators, int passed, int skipped, List<Failure> failures)
    {
        foreach (Failure failure in failures)
        {
            shell.Out.WriteLine($"FAIL  {failure.Message}");
            shell.Out.WriteLine($"      again with: {failure.Replay}");
        }
        shell.Out.WriteLine($"{string.Join(", ", operators)} {request.Name}: {passed} passed, {failures.Count} failed, {skipped} skipped");
    }

    private static void WriteJson(Shell shell, CheckRequest request, string[] operators, int passed, int skipped, List<Failure> failures) => JsonText.Write(shell, json =>
    {
        json.WriteStartObject();
        json.WriteString("algorithm", request.Name);
        json.WriteStrings("operators", operators);
        json.WriteNumber("passed", passed);
        json.WriteNumber("skipped", skipped);
        json.WriteStartArray("failures");
        foreach (Failure failure in failures)
        {
            json.WriteStartObject();
            json.WriteString("message", failure.Message);
            json.WriteString("replay", failure.Replay);
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteEndObject();
    });
}
