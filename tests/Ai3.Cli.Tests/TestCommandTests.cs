using System.Text.Json;
using Ai3.Onnx;
using Ai3.Tensors;

namespace Ai3.Cli.Tests;

public class TestCommandTests
{
    [Fact]
    public void AGoodCasePassesAndAWrongOneFails()
    {
        using var folder = new TempFolder();
        MakeCase(folder, "good", change: 0);
        MakeCase(folder, "wrong", change: 1);
        CliRun run = CliRun.Of("test", folder.FullPath);
        Assert.Equal(ExitCode.Failed, run.Code);
        Assert.Equal("1 passed, 1 failed, 0 skipped", run.LastLine);
        Assert.Contains("FAIL  wrong  test_data_set_0: output 'scores': element [0,3]: got ", run.Out, StringComparison.Ordinal);
        Assert.Contains("error 1e0", run.Out, StringComparison.Ordinal);
    }

    [Fact]
    public void TheCaseOrTheCommandLineSetsTheTolerance()
    {
        using var folder = new TempFolder();
        MakeCase(folder, "loose", change: 1);
        File.WriteAllText(folder["loose", "data.json"], """{"rtol": 0.001, "atol": 1.5}""");
        Assert.Equal("1 passed, 0 failed, 0 skipped", CliRun.Of("test", folder["loose"]).LastLine);
        Assert.Equal("0 passed, 1 failed, 0 skipped", CliRun.Of("test", folder["loose"], "--atol", "1e-5").LastLine);
    }

    [Fact]
    public void ABrokenModelIsAFailedCase()
    {
        using var folder = new TempFolder();
        MakeCase(folder, "broken", change: 0);
        File.WriteAllText(folder["broken", "model.onnx"], "not a model");
        CliRun run = CliRun.Of("test", folder["broken"]);
        Assert.Equal(ExitCode.Failed, run.Code);
        Assert.Equal("0 passed, 1 failed, 0 skipped", run.LastLine);
    }

    [Fact]
    public void AModelWithoutDataIsSkippedAmongOthers()
    {
        using var folder = new TempFolder();
        MakeCase(folder, "good", change: 0);
        folder.DigitReader(Path.Combine("bare", "model.onnx"));
        Assert.Equal("1 passed, 0 failed, 1 skipped", CliRun.Of("test", folder.FullPath).LastLine);
    }

    [Fact]
    public void JsonHasTheSameCounts()
    {
        using var folder = new TempFolder();
        MakeCase(folder, "good", change: 0);
        using JsonDocument json = JsonDocument.Parse(CliRun.Of("test", folder.FullPath, "--json").Out);
        Assert.Equal(1, json.RootElement.GetProperty("passed").GetInt32());
        Assert.Equal("passed", json.RootElement.GetProperty("cases")[0].GetProperty("verdict").GetString());
    }

    // The expected outputs are what the network gives, one score changed.
    private static void MakeCase(TempFolder folder, string name, float change)
    {
        string model = folder.DigitReader(Path.Combine(name, "model.onnx")), set = folder[name, "test_data_set_0"];
        Directory.CreateDirectory(set);
        Assert.Equal(ExitCode.Good, CliRun.Of("run", model, "--random", "--output", set).Code);
        using Tensor input = RandomInput.Make(DType.Float32, [1, 1, 24, 24], 0);
        OnnxValue.Write(Path.Combine(set, "input_0.pb"), input, "picture");
        using var scores = (Tensor)OnnxValue.Read(Path.Combine(set, "output_1.pb"));
        using Tensor changed = scores.Clone();
        changed.AsSpan<float>()[3] += change;
        OnnxValue.Write(Path.Combine(set, "output_1.pb"), changed, "scores");
    }
}
