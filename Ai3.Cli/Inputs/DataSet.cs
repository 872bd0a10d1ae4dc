using System.Globalization;
using Ai3.Onnx;
using Ai3.Runtime;
using Ai3.Tensors;

namespace Ai3.Cli;

/// <summary>The values of a <c>test_data_set_N</c> folder: <c>input_0.pb ...</c> in graph-input order, <c>output_0.pb ...</c> in graph-output order.</summary>
internal sealed class DataSet : IDisposable
{
    private DataSet(Dictionary<string, Value> inputs, List<Value> outputs)
    {
        Inputs = inputs;
        Outputs = outputs;
    }

    /// <summary>Inputs by name.</summary>
    public Dictionary<string, Value> Inputs { get; }

    /// <summary>Expected outputs, in the model's order.</summary>
    public List<Value> Outputs { get; }

    /// <summary>Reads a folder.</summary>
    /// <exception cref="InvalidDataException">The folder has files for inputs or outputs that the model does not have.</exception>
    public static DataSet Read(string folder, Model model, bool withOutputs)
    {
        var set = new DataSet(new Dictionary<string, Value>(StringComparer.Ordinal), []);
        try
        {
            set.ReadInputs(folder, model);
            if (withOutputs)
                set.ReadOutputs(folder, model);
            return set;
        }
        catch
        {
            set.Dispose();
            throw;
        }
    }

    public void Dispose()
    {
        foreach (Value value in Inputs.Values.Concat(Outputs))
            value.Dispose();
    }

    // Files are in graph-input order, and mostly carry the name of their input. An input that is also an initializer is not fed:
    // files are numbered without such inputs, unless there are more files than that.
    private void ReadInputs(string folder, Model model)
    {
        string[] files = Numbered(folder, "input_");
        string[] order = files.Length <= model.Inputs.Count ? [.. model.Inputs.Select(i => i.Name)] : [.. model.Spec.Inputs.Select(i => i.Name)];
        if (files.Length > order.Length)
            throw new InvalidDataException($"{Path.GetFileName(folder)} has {files.Length} inputs, but the model takes {order.Length}");
        for (int i = 0; i < files.Length; i++)
        {
            GraphValue? input = model.Inputs.FirstOrDefault(v => v.Name == order[i]);
            if (input is null)
                continue;
            (string name, Value value) = OnnxValue.ReadNamed(files[i], input.Fact);
            bool isOther = name != input.Name && model.Inputs.Any(v => v.Name == name && v.Fact?.GetType() == input.Fact?.GetType());
            if (!Inputs.TryAdd(isOther ? name : input.Name, value))
                throw new InvalidDataException($"{Path.GetFileName(files[i])} is a second value for input '{(isOther ? name : input.Name)}'");
        }
    }

    private void ReadOutputs(string folder, Model model)
    {
        string[] files = Numbered(folder, "output_");
        if (files.Length > model.Outputs.Count)
            throw new InvalidDataException($"{Path.GetFileName(folder)} has {files.Length} outputs, but the model gives {model.Outputs.Count}");
        for (int i = 0; i < files.Length; i++)
            Outputs.Add(OnnxValue.Read(files[i], model.Outputs[i].Fact));
    }

    private static string[] Numbered(string folder, string prefix)
    {
        var files = new SortedDictionary<int, string>();
        foreach (string file in Directory.EnumerateFiles(folder, prefix + "*.pb"))
            if (int.TryParse(Path.GetFileNameWithoutExtension(file).AsSpan(prefix.Length), NumberStyles.None, CultureInfo.InvariantCulture, out int number))
                files[number] = file;
        int missing = Enumerable.Range(0, files.Count).FirstOrDefault(i => !files.ContainsKey(i), -1);
        return missing < 0 ? [.. files.Values] : throw new InvalidDataException($"{Path.GetFileName(folder)} lacks {prefix}{missing}.pb");
    }
}
