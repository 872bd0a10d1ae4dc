using Ai3.Cli;
using Ai3.ModelZoo;
using Ai3.Onnx;
using Ai3.Runtime;
using Ai3.Tensors;

namespace Ai3.Bench;

/// <summary>Networks of the zoo as files that both runtimes read, each with a data set of inputs; deleted when the process ends.</summary>
internal static class ZooFiles
{
    private const string Prefix = "zoo:";

    /// <summary>True for an argument that names a network of the zoo.</summary>
    public static bool Names(string argument) => argument.StartsWith(Prefix, StringComparison.Ordinal);

    /// <summary>Writes the network that an argument names; null if the zoo has none of that name.</summary>
    public static string? Write(string argument)
    {
        if (Zoo.Find(argument[Prefix.Length..]) is not { } network)
            return null;
        string folder = Directory.CreateTempSubdirectory("ai3-zoo-").FullName;
        AppDomain.CurrentDomain.ProcessExit += (_, _) => Directory.Delete(folder, recursive: true);
        string path = Path.Combine(folder, $"{network.Name}.onnx"), data = Path.Combine(folder, "test_data_set_0");
        using Model model = network.Create();
        OnnxModel.Save(model, path);
        Directory.CreateDirectory(data);
        for (int i = 0; i < model.Inputs.Count; i++)
        {
            using Tensor input = RandomInput.Make(model.Inputs[i], network.BenchDimensions, i + 1);
            OnnxValue.Write(Path.Combine(data, $"input_{i}.pb"), input, model.Inputs[i].Name);
        }
        return path;
    }
}
