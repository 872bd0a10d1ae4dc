using Ai3.Tensors;
using Microsoft.ML.OnnxRuntime;
using TensorElementType = Microsoft.ML.OnnxRuntime.Tensors.TensorElementType;

namespace Ai3.Bench;

/// <summary>ONNX Runtime's CPU provider with all optimisations on the same inputs.</summary>
internal sealed class OrtPeer : IDisposable
{
    private readonly InferenceSession _session;
    private readonly RunOptions _options = new();
    private readonly List<string> _names = [];
    private readonly List<OrtValue> _values = [];

    public OrtPeer(string path, int threads, IReadOnlyDictionary<string, Value> inputs)
    {
        using var options = new SessionOptions
        {
            IntraOpNumThreads = threads,
            InterOpNumThreads = 1,
            ExecutionMode = ExecutionMode.ORT_SEQUENTIAL,
            GraphOptimizationLevel = GraphOptimizationLevel.ORT_ENABLE_ALL,
            LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR,
        };
        _session = new InferenceSession(path, options);
        foreach ((string name, Value value) in inputs)
        {
            _names.Add(name);
            _values.Add(ToOrt((Tensor)value));
        }
    }

    public void Run()
    {
        using IDisposableReadOnlyCollection<OrtValue> outputs = _session.Run(_options, _names, _values, _session.OutputNames);
    }

    /// <summary>The float outputs by name.</summary>
    public Dictionary<string, float[]> FloatOutputs()
    {
        using IDisposableReadOnlyCollection<OrtValue> outputs = _session.Run(_options, _names, _values, _session.OutputNames);
        var floats = new Dictionary<string, float[]>();
        for (int i = 0; i < outputs.Count; i++)
            if (outputs[i].IsTensor && outputs[i].GetTensorTypeAndShape().ElementDataType == TensorElementType.Float)
                floats[_session.OutputNames[i]] = outputs[i].GetTensorDataAsSpan<float>().ToArray();
        return floats;
    }

    public void Dispose()
    {
        foreach (OrtValue value in _values)
            value.Dispose();
        _options.Dispose();
        _session.Dispose();
    }

    private static OrtValue ToOrt(Tensor tensor)
    {
        long[] shape = tensor.Shape.ToArray();
        return tensor.Type switch
        {
            DType.Float32 => OrtValue.CreateTensorValueFromMemory(tensor.AsSpan<float>().ToArray(), shape),
            DType.Float64 => OrtValue.CreateTensorValueFromMemory(tensor.AsSpan<double>().ToArray(), shape),
            DType.Int64 => OrtValue.CreateTensorValueFromMemory(tensor.AsSpan<long>().ToArray(), shape),
            DType.Int32 => OrtValue.CreateTensorValueFromMemory(tensor.AsSpan<int>().ToArray(), shape),
            DType.UInt8 => OrtValue.CreateTensorValueFromMemory(tensor.AsSpan<byte>().ToArray(), shape),
            DType.Bool => OrtValue.CreateTensorValueFromMemory(tensor.AsSpan<bool>().ToArray(), shape),
            DType.Float16 => OrtValue.CreateTensorValueFromMemory(Array.ConvertAll(tensor.AsSpan<Half>().ToArray(), h => new Float16(BitConverter.HalfToUInt16Bits(h))), shape),
            _ => throw new NotSupportedException($"inputs of type {tensor.Type.ShortName()} are not fed to the peer"),
        };
    }
}
