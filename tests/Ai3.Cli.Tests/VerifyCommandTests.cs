using System.Text.Json;

namespace Ai3.Cli.Tests;

/// <summary><c>ai3 verify</c>, alone and with two plans.</summary>
public class VerifyCommandTests
{
    [Fact]
    public void EveryAlgorithmOfEveryNodeIsWithinItsBound()
    {
        using var folder = new TempFolder();
        string model = folder.DigitReader();
        using JsonDocument json = JsonDocument.Parse(CliRun.Of("verify", model, "--json", "--threads", "1").Out);
        Assert.Equal(0, json.RootElement.GetProperty("failed").GetInt32());
        JsonElement conv = json.RootElement.GetProperty("nodes").EnumerateArray().First(n => n.GetProperty("name").GetString() == "conv2");
        string[] names = [.. conv.GetProperty("algorithms").EnumerateArray().Select(a => a.GetProperty("algorithm").GetString()!).Distinct()];
        Assert.Contains("winograd_f2x2_3x3", names);
        Assert.Contains("gemm", names);
        Assert.Single(conv.GetProperty("algorithms").EnumerateArray(), a => a.GetProperty("chosen").GetBoolean());
        Assert.All(conv.GetProperty("algorithms").EnumerateArray(), a => Assert.InRange(a.GetProperty("boundShare").GetDouble(), 0, 1));
        CliRun text = CliRun.Of("verify", model, "--threads", "1");
        Assert.Equal(ExitCode.Good, text.Code);
        Assert.EndsWith(" 0 exceed a bound", text.LastLine, StringComparison.Ordinal);
    }

    [SkippableFact]
    public void ABrokenAlgorithmIsCaughtAndBisectedToItsNode()
    {
        using var folder = new TempFolder();
        string plugin = PluginFile.Compile(folder, "BROKEN"), model = folder.DigitReader(), good = folder["good.json"], bad = folder["bad.json"];
        string[] common = ["--threads", "1", "--plugin", plugin];
        Assert.Equal(ExitCode.Good, CliRun.Of(["inspect", model, "--save-plan", good, .. common]).Code);
        Assert.Equal(ExitCode.Good, CliRun.Of(["inspect", model, "--save-plan", bad, "--algo", "node:conv2=mine_rows", .. common]).Code);
        CliRun verify = CliRun.Of(["verify", model, "--plan", bad, "--chosen", .. common]);
        Assert.Equal(ExitCode.Failed, verify.Code);
        Assert.Contains("EXCEEDED  conv2 (Conv) mine_rows", verify.Out, StringComparison.Ordinal);
        CliRun bisect = CliRun.Of(["verify", model, "--plan", bad, "--bisect", "--against", good, .. common]);
        Assert.Equal(ExitCode.Failed, bisect.Code);
        Assert.StartsWith("the plans diverge at node 'conv2' (Conv), mine_rows against ", bisect.Out, StringComparison.Ordinal);
        Assert.Equal(ExitCode.Good, CliRun.Of(["verify", model, "--plan", good, "--bisect", .. common]).Code);
    }

    [Fact]
    public void PlansAndRulesComeFromFiles()
    {
        using var folder = new TempFolder();
        string model = folder.DigitReader(), plan = folder["plan.json"], rules = folder["rules.json"];
        File.WriteAllText(rules, """{"format": "ai3-rules", "version": 1, "operators": {"Conv": "gemm,auto"}, "nodes": [{"node": "conv2", "algorithm": "direct"}]}""");
        CliRun run = CliRun.Of("run", model, "--random", "--rules", rules, "--algo", "node:conv1=implicit_gemm", "--save-plan", plan, "--threads", "1");
        Assert.Equal(ExitCode.Good, run.Code);
        using JsonDocument json = JsonDocument.Parse(CliRun.Of("inspect", model, "--stage", "selection", "--plan", plan, "--json").Out);
        Dictionary<string, JsonElement> nodes = json.RootElement.GetProperty("nodes").EnumerateArray().ToDictionary(n => n.GetProperty("name").GetString()!);
        Assert.Equal("implicit_gemm direct", $"{nodes["conv1"].GetProperty("winner")} {nodes["conv2"].GetProperty("winner")}");
        Assert.Equal("saved plan", nodes["conv1"].GetProperty("askedBy").GetString());
        Assert.True(nodes["conv1"].GetProperty("candidates").GetArrayLength() > 2);
        Assert.True(nodes["conv1"].GetProperty("refusals").GetArrayLength() > 0);
        Assert.Contains("--plan decides every node", CliRun.Of("run", model, "--random", "--plan", plan, "--rules", rules).FailsWith(ExitCode.Usage), StringComparison.Ordinal);
        File.WriteAllText(plan, File.ReadAllText(plan).Replace("sha256:", "sha256:0", StringComparison.Ordinal));
        Assert.Contains("the plan is of model sha256:0", CliRun.Of("run", model, "--random", "--plan", plan).FailsWith(ExitCode.Failed), StringComparison.Ordinal);
        Assert.Contains("no node of the model is named 'conv9'", CliRun.Of("run", model, "--random", "--algo", "node:conv9=gemm").FailsWith(ExitCode.Failed), StringComparison.Ordinal);
        Assert.Contains("did you mean 'gemm'", CliRun.Of("run", model, "--random", "--algo", "node:conv*=gem").FailsWith(ExitCode.Usage), StringComparison.Ordinal);
    }
}
