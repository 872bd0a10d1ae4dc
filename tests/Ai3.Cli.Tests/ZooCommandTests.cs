namespace Ai3.Cli.Tests;

public class ZooCommandTests
{
    [Fact]
    public void ListsTheNetworks()
    {
        CliRun run = CliRun.Of("zoo");
        Assert.Equal(ExitCode.Good, run.Code);
        Assert.Contains("resnet152", run.Out, StringComparison.Ordinal);
        Assert.Contains("60,192,808", run.Out, StringComparison.Ordinal);
    }

    [Fact]
    public void ANetworkStandsForAFile()
    {
        CliRun run = CliRun.Of("run", "zoo:squeezenet1_1", "--random", "--top", "3");
        Assert.Equal(ExitCode.Good, run.Code);
        Assert.Contains("logits: f32[1,1000]", run.Out, StringComparison.Ordinal);
    }

    [Fact]
    public void ANetworkIsWrittenAndRunsTheSame()
    {
        using var folder = new TempFolder();
        Assert.Equal(ExitCode.Good, CliRun.Of("zoo", "squeezenet1_1", "--output", folder["s.onnx"]).Code);
        string[] Lines(string model) => CliRun.Of("run", model, "--random", "--top", "3").Out.Split('\n')[..4];
        Assert.Equal(Lines("zoo:squeezenet1_1"), Lines(folder["s.onnx"]));
    }

    [Theory]
    [InlineData("run zoo:resnet51 --random", "did you mean 'resnet50'")]
    [InlineData("zoo resnet50", "--output")]
    public void BadUseSaysWhatIsRight(string line, string part) =>
        Assert.Contains(part, CliRun.Of(line.Split(' ')).FailsWith(ExitCode.Usage), StringComparison.Ordinal);
}
