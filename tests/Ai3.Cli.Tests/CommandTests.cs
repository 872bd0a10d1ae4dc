using System.Text.Json;
using Ai3.Ops;

namespace Ai3.Cli.Tests;

public class CommandTests
{
    [Theory]
    [InlineData("--help")]
    [InlineData("--version")]
    [InlineData("run --help")]
    [InlineData("algorithms")]
    [InlineData("algorithms Conv")]
    [InlineData("info --json")]
    public void Succeeds(string line)
    {
        CliRun run = CliRun.Of(line.Split(' '));
        Assert.Equal(ExitCode.Good, run.Code);
        Assert.NotEmpty(run.Out);
    }

    [Fact]
    public void AlgorithmsAreListedAsJson()
    {
        using JsonDocument json = JsonDocument.Parse(CliRun.Of("algorithms", "--json").Out);
        JsonElement[] rows = [.. json.RootElement.EnumerateArray()];
        string[] names = ["op", "name", "kind", "formats", "needs", "workspace", "source"];
        Assert.All(rows, r => Assert.Equal(names, r.EnumerateObject().Select(p => p.Name)));
        Assert.All(rows, r => Assert.Contains(r.GetProperty("kind").GetString(), new[] { "algorithm", "policy" }));
        string[] conv = [.. rows.Where(r => r.GetProperty("op").GetString() == "Conv" && r.GetProperty("kind").GetString() == "algorithm").Select(r => r.GetProperty("name").GetString()!)];
        Assert.Equal(OpCatalog.Default.Find("", "Conv", 17)!.Algorithms.Select(a => a.Name), conv);
    }

    [Theory]
    [InlineData("import")]
    [InlineData("inferred")]
    [InlineData("rewritten")]
    [InlineData("selection")]
    [InlineData("memory")]
    public void EveryStageIsPrinted(string stage)
    {
        using var folder = new TempFolder();
        string model = folder.DigitReader();
        CliRun text = CliRun.Of("inspect", model, "--stage", stage);
        Assert.Equal(ExitCode.Good, text.Code);
        Assert.Contains("conv1", text.Out, StringComparison.Ordinal);
        using JsonDocument json = JsonDocument.Parse(CliRun.Of("inspect", model, "--stage", stage, "--json").Out);
        Assert.Equal(stage, json.RootElement.GetProperty("stage").GetString());
    }

    [Fact]
    public void BenchTimesAModelStepByStep()
    {
        using var folder = new TempFolder();
        CliRun run = CliRun.Of("bench", folder.DigitReader(), "--runs", "3", "--profile", "--trace", folder["trace.json"], "--json", "--threads", "1");
        Assert.Equal(ExitCode.Good, run.Code);
        using JsonDocument json = JsonDocument.Parse(run.Out);
        Assert.Equal(3, json.RootElement.GetProperty("runs").GetInt32());
        Assert.True(json.RootElement.GetProperty("steps").GetArrayLength() >= 8);
        double[] times = [.. json.RootElement.GetProperty("steps").EnumerateArray().Select(s => s.GetProperty("nanoseconds").GetDouble())];
        Assert.Equal(times.OrderDescending(), times);
        JsonElement[] operators = [.. json.RootElement.GetProperty("operators").EnumerateArray()];
        Assert.Equal(times.Length, operators.Sum(o => o.GetProperty("steps").GetInt32()));
        Assert.Equal(times.Sum(), operators.Sum(o => o.GetProperty("nanoseconds").GetDouble()), 1e-3);
        Assert.Equal(json.RootElement.GetProperty("flops").GetDouble(), operators.Sum(o => o.GetProperty("flops").GetDouble()), 1e-3);
        using JsonDocument trace = JsonDocument.Parse(File.ReadAllText(folder["trace.json"]));
        JsonElement[] events = [.. trace.RootElement.GetProperty("traceEvents").EnumerateArray()];
        Assert.Equal(times.Length, events.Count(e => e.GetProperty("ph").GetString() == "X"));
        Assert.Contains(events, e => e.GetProperty("ph").GetString() == "M" && e.GetProperty("args").GetProperty("name").GetString() == "digits.onnx");
    }

    [Fact]
    public void TheSummaryCountsWhatTheModelHolds()
    {
        using var folder = new TempFolder();
        string model = folder.DigitReader();
        using JsonDocument json = JsonDocument.Parse(CliRun.Of("inspect", model, "--json", "--threads", "1").Out);
        JsonElement root = json.RootElement;
        Assert.Equal("summary", root.GetProperty("stage").GetString());
        Assert.True(root.GetProperty("parameters").GetInt64() * 4 <= root.GetProperty("parameterBytes").GetInt64() + 64);
        Assert.Equal(root.GetProperty("nodes").GetInt32(), root.GetProperty("operators").EnumerateArray().Sum(o => o.GetProperty("nodes").GetInt32()));
        JsonElement conv = root.GetProperty("steps").EnumerateArray().First(s => s.GetProperty("op").GetString() == "Conv");
        Assert.True(conv.GetProperty("flops").GetDouble() > 0);
        Assert.Equal(0, root.GetProperty("unsupported").GetArrayLength());
        CliRun text = CliRun.Of("inspect", model);
        Assert.Contains("parameters ", text.Out, StringComparison.Ordinal);
        Assert.Contains("memory values ", text.Out, StringComparison.Ordinal);
    }

    [Fact]
    public void BenchComparesThePickWithTheBestOnEachLayer()
    {
        using var folder = new TempFolder();
        string model = folder.DigitReader();
        CliRun run = CliRun.Of("bench", model, model, "--layers", "--json", "--threads", "1", "--assert", "1e9", "--share", "100");
        Assert.Equal(ExitCode.Good, run.Code);
        using JsonDocument json = JsonDocument.Parse(run.Out);
        JsonElement[] layers = [.. json.RootElement.GetProperty("layers").EnumerateArray()];
        Assert.Contains(layers, l => l.GetProperty("op").GetString() == "Conv");
        Assert.All(layers, l => Assert.True(l.GetProperty("uses").GetInt32() >= 2));
        Assert.All(layers, l => Assert.True(l.GetProperty("best").GetProperty("minNanoseconds").GetDouble() <= l.GetProperty("pick").GetProperty("minNanoseconds").GetDouble()));
        Assert.Equal(1, json.RootElement.GetProperty("shareWithin").GetDouble());
        CliRun strict = CliRun.Of("bench", model, "--layers", "--threads", "1", "--assert", "10", "--share", "101");
        Assert.Equal(ExitCode.Failed, strict.Code);
        Assert.Contains("101 % are demanded", strict.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void BenchTimesEveryAlgorithmOfAProblem()
    {
        using var folder = new TempFolder();
        using JsonDocument plan = JsonDocument.Parse(CliRun.Of("inspect", folder.DigitReader(), "--stage", "selection", "--json").Out);
        string key = plan.RootElement.GetProperty("steps").EnumerateArray().First(s => s.GetProperty("op").GetString() == "Conv").GetProperty("problem").GetString()!;
        CliRun run = CliRun.Of("bench", "--problem", key, "--runs", "3", "--json", "--threads", "1", "--assert", "1e9");
        Assert.Equal(ExitCode.Good, run.Code);
        using JsonDocument json = JsonDocument.Parse(run.Out);
        Assert.Equal(key, json.RootElement.GetProperty("problem").GetString());
        Assert.Single(json.RootElement.GetProperty("algorithms").EnumerateArray(), a => a.GetProperty("pick").GetBoolean());
        Assert.True(json.RootElement.GetProperty("algorithms").GetArrayLength() >= 3);
    }
}
