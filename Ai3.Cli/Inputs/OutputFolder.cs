using Ai3.Onnx;
using Ai3.Runtime;
using Ai3.Tensors;

namespace Ai3.Cli;

/// <summary>Writes outputs to a folder, numbered in the model's order as in a test data set.</summary>
internal static class OutputFolder
{
    public static void Write(string folder, Outputs outputs)
    {
        Directory.CreateDirectory(folder);
        for (int i = 0; i < outputs.Count; i++)
        {
            Value value = outputs.Value(i);
            OnnxValue.Write(Path.Combine(folder, $"output_{i}.pb"), value, outputs.Name(i));
            if (value is Tensor tensor && NpyFile.CanWrite(tensor.Type))
                NpyFile.Write(Path.Combine(folder, $"output_{i}.npy"), tensor);
        }
    }
}
