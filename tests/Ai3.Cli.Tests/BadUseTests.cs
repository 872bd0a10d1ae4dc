using Ai3.Tensors;

namespace Ai3.Cli.Tests;

/// <summary>Bad use ends with one line that says what is wrong and what would be right, and the right exit code.</summary>
public class BadUseTests
{
    [Theory]
    [InlineData("frobnicate")]
    [InlineData("run")]
    [InlineData("run model.onnx --no-such-option")]
    [InlineData("run model.onnx --threads many")]
    [InlineData("bench")]
    [InlineData("bench model.onnx --problem x")]
    [InlineData("bench --problem nonsense")]
    [InlineData("bench a.onnx b.onnx")]
    [InlineData("bench --layers --problem x")]
    [InlineData("bench model.onnx --share 90")]
    [InlineData("algorithms Convolution")]
    [InlineData("demo --digit 10")]
    [InlineData("run no-such-file.onnx --random")]
    [InlineData("inspect no-such-file.onnx")]
    [InlineData("test no-such-folder")]
    [InlineData("test . --rtol -1")]
    public void AWrongCommandLineIsUsage(string line) => CliRun.Of(line.Split(' ')).FailsWith(ExitCode.Usage);

    [Fact]
    public void AnEmptyFileIsNoModel()
    {
        using var folder = new TempFolder();
        File.WriteAllBytes(folder["empty.onnx"], []);
        Assert.Contains("empty", CliRun.Of("run", folder["empty.onnx"], "--random").FailsWith(ExitCode.Failed), StringComparison.Ordinal);
    }

    [Fact]
    public void ATruncatedModelIsNoModel()
    {
        using var folder = new TempFolder();
        File.WriteAllBytes(folder["half.onnx"], TempFolder.EmbeddedDigits()[..5000]);
        Assert.Contains("half.onnx", CliRun.Of("run", folder["half.onnx"], "--random").FailsWith(ExitCode.Failed), StringComparison.Ordinal);
    }

    [Fact]
    public void APictureIsNoModel()
    {
        using var folder = new TempFolder();
        File.WriteAllBytes(folder["picture.onnx"], PngPicture.Grey(4, 4, new byte[16]));
        Assert.Contains("PNG", CliRun.Of("run", folder["picture.onnx"], "--random").FailsWith(ExitCode.Failed), StringComparison.Ordinal);
    }

    [Fact]
    public void AMissingInputIsNamedWithItsType()
    {
        using var folder = new TempFolder();
        string line = CliRun.Of("run", folder.DigitReader()).FailsWith(ExitCode.Usage);
        Assert.Contains("'picture' (f32[1,1,24,24])", line, StringComparison.Ordinal);
    }

    [Fact]
    public void AnUnknownInputGetsASuggestion()
    {
        using var folder = new TempFolder();
        string line = CliRun.Of("run", folder.DigitReader(), "--input", "pictrue=random").FailsWith(ExitCode.Usage);
        Assert.Contains("did you mean 'picture'?", line, StringComparison.Ordinal);
    }

    [Fact]
    public void AWrongShapeSaysBothShapes()
    {
        using var folder = new TempFolder();
        using Tensor wrong = Tensor.Zeros(DType.Float32, [1, 1, 28, 28]);
        NpyFile.Write(folder["x.npy"], wrong);
        string line = CliRun.Of("run", folder.DigitReader(), "--input", $"picture={folder["x.npy"]}").FailsWith(ExitCode.Failed);
        Assert.Contains("28", line, StringComparison.Ordinal);
        Assert.Contains("24", line, StringComparison.Ordinal);
    }

    [Fact]
    public void AWrongTypeSaysBothTypes()
    {
        using var folder = new TempFolder();
        using Tensor wrong = Tensor.Zeros(DType.Int64, [1, 1, 24, 24]);
        NpyFile.Write(folder["x.npy"], wrong);
        string line = CliRun.Of("run", folder.DigitReader(), "--input", $"picture={folder["x.npy"]}").FailsWith(ExitCode.Failed);
        Assert.Contains("i64", line, StringComparison.Ordinal);
        Assert.Contains("f32", line, StringComparison.Ordinal);
    }

    [Fact]
    public void ABrokenNpyFileIsNamed()
    {
        using var folder = new TempFolder();
        File.WriteAllText(folder["x.npy"], "not numpy");
        string line = CliRun.Of("run", folder.DigitReader(), "--input", $"picture={folder["x.npy"]}").FailsWith(ExitCode.Failed);
        Assert.Contains("x.npy", line, StringComparison.Ordinal);
    }

    [Fact]
    public void AnUnknownAlgorithmListsTheKnownOnes()
    {
        using var folder = new TempFolder();
        string line = CliRun.Of("run", folder.DigitReader(), "--random", "--algo", "Conv=winograd_f2x2_3x4").FailsWith(ExitCode.Usage);
        Assert.Contains("did you mean 'winograd_f2x2_3x3'?", line, StringComparison.Ordinal);
        Assert.Contains("reference", line, StringComparison.Ordinal);
    }

    [Fact]
    public void AnUnknownOperatorGetsASuggestion()
    {
        using var folder = new TempFolder();
        string line = CliRun.Of("run", folder.DigitReader(), "--random", "--algo", "Cnov=direct").FailsWith(ExitCode.Usage);
        Assert.Contains("did you mean 'Conv'?", line, StringComparison.Ordinal);
    }

    [Fact]
    public void AStrictAlgorithmThatDoesNotApplySaysWhy()
    {
        using var folder = new TempFolder();
        string line = CliRun.Of("run", folder.DigitReader(), "--random", "--algo", "Conv=winograd_f2x2_3x3").FailsWith(ExitCode.Failed);
        Assert.Contains("conv1", line, StringComparison.Ordinal);
        Assert.Contains("5x5", line, StringComparison.Ordinal);
        Assert.Contains("winograd_f2x2_3x3,auto", line, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--isa", "avx1024")]
    [InlineData("--threads", "0")]
    [InlineData("--no-rewrite", "fuse_everything")]
    [InlineData("--dim", "batch=-1")]
    [InlineData("--dim", "batch")]
    [InlineData("--algo", "Conv")]
    [InlineData("--algo", "Conv=")]
    [InlineData("--data", "no-such-folder")]
    [InlineData("--input", "picture=no-such-file.npy")]
    [InlineData("--input", "picture")]
    [InlineData("--top", "0")]
    [InlineData("--labels", "no-such-file.txt")]
    public void AWrongOptionIsUsage(string option, string value)
    {
        using var folder = new TempFolder();
        CliRun.Of("run", folder.DigitReader(), "--random", option, value).FailsWith(ExitCode.Usage);
    }
}
