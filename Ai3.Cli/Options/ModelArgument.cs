using System.CommandLine;
using Ai3.ModelZoo;
using Ai3.Onnx;
using Ai3.Runtime;

namespace Ai3.Cli;

/// <summary>The MODEL argument.</summary>
internal static class ModelArgument
{
    /// <summary>What the argument may be.</summary>
    public const string Meaning = "An ONNX file, or zoo:NAME for a published network with seeded weights.";

    private const string ZooPrefix = "zoo:";

    public static Argument<string> Create() => new("MODEL") { Description = Meaning };

    /// <summary>The network that an argument names as zoo:NAME; null if it is a path.</summary>
    /// <exception cref="UsageException">The zoo has no such network.</exception>
    public static ZooModel? ZooOf(string argument) => argument.StartsWith(ZooPrefix, StringComparison.Ordinal) ? InZoo(argument[ZooPrefix.Length..]) : null;

    /// <summary>The network of a name.</summary>
    /// <exception cref="UsageException">The zoo has no such network.</exception>
    public static ZooModel InZoo(string name) => Zoo.Find(name)
        ?? throw new UsageException($"the zoo has no network '{name}'{Suggestion.For(name, Zoo.All.Select(m => m.Name))} ('ai3 zoo' lists them)");

    /// <summary>What a model is called: its folder where the file is model.onnx, otherwise the file without its extension.</summary>
    public static string NameOf(string argument) =>
        argument.StartsWith(ZooPrefix, StringComparison.Ordinal) ? argument[ZooPrefix.Length..]
        : Path.GetFileName(argument) == "model.onnx" ? Path.GetFileName(Path.GetDirectoryName(Path.GetFullPath(argument)))! : Path.GetFileNameWithoutExtension(argument);

    /// <exception cref="UsageException">There is no such file.</exception>
    public static Model Load(string path, ImportLimits limits)
    {
        if (ZooOf(path) is { } network)
            return network.Create();
        if (Directory.Exists(path))
            throw new UsageException(File.Exists(Path.Combine(path, "model.onnx")) ? $"'{path}' is a folder; give '{Path.Combine(path, "model.onnx")}'" : $"'{path}' is a folder; give an ONNX file");
        if (!File.Exists(path))
            throw new UsageException($"there is no file '{path}'; give the path of an ONNX file");
        return OnnxModel.Load(path, limits);
    }
}
