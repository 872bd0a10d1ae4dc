using Ai3.Runtime;
using Ai3.Tensors;

namespace Ai3.NativeAot;

/// <summary>Inputs or outputs as ai3_value_info, made once.</summary>
internal sealed unsafe class ValueInfos
{
    private readonly AbiValueInfo[] _infos;

    public ValueInfos(IReadOnlyList<GraphValue> values, NativeArena arena) => _infos = [.. values.Select(v => Describe(v, arena))];

    public int Count => _infos.Length;

    public AbiValueInfo this[int index] => index >= 0 && index < _infos.Length ? _infos[index]
        : throw new AbiException(AbiStatus.Argument, $"index {index} is outside 0 to {_infos.Length - 1}");

    private static AbiValueInfo Describe(GraphValue value, NativeArena arena)
    {
        SymbolicShape? shape = value.Tensor?.Shape;
        return new AbiValueInfo
        {
            Name = arena.Text(value.Name),
            Kind = (int)AbiKinds.Of(value.Fact),
            Dtype = (int)(value.Tensor?.Type ?? DType.Undefined),
            Rank = shape?.Rank ?? -1,
            Dims = arena.Numbers(shape is null ? [] : [.. shape.Select(d => d.TryGetValue(out long size) ? size : -1)]),
            Symbols = arena.TextsOrNulls(shape is null ? [] : [.. shape.Select(d => d.IsKnown ? null : d.ToString())]),
            Text = arena.Text(value.Fact?.ToString() ?? "?"),
        };
    }
}
