using Ai3.Runtime;
using Ai3.Tensors;

namespace Ai3.NativeAot;

/// <summary>Reads tensors in the caller's memory.</summary>
internal static unsafe class AbiTensors
{
    /// <summary>The tensors by name, without copies; strings are copied.</summary>
    /// <param name="tensors">The tensors.</param>
    /// <param name="count">How many.</param>
    /// <param name="list">What they are called in messages.</param>
    /// <param name="declared">The inputs or outputs that they are for.</param>
    public static Dictionary<string, Value> Read(AbiTensor* tensors, int count, string list, IReadOnlyList<GraphValue> declared)
    {
        AbiText.CheckList(tensors, count, list);
        var values = new Dictionary<string, Value>(StringComparer.Ordinal);
        for (int i = 0; i < count; i++)
        {
            AbiStruct.Check(tensors + i);
            string name = AbiText.Required(tensors[i].Name, $"{list}[{i}].name");
            if (declared.FirstOrDefault(d => d.Name == name)?.Fact is SequenceFact or MapFact)
                throw new AbiException(AbiStatus.Kind, $"'{name}' is {declared.First(d => d.Name == name).Fact}; the C interface takes tensors only");
            if (!values.TryAdd(name, ToTensor(tensors + i, name)))
                throw new AbiException(AbiStatus.Argument, $"{list} names '{name}' twice");
        }
        return values;
    }

    private static Tensor ToTensor(AbiTensor* tensor, string name)
    {
        var type = (DType)tensor->Dtype;
        if (!type.IsDefined())
            throw new AbiException(AbiStatus.Argument, $"'{name}' has element type {tensor->Dtype}; types are the AI3_ numbers 1 to {(int)DType.Int2}");
        Shape shape = ShapeOf(tensor, name);
        long bytes = type == DType.String ? checked(shape.Count * sizeof(byte*)) : type.ByteCount(shape.Count);
        if (tensor->ByteLength != (ulong)bytes)
            throw new AbiException(AbiStatus.Argument, $"'{name}' is {type.ShortName()}{shape} of {bytes} bytes, byte_length is {tensor->ByteLength}");
        if (tensor->Data == null && bytes > 0)
            throw new AbiException(AbiStatus.Argument, $"'{name}' has no data: its pointer is NULL");
        return type != DType.String ? Tensor.Borrow(type, shape, (nint)tensor->Data, bytes)
            : Tensor.From(AbiText.List((byte**)tensor->Data, checked((int)shape.Count), $"the strings of '{name}'"), shape);
    }

    private static Shape ShapeOf(AbiTensor* tensor, string name)
    {
        AbiText.CheckList(tensor->Dims, tensor->Rank, $"dims of '{name}'");
        try
        {
            return Shape.Create(new ReadOnlySpan<long>(tensor->Dims, tensor->Rank));
        }
        catch (ShapeException e)
        {
            throw new AbiException(AbiStatus.Argument, $"'{name}': {e.Message}");
        }
    }
}
