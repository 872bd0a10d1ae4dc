using System.Text.Json;

namespace Ai3.Cli.Tests;

/// <summary><c>ai3 check-algorithm</c> on built-in rows and on plug-ins, right, wrong and wild.</summary>
public class CheckAlgorithmTests
{
    [Fact]
    public void ABuiltInRowHolds()
    {
        CliRun run = CliRun.Of("check-algorithm", "direct", "--op", "Conv", "--count", "8");
        Assert.Equal(ExitCode.Good, run.Code);
        Assert.StartsWith("Conv direct: ", run.LastLine, StringComparison.Ordinal);
        Assert.Contains(" 0 failed", run.LastLine, StringComparison.Ordinal);
    }

    [Fact]
    public void UnknownNamesAreUsageErrors()
    {
        Assert.Contains("did you mean 'direct'", CliRun.Of("check-algorithm", "dirct", "--op", "Conv").FailsWith(ExitCode.Usage), StringComparison.Ordinal);
        Assert.Contains("no operator is named 'Cnv'", CliRun.Of("check-algorithm", "direct", "--op", "Cnv").FailsWith(ExitCode.Usage), StringComparison.Ordinal);
        Assert.Contains("--seed x", CliRun.Of("check-algorithm", "direct", "--seed", "x").FailsWith(ExitCode.Usage), StringComparison.Ordinal);
        Assert.Contains("there is no file 'no.so'", CliRun.Of("check-algorithm", "direct", "--plugin", "no.so").FailsWith(ExitCode.Failed), StringComparison.Ordinal);
    }

    [SkippableFact]
    public void APluginHoldsAndRunsByName()
    {
        using var folder = new TempFolder();
        string plugin = PluginFile.Compile(folder), model = folder.DigitReader();
        Assert.Equal(ExitCode.Good, CliRun.Of("check-algorithm", "mine_rows", "--plugin", plugin, "--count", "25").Code);
        CliRun product = CliRun.Of("check-algorithm", "mine_dot", "--plugin", plugin, "--count", "25");
        Assert.Equal((ExitCode.Good, ""), (product.Code, product.Error));
        Assert.StartsWith("Gemm, MatMul mine_dot: ", product.LastLine, StringComparison.Ordinal);
        CliRun inspect = CliRun.Of("inspect", model, "--stage", "selection", "--plugin", plugin, "--algo", "Conv=mine_rows");
        Assert.Equal(ExitCode.Good, inspect.Code);
        Assert.Contains("conv2: Conv by mine_rows", inspect.Out, StringComparison.Ordinal);
        Assert.Equal(ExitCode.Good, CliRun.Of("verify", model, "--plugin", plugin, "--algo", "Conv=mine_rows", "--chosen").Code);
    }

    [SkippableFact]
    public void AWrongPluginIsShrunkToALineThatRepeatsIt()
    {
        using var folder = new TempFolder();
        string plugin = PluginFile.Compile(folder, "BROKEN");
        CliRun run = CliRun.Of("check-algorithm", "mine_rows", "--plugin", plugin, "--count", "40", "--isa", "scalar", "--json");
        Assert.Equal(ExitCode.Failed, run.Code);
        using JsonDocument json = JsonDocument.Parse(run.Out);
        JsonElement failure = Assert.Single(json.RootElement.GetProperty("failures").EnumerateArray());
        Assert.Contains("1x5 m1 k1x1", failure.GetProperty("message").GetString(), StringComparison.Ordinal);
        string[] replay = failure.GetProperty("replay").GetString()!.Split(' ');
        Assert.Equal("ai3", replay[0]);
        CliRun again = CliRun.Of(replay[1..]);
        Assert.Equal(ExitCode.Failed, again.Code);
        Assert.Contains("1x5 m1 k1x1", again.Out, StringComparison.Ordinal);
    }

    [SkippableFact]
    public void APluginThatCrashesIsReportedWithItsProblem()
    {
        using var folder = new TempFolder();
        CliRun run = CliRun.Of("check-algorithm", "mine_rows", "--plugin", PluginFile.Compile(folder, "WILD"), "--isa", "scalar", "--count", "40");
        Assert.Equal(ExitCode.Failed, run.Code);
        Assert.Contains("touches memory that is not its own", run.Out, StringComparison.Ordinal);
        Assert.Contains("again with: ai3 check-algorithm mine_rows --op Conv --isa scalar --seed 0x", run.Out, StringComparison.Ordinal);
    }
}
