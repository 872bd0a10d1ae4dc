using System.CommandLine;
using System.Diagnostics;
using Ai3.Ops;
using Ai3.Runtime;
using Ai3.Tensors;

namespace Ai3.Cli;

/// <summary><c>ai3 bench</c>: times a model, every algorithm of one problem, or those of all layers of several models.</summary>
internal static class BenchCommand
{
    private const int ProfileRuns = 11;
    private const double DefaultShare = 90;

    public static Command Create(Shell shell)
    {
        var paths = new Argument<string[]>("MODEL") { Description = ModelArgument.Meaning, Arity = ArgumentArity.ZeroOrMore };
        var layers = new Option<bool>("--layers") { Description = "Time every applicable algorithm of each distinct layer of the models instead, and compare the automatic pick with the best." };
        var key = new Option<string?>("--problem") { Description = "Time every applicable algorithm of one problem instead.", HelpName = "KEY" };
        var runs = new Option<int>("--runs") { Description = "Timed runs (default: about three seconds of them).", HelpName = "N" };
        var profile = new Option<bool>("--profile") { Description = "Print the median time of each step, the slowest first, and sums by operator." };
        var trace = new Option<string?>("--trace") { Description = "Write one run as Chrome trace events, for Perfetto.", HelpName = "FILE" };
        var limit = new Option<double?>("--assert") { Description = "With --problem or --layers: fail if the automatic pick is more than PCT percent slower than the best.", HelpName = "PCT" };
        var share = new Option<double?>("--share") { Description = $"With --layers and --assert: the percentage of layers that have to hold it (default {DefaultShare}).", HelpName = "PCT" };
        var json = new Option<bool>("--json") { Description = "Print JSON." };
        var command = new Command("bench", "Times a model, a problem, or the layers of models.") { paths, key, layers, runs, profile, trace, limit, share, json };
        InputFlags inputs = new InputFlags().AddTo(command);
        CompileFlags flags = new CompileFlags().AddTo(command);
        command.SetAction(parse =>
        {
            string[] models = parse.GetValue(paths)!;
            string? problem = parse.GetValue(key);
            if (models.Length == 0 == (problem is null))
                throw new UsageException("give either MODEL or --problem KEY");
            if (models.Length > 1 && !parse.GetValue(layers))
                throw new UsageException("several models go with --layers");
            if (problem is not null && parse.GetValue(layers))
                throw new UsageException("--layers goes with MODEL, not with --problem");
            if (parse.GetValue(share) is not null && !(parse.GetValue(layers) && parse.GetValue(limit) is not null))
                throw new UsageException("--share goes with --layers and --assert");
            if (parse.GetResult(runs) is not null && parse.GetValue(runs) < 1)
                throw new UsageException($"--runs {parse.GetValue(runs)} is not a count of 1 or more");
            if (problem is not null)
                return BenchProblem(shell, problem, flags.Read(parse), parse.GetValue(runs), parse.GetValue(limit), parse.GetValue(json));
            if (parse.GetValue(layers))
                return new LayerBench(shell, inputs, flags, parse, parse.GetValue(json)).Run(models, parse.GetValue(limit), parse.GetValue(share) ?? DefaultShare);
            if (parse.GetValue(limit) is not null)
                throw new UsageException("--assert goes with --problem KEY or --layers");
            return BenchModel(shell, models[0], inputs, flags, parse, parse.GetValue(runs), parse.GetValue(profile), parse.GetValue(trace), parse.GetValue(json));
        });
        return command;
    }

    private static int BenchModel(Shell shell, string path, InputFlags inputs, CompileFlags flags, ParseResult parse, int runs, bool profile, string? trace, bool json)
    {
        CompileOptions options = flags.Read(parse);
        using Progress progress = Progress.Start(shell, json, "loading");
        using Model model = ModelArgument.Load(path, flags.ImportLimits(parse));
        Dictionary<string, Value> values = inputs.Read(parse, model, options.Dimensions, randomByDefault: true);
        progress.Say("compiling");
        long start = Stopwatch.GetTimestamp();
        using Session session = model.Compile(options);
        TimeSpan compile = Stopwatch.GetElapsedTime(start);
        using var bench = new ModelBench(session, values);
        Samples times = bench.Run(runs, progress);
        progress.Say("measuring the peak of the machine");
        using var workers = new WorkerPool(options.Threads);
        double peak = MachineProbe.MeasureFlops(session.Target.Isa, workers);
        progress.Say("timing steps");
        List<StepTiming> steps = profile ? bench.Profile(ProfileRuns) : [];
        if (trace is not null)
            ChromeTrace.Write(trace, Path.GetFileName(path), bench.Trace());
        progress.Dispose();
        var report = new BenchReport(session.Target, bench.Plan, compile, times, bench.Flops, peak, steps);
        if (json)
            report.WriteJson(shell);
        else
            report.Write(shell);
        return ExitCode.Good;
    }

    private static int BenchProblem(Shell shell, string key, CompileOptions options, int runs, double? limit, bool json)
    {
        (OpDefinition op, Problem problem) = ProblemBench.Parse(options.Catalog, key);
        using Progress progress = Progress.Start(shell, json, "timing every algorithm");
        using var workers = new WorkerPool(options.Threads);
        var target = new Target(options.Isa ?? Isa.Default, options.Threads, CacheSizes.Typical);
        List<ProblemTiming> timings = ProblemBench.Run(op, problem, target, NamesFor(options.Selection, op), runs, workers);
        double peak = MachineProbe.MeasureFlops(target.Isa, workers);
        progress.Dispose();
        if (json)
            WriteJson(shell, problem, timings, peak);
        else
            WriteTable(shell, op, problem, target, timings, peak);
        return limit is { } percent ? Assert(shell, timings, percent) : ExitCode.Good;
    }

    private static string[] NamesFor(Selection? selection, OpDefinition op)
    {
        if (selection is null)
            return [];
        string[] others = [.. selection.ByOp.Keys.Where(k => k != op.Name && k != op.ToString())];
        if (others.Length > 0)
            throw new UsageException($"--algo {others[0]}: the problem is one of {op}");
        return [.. selection.ByOp.Values.SelectMany(s => s.NamesFor(null!))];
    }

    private static int Assert(Shell shell, List<ProblemTiming> timings, double percent)
    {
        ProblemTiming best = timings.Find(t => !t.Candidate.Algorithm.IsByNameOnly) ?? timings[0];
        if (timings.Find(t => t.IsPick) is not { } pick)
            throw new UsageException("--assert needs the automatic pick among the algorithms timed; leave --algo out");
        double slower = (pick.Times.Min / best.Times.Min - 1) * 100;
        if (slower <= percent)
            return ExitCode.Good;
        shell.Error.WriteLine(FormattableString.Invariant(
            $"ai3: the automatic pick {pick.Candidate.Algorithm.Name} is {slower:0.0} % slower than {best.Candidate.Algorithm.Name}; allowed are {percent} %"));
        return ExitCode.Failed;
    }

    private static void WriteTable(Shell shell, OpDefinition op, Problem problem, Target target, List<ProblemTiming> timings, double peak)
    {
        shell.Out.WriteLine($"{op}: {problem.Key}");
        shell.Out.WriteLine($"{target.Isa.ToString().ToLowerInvariant()}, {Units.Threads(target.Threads)}, FMA peak {Units.Three(peak)} GFLOP/s (measured)");
        shell.Out.WriteLine("operations are those of the definition, whatever the algorithm saves");
        var table = new TextTable("algorithm", "formats", ">min", ">median", ">p95", ">p99", ">GFLOP/s", ">of peak", ">workspace", ">packed", "");
        foreach (ProblemTiming t in timings)
        {
            double rate = problem.Flops / t.Times.Min;
            bool counts = problem.Flops > 0 && !t.Candidate.Algorithm.IsView;
            table.Add(
                t.Candidate.Algorithm.Name, LayoutText.Of(t.Candidate.Formats), Units.Time(t.Times.Min), Units.Time(t.Times.Median), Units.Time(t.Times.P95), Units.Time(t.Times.P99),
                counts ? Units.Three(rate) : "-", counts ? Units.Percent(rate / peak) : "-", Units.Bytes(t.Candidate.WorkspaceBytes), Units.Bytes(t.Candidate.PackedBytes),
                t.IsPick ? "<- automatic pick" : "");
        }
        table.WriteTo(shell);
    }

    private static void WriteJson(Shell shell, Problem problem, List<ProblemTiming> timings, double peak) => JsonText.Write(shell, json =>
    {
        json.WriteStartObject();
        json.WriteString("problem", problem.Key);
        json.WriteReal("flops", problem.Flops);
        json.WriteReal("peakGflops", Math.Round(peak, 2));
        json.WriteStartArray("algorithms");
        foreach (ProblemTiming t in timings)
        {
            json.WriteStartObject();
            json.WriteString("name", t.Candidate.Algorithm.Name);
            json.WriteString("formats", t.Candidate.Formats.ToString());
            json.WriteBoolean("pick", t.IsPick);
            BenchReport.WriteTimes(json, t.Times);
            json.WriteReal("gflops", Math.Round(problem.Flops / t.Times.Min, 2));
            json.WriteNumber("workspace", t.Candidate.WorkspaceBytes);
            json.WriteNumber("packed", t.Candidate.PackedBytes);
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteEndObject();
    });
}
