using System.Text.Json;
using Ai3.DigitReader;
using Ai3.Onnx;
using Ai3.Runtime;

namespace Ai3.Cli.Tests;

public class DemoTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(6)]
    [InlineData(7)]
    [InlineData(8)]
    [InlineData(9)]
    public void ReadsTheDigitItDraws(int digit)
    {
        using var demo = new DigitDemo(digit, seed: 7, threads: 1);
        float[] probabilities = demo.Read().Probabilities;
        Assert.Equal(digit, Array.IndexOf(probabilities, probabilities.Max()));
    }

    [Fact]
    public void ComparesSeveralAlgorithmsOnEveryConvolution()
    {
        CliRun run = CliRun.Of("demo", "--digit", "3", "--json");
        Assert.Equal(ExitCode.Good, run.Code);
        using JsonDocument json = JsonDocument.Parse(run.Out);
        Assert.Equal(3, json.RootElement.GetProperty("answer").GetInt32());
        JsonElement[] rows = [.. json.RootElement.GetProperty("convolutions").EnumerateArray()];
        Assert.All(rows.GroupBy(r => r.GetProperty("node").GetString()), g => Assert.True(g.Count() >= 3));
        Assert.Equal(4, rows.Select(r => r.GetProperty("node").GetString()).Distinct().Count());
        Assert.All(rows, r => Assert.InRange(r.GetProperty("error").GetDouble(), 0, 1e-3));
        Assert.All(rows.Where(r => r.GetProperty("algorithm").GetString() == "reference"), r => Assert.Equal(0, r.GetProperty("error").GetDouble()));
    }

    [Fact]
    public void ThePictureIsDrawnWithBlocks()
    {
        CliRun run = CliRun.Of("demo", "--digit", "8");
        Assert.Contains("█", run.Out, StringComparison.Ordinal);
        Assert.Contains("The answer is 8.", run.Out, StringComparison.Ordinal);
    }

    /// <summary>The program in samples/Ai3.DigitReader makes the committed file, bit for bit.</summary>
    [Fact]
    public void TheCommittedNetworkIsReproduced()
    {
        using var folder = new TempFolder();
        Network network = Trainer.Train();
        using Model model = DigitModel.Build(network);
        OnnxModel.Save(model, folder["digits.onnx"]);
        Assert.Equal(TempFolder.EmbeddedDigits(), File.ReadAllBytes(folder["digits.onnx"]));
        Assert.InRange(Trainer.Accuracy(network, 500, seed: 2), 0.97, 1);
    }
}
