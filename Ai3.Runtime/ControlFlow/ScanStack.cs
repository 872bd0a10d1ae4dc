using Ai3.Ops;
using Ai3.Tensors;

namespace Ai3.Runtime;

/// <summary>Tensors of one shape, made one a trip, that become one tensor with a new first axis.</summary>
/// <param name="output">The body's output that makes them.</param>
/// <param name="maxBytes">Bytes that they may take together.</param>
internal sealed class ScanStack(GraphValue output, long maxBytes)
{
    private readonly List<Tensor> _items = [];
    private long _bytes;

    /// <summary>Adds the tensor of the next trip.</summary>
    public void Add(Value value)
    {
        if (value is not Tensor item)
            throw new OpException($"scanned output '{output.Name}' is {value.Fact}, must be a tensor");
        if (_items.Count > 0 && (item.Type != _items[0].Type || item.Shape != _items[0].Shape))
            throw new OpException($"scanned output '{output.Name}' is {item} in trip {_items.Count} and {_items[0]} in trip 0, must keep its shape");
        _bytes += Math.Max(item.ByteLength, 1);
        if (_bytes > maxBytes)
            throw new LimitExceededException($"scanned output '{output.Name}' takes {_bytes} bytes after {_items.Count + 1} trips, over the limit of {maxBytes} a tensor");
        _items.Add(item);
    }

    /// <summary>The stacked tensor; for no trips, of the shape the body declares, with 0 for what it leaves open.</summary>
    /// <param name="backwards">Whether trip 0 comes last.</param>
    public Tensor ToTensor(bool backwards = false)
    {
        if (_items.Count == 0)
        {
            TensorFact? fact = output.Tensor;
            DType type = fact is null or { Type: DType.Undefined } ? DType.Float32 : fact.Type;
            return Tensor.Allocate(type, [0, .. fact?.Shape?.Select(d => d.IsKnown ? d.Value : 0) ?? []]);
        }
        Tensor first = _items[0];
        Tensor stacked = Tensor.Allocate(first.Type, [_items.Count, .. first.Shape.ToArray()]);
        for (int i = 0; i < _items.Count; i++)
            CopyItem(_items[i], stacked, backwards ? _items.Count - 1 - i : i);
        return stacked;
    }

    private static void CopyItem(Tensor item, Tensor stacked, int index)
    {
        if (item.Type == DType.String)
            item.AsStrings().CopyTo(stacked.AsStrings()[(int)(index * item.Count)..]);
        else
            item.CopyTo(stacked.Part(index * item.Count, item.Shape));
    }
}
