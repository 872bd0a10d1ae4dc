using Ai3.Cli;
using Ai3.Runtime;
using Ai3.Tensors;

namespace Ai3.Bench;

/// <summary>Inputs of a model: its first data set where it has one beside it, otherwise random.</summary>
internal static class ModelInputs
{
    public static Dictionary<string, Value> Of(string path, Model model)
    {
        string data = Path.Combine(Path.GetDirectoryName(Path.GetFullPath(path))!, "test_data_set_0");
        return Directory.Exists(data) ? DataSet.Read(data, model, withOutputs: false).Inputs
            : model.Inputs.ToDictionary(i => i.Name, Value (i) => RandomInput.Make(i, new Dictionary<string, long>(), 1));
    }
}
