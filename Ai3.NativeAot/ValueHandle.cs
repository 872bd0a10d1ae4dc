using System.Globalization;
using Ai3.Tensors;

namespace Ai3.NativeAot;

/// <summary>ai3_value: an output of a result, or a part of one. The result disposes it.</summary>
/// <param name="result">The result.</param>
/// <param name="value">The value.</param>
/// <param name="name">The output's name; null for a part of one.</param>
internal sealed unsafe class ValueHandle(ResultHandle result, Value value, string? name) : IHandleTarget
{
    public static string TypeName => "ai3_value";

    public AbiKind Kind => AbiKinds.Of(value.Fact);

    public long Count => value switch
    {
        SequenceValue sequence => sequence.Items.Count,
        MapValue map => map.Entries.Count,
        OptionalValue optional => optional.Content is null ? 0 : 1,
        _ => throw Mismatch("a sequence, map or optional"),
    };

    public AbiTensor Tensor => result.Describe(value, name);

    public nint Item(long index)
    {
        CheckIndex(index);
        return result.HandleOf(value switch
        {
            SequenceValue sequence => sequence.Items[(int)index],
            MapValue map => map.Entries[(int)index].Value,
            _ => ((OptionalValue)value).Content!,
        }, null);
    }

    public void Key(long index, long* number, byte** text)
    {
        if (value is not MapValue map)
            throw Mismatch("a map");
        CheckIndex(index);
        object key = map.Entries[(int)index].Key;
        *text = key is string s ? result.Text(s) : null;
        *number = key is string ? 0 : Convert.ToInt64(key, CultureInfo.InvariantCulture);
    }

    public void Dispose() { }

    private void CheckIndex(long index)
    {
        long count = Count;
        if (index < 0 || index >= count)
            throw new AbiException(AbiStatus.Argument, $"index {index} is outside 0 to {count - 1}");
    }

    private AbiException Mismatch(string wanted) => new(AbiStatus.Kind, $"the value is {value.Fact}, not {wanted}");
}
