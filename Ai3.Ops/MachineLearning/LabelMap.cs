using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>Keys to values, with a value for all other keys: numbers by value (NaN is one key, -0 is 0), strings by their characters.</summary>
internal sealed class LabelMap
{
    private readonly Dictionary<string, int> _strings = new(StringComparer.Ordinal);
    private readonly Dictionary<long, int> _numbers = [];
    private readonly DType _keys;
    // One entry for each key, then the one for all others.
    private readonly Tensor _values;

    /// <param name="keys">The keys; of equal ones the last counts.</param>
    /// <param name="values">The values, then that of all other keys.</param>
    /// <exception cref="OpException">The lengths disagree.</exception>
    public LabelMap(Tensor keys, Tensor values)
    {
        (_keys, _values) = (keys.Type, values);
        if (keys.Count != values.Count - 1)
            throw new OpException($"there are {keys.Count} keys and {values.Count - 1} values, must be as many");
        for (int i = 0; i < keys.Count; i++)
            if (_keys == DType.String)
                _strings[keys.AsStrings()[i]] = i;
            else
                _numbers[Number(keys, i)] = i;
    }

    /// <summary>The type of what is looked up.</summary>
    public DType KeyType => _keys;

    /// <summary>The type of what is found.</summary>
    public DType ValueType => _values.Type;

    /// <summary>Looks up every element.</summary>
    public Tensor Apply(Tensor x, HostMemory memory)
    {
        Tensor y = memory.Allocate(ValueType, x.Shape);
        for (int i = 0; i < x.Count; i++)
            ElementRuns.Copy(_values, Find(x, i), y, i, 1);
        return y;
    }

    /// <summary>A list of values and one more.</summary>
    public static Tensor WithDefault(Tensor values, Tensor other)
    {
        Tensor all = Tensor.Allocate(values.Type, [values.Count + 1]);
        ElementRuns.Copy(values, 0, all, 0, values.Count);
        ElementRuns.Copy(other, 0, all, values.Count, 1);
        return all;
    }

    private int Find(Tensor x, int i)
    {
        bool found = _keys == DType.String ? _strings.TryGetValue(x.AsStrings()[i], out int place) : _numbers.TryGetValue(Number(x, i), out place);
        return found ? place : (int)_values.Count - 1;
    }

    private static unsafe long Number(Tensor tensor, long i)
    {
        if (tensor.Type == DType.Int64)
            return ((long*)tensor.Address)[i];
        double value = ElementAccess.Read((void*)tensor.Address, tensor.Type, i);
        if (!tensor.Type.IsFloat())
            return (long)value;
        return BitConverter.DoubleToInt64Bits(double.IsNaN(value) ? double.NaN : value + 0.0);
    }
}
