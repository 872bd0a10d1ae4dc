using System.Collections.Immutable;

namespace Ai3.Ops;

/// <summary>Operators that quantise or compute on quantised tensors.</summary>
internal static class QuantizationOps
{
    public static ImmutableArray<OpDefinition> All { get; } =
    [
        .. QuantizeOp.All,
        DynamicQuantizeOp.Definition,
        .. QuantizedMatMulOp.All,
        .. QuantizedConvOp.All,
        NBitsOp.Definition,
        GatherBlockQuantizedOp.Definition,
        .. QLinearOp.All,
    ];
}
