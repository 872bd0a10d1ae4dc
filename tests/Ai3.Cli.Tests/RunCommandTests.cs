using System.Text.Json;
using Ai3.Tensors;

namespace Ai3.Cli.Tests;

public class RunCommandTests
{
    [Fact]
    public void PrintsNameTypeShapeAndFirstValues()
    {
        using var folder = new TempFolder();
        CliRun run = CliRun.Of("run", folder.DigitReader(), "--random", "--threads", "1");
        Assert.Equal(ExitCode.Good, run.Code);
        Assert.StartsWith("probabilities: f32[1,10] = ", run.Out, StringComparison.Ordinal);
        Assert.Contains("\nscores: f32[1,10] = ", run.Out, StringComparison.Ordinal);
        Assert.Empty(run.Error);
    }

    [Fact]
    public void TopPrintsTheLargestWithLabels()
    {
        using var folder = new TempFolder();
        File.WriteAllLines(folder["labels.txt"], Enumerable.Range(0, 10).Select(i => $"digit {i}"));
        CliRun run = CliRun.Of("run", folder.DigitReader(), "--random", "--top", "2", "--labels", folder["labels.txt"], "--json");
        using JsonDocument json = JsonDocument.Parse(run.Out);
        JsonElement scores = json.RootElement.GetProperty("outputs")[1];
        float[] values = [.. scores.GetProperty("value").GetProperty("values").EnumerateArray().Select(v => v.GetSingle())];
        int best = Array.IndexOf(values, values.Max());
        Assert.Equal(2, scores.GetProperty("top").GetArrayLength());
        Assert.Equal($"[{best}]", scores.GetProperty("top")[0].GetProperty("position").GetString());
        Assert.Equal($"digit {best}", scores.GetProperty("top")[0].GetProperty("label").GetString());
    }

    [Fact]
    public void LabelsOfAPictureAreTheFiveLargest()
    {
        using var folder = new TempFolder();
        File.WriteAllLines(folder["labels.txt"], Enumerable.Range(0, 10).Select(i => $"digit {i}"));
        File.WriteAllBytes(folder["x.png"], PngPicture.Grey(24, 24, new byte[24 * 24]));
        CliRun run = CliRun.Of("run", folder.DigitReader(), "--input", $"picture={folder["x.png"]}", "--labels", folder["labels.txt"], "--threads", "1");
        Assert.Equal(ExitCode.Good, run.Code);
        string[] lines = [.. run.Out.Split('\n').SkipWhile(l => !l.StartsWith("scores", StringComparison.Ordinal)).Skip(1).TakeWhile(l => l.StartsWith("  ", StringComparison.Ordinal))];
        Assert.Equal(5, lines.Length);
        Assert.All(lines, l => Assert.Contains("digit ", l, StringComparison.Ordinal));
    }

    [Fact]
    public void OutputsAreWrittenAndReadBack()
    {
        using var folder = new TempFolder();
        string model = folder.DigitReader();
        Assert.Equal(ExitCode.Good, CliRun.Of("run", model, "--random", "--seed", "3", "--output", folder["out"]).Code);
        using Tensor first = NpyFile.Read(folder["out", "output_0.npy"]);
        using var second = (Tensor)Ai3.Onnx.OnnxValue.Read(folder["out", "output_0.pb"]);
        Assert.Equal(first.AsSpan<float>().ToArray(), second.AsSpan<float>().ToArray());
    }

    [Fact]
    public void EveryAlgorithmOfConvGivesTheSameAnswer()
    {
        using var folder = new TempFolder();
        string model = folder.DigitReader();
        float[] Scores(string algorithms)
        {
            CliRun run = CliRun.Of("run", model, "--random", "--json", "--algo", $"Conv={algorithms}");
            Assert.Equal(ExitCode.Good, run.Code);
            using JsonDocument json = JsonDocument.Parse(run.Out);
            return [.. json.RootElement.GetProperty("outputs")[1].GetProperty("value").GetProperty("values").EnumerateArray().Select(v => v.GetSingle())];
        }
        float[] expected = Scores("reference");
        foreach (string name in Ai3.Ops.OpCatalog.Default.Find("", "Conv", 17)!.Algorithms.Select(a => a.Name))
            Assert.All(Scores($"{name},auto").Zip(expected), p => Assert.Equal(p.Second, p.First, 1e-3));
    }

    [Fact]
    public void APictureIsReadIntoTheInputsLayout()
    {
        using var folder = new TempFolder();
        var pixels = new byte[24 * 24];
        for (int i = 0; i < pixels.Length; i++)
            pixels[i] = (byte)(i % 256);
        File.WriteAllBytes(folder["x.png"], PngPicture.Grey(24, 24, pixels));
        using Tensor values = Tensor.From(Array.ConvertAll(pixels, p => p / 255f), [1, 1, 24, 24]);
        NpyFile.Write(folder["x.npy"], values);
        string model = folder.DigitReader();
        string FromFile(string file) => CliRun.Of("run", model, "--input", $"picture={folder[file]}", "--threads", "1").Out.Split('\n')[1];
        Assert.Equal(FromFile("x.npy"), FromFile("x.png"));
    }
}
