using Ai3.Tensors;
using Microsoft.ML.OnnxRuntime;
using TensorElementType = Microsoft.ML.OnnxRuntime.Tensors.TensorElementType;

namespace Ai3.Differential.Tests;

/// <summary>What one side made of a model: outputs, or why it refused.</summary>
internal sealed record Answer(IReadOnlyList<Value>? Outputs, string? Refusal)
{
    /// <summary>The outputs, where all are tensors.</summary>
    public IReadOnlyList<Tensor>? Tensors => Outputs is not null && Outputs.All(v => v is Tensor) ? [.. Outputs.Cast<Tensor>()] : null;
}

/// <summary>ONNX Runtime's CPU provider, its graph optimisations off: each node is computed by its own kernel.</summary>
internal static unsafe class OrtPeer
{
    public static Answer Run(Use use) => Run(use.ToBytes(), use.Fed);

    public static Answer Run(byte[] model, IReadOnlyList<(string Name, Value Value)> inputs)
    {
        try
        {
            using var options = new SessionOptions
            {
                IntraOpNumThreads = 1,
                InterOpNumThreads = 1,
                ExecutionMode = ExecutionMode.ORT_SEQUENTIAL,
                GraphOptimizationLevel = GraphOptimizationLevel.ORT_DISABLE_ALL,
                LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL,
                EnableCpuMemArena = false,
            };
            using var session = new InferenceSession(model, options);
            using var run = new Microsoft.ML.OnnxRuntime.RunOptions { LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL };
            OrtValue[] values = [.. inputs.Select(i => ToOrt(i.Value))];
            using IDisposableReadOnlyCollection<OrtValue> outputs = session.Run(run, [.. inputs.Select(i => i.Name)], values, session.OutputNames);
            Value[] results = [.. outputs.Select(FromOrt)];
            foreach (OrtValue value in values)
                value.Dispose();
            GC.KeepAlive(inputs);
            return new Answer(results, null);
        }
        catch (OnnxRuntimeException e)
        {
            return new Answer(null, e.Message);
        }
    }

    private static OrtValue ToOrt(Value value)
    {
        if (value is SequenceValue sequence)
            return OrtValue.CreateSequence([.. sequence.Items.Select(ToOrt)]);
        if (value is not Tensor tensor)
            throw new NotSupportedException($"inputs like {value.Fact} are not fed to the peer");
        long[] shape = tensor.Shape.ToArray();
        if (tensor.Type == DType.String)
        {
            OrtValue strings = OrtValue.CreateTensorWithEmptyStrings(OrtAllocator.DefaultInstance, shape);
            for (int i = 0; i < tensor.Count; i++)
                strings.StringTensorSetElementAt(tensor.AsStrings()[i].AsSpan(), i);
            return strings;
        }
        return OrtValue.CreateTensorValueWithData(OrtMemoryInfo.DefaultInstance, (TensorElementType)tensor.Type, shape, tensor.Address, tensor.ByteLength);
    }

    private static Value FromOrt(OrtValue value)
    {
        if (!value.IsTensor)
        {
            if (value.OnnxType != OnnxValueType.ONNX_TYPE_SEQUENCE)
                throw new NotSupportedException($"outputs of type {value.OnnxType} are not read from the peer");
            var items = new List<Value>();
            value.ProcessSequence((item, _) => items.Add(FromOrt(item)), OrtAllocator.DefaultInstance);
            return new SequenceValue(items.FirstOrDefault()?.Fact ?? new TensorFact(DType.Undefined, null), items);
        }
        OrtTensorTypeAndShapeInfo info = value.GetTensorTypeAndShape();
        Shape shape = Shape.Create(info.Shape);
        if (info.ElementDataType == TensorElementType.String)
            return Tensor.From(value.GetStringTensorAsArray(), shape);
        Tensor tensor = Tensor.Allocate((DType)info.ElementDataType, shape);
        if (tensor.ByteLength > 0)
            value.GetTensorMutableRawData()[..(int)tensor.ByteLength].CopyTo(tensor.AsBytes());
        return tensor;
    }
}
