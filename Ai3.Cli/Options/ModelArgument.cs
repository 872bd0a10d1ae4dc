using System.CommandLine;
using Ai3.Onnx;
using Ai3.Runtime;

namespace Ai3.Cli;

/// <summary>The MODEL argument.</summary>
internal static class ModelArgument
{
    public static Argument<string> Create() => new("MODEL") { Description = "An ONNX file." };

    /// <exception cref="UsageException">There is no such file.</exception>
    public static Model Load(string path, ImportLimits limits)
    {
        if (Directory.Exists(path))
            throw new UsageException(File.Exists(Path.Combine(path, "model.onnx")) ? $"'{path}' is a folder; give '{Path.Combine(path, "model.onnx")}'" : $"'{path}' is a folder; give an ONNX file");
        if (!File.Exists(path))
            throw new UsageException($"there is no file '{path}'; give the path of an ONNX file");
        return OnnxModel.Load(path, limits);
    }
}
