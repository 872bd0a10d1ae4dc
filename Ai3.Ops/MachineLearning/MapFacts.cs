using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>What operators on maps have in common.</summary>
internal static class MapFacts
{
    /// <summary>The types of keys and values of input 0.</summary>
    /// <exception cref="OpException">It is no map, or its values are of none of the given types.</exception>
    public static (DType Key, DType Value) Of(NodeFacts node, params ReadOnlySpan<DType> values)
    {
        if (node.Has(0) && node.Inputs[0] is TensorFact { Type: DType.Undefined })
            return (DType.Undefined, DType.Undefined);
        if (!node.Has(0) || node.Inputs[0] is not MapFact { Element: TensorFact element } map)
            throw new OpException($"input 0 is {(node.Has(0) ? node.Inputs[0] : "missing")}, must be a map");
        if (!values.IsEmpty && element.Type != DType.Undefined && !values.Contains(element.Type))
            throw new OpException($"input 0 has values of {element.Type.ShortName()}, must be {string.Join(", ", values.ToArray().Select(t => t.ShortName()))}");
        return (map.Key, element.Type);
    }
}
