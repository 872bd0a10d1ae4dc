using Ai3.Runtime;
using Ai3.Tensors;

namespace Ai3.NativeAot;

/// <summary>ai3_result: the outputs of a run with what C reads of them, and the handles of their parts.</summary>
internal sealed unsafe class ResultHandle(Outputs outputs) : IHandleTarget
{
    private readonly Lock _lock = new();
    private readonly NativeArena _arena = new();
    private readonly Dictionary<Value, nint> _handles = new(ReferenceEqualityComparer.Instance);
    private readonly Dictionary<Value, AbiTensor> _tensors = new(ReferenceEqualityComparer.Instance);
    private bool _disposed;

    public static string TypeName => "ai3_result";

    public int Count => outputs.Count;

    public AbiTensor TensorAt(int index)
    {
        CheckIndex(index);
        return Describe(outputs.Value(index), outputs.Name(index));
    }

    public nint ValueAt(int index)
    {
        CheckIndex(index);
        return HandleOf(outputs.Value(index), outputs.Name(index));
    }

    /// <summary>The handle of a value of this result; the same each time.</summary>
    /// <param name="value">The value.</param>
    /// <param name="name">The output's name; null for a part of one.</param>
    public nint HandleOf(Value value, string? name)
    {
        lock (_lock)
        {
            ThrowIfDisposed();
            if (!_handles.TryGetValue(value, out nint handle))
                _handles.Add(value, handle = Handles.Create(new ValueHandle(this, value, name)));
            return handle;
        }
    }

    /// <summary>A tensor of this result as C reads it.</summary>
    public AbiTensor Describe(Value value, string? name)
    {
        if (value is not Tensor tensor)
            throw new AbiException(AbiStatus.Kind, $"{(name is null ? "the value" : $"output '{name}'")} is {value.Fact}, not a tensor; use ai3_result_value");
        lock (_lock)
        {
            ThrowIfDisposed();
            if (!_tensors.TryGetValue(value, out AbiTensor known))
                _tensors.Add(value, known = Describe(tensor, name));
            return known;
        }
    }

    /// <summary>A text that lives as long as this.</summary>
    public byte* Text(string text)
    {
        lock (_lock)
        {
            ThrowIfDisposed();
            return _arena.Text(text);
        }
    }

    public void Dispose()
    {
        lock (_lock)
        {
            _disposed = true;
            foreach (nint handle in _handles.Values)
                Handles.Free<ValueHandle>(handle);
            outputs.Dispose();
            _arena.Dispose();
        }
    }

    private AbiTensor Describe(Tensor tensor, string? name)
    {
        bool isText = tensor.Type == DType.String;
        return new AbiTensor
        {
            Name = name is null ? null : _arena.Text(name),
            Dtype = (int)tensor.Type,
            Rank = tensor.Shape.Rank,
            Dims = _arena.Numbers(tensor.Shape.ToArray()),
            Data = isText ? _arena.Texts(tensor.AsStrings().ToArray()) : (void*)tensor.Address,
            ByteLength = isText ? checked((nuint)tensor.Count * (nuint)sizeof(byte*)) : (nuint)tensor.ByteLength,
        };
    }

    private void CheckIndex(int index)
    {
        if (index < 0 || index >= outputs.Count)
            throw new AbiException(AbiStatus.Argument, $"output {index} is outside 0 to {outputs.Count - 1}");
    }

    private void ThrowIfDisposed()
    {
        if (_disposed)
            throw new AbiException(AbiStatus.Handle, "the ai3_result was freed");
    }
}
