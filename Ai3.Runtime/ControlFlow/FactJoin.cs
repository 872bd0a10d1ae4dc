using Ai3.Ops;
using Ai3.Tensors;

namespace Ai3.Runtime;

/// <summary>What holds of a value that comes from one of two places.</summary>
internal static class FactJoin
{
    /// <summary>The facts without the value itself: element type and shape alone.</summary>
    public static ValueFact? WithoutValue(ValueFact? fact) => fact is TensorFact tensor ? new TensorFact(tensor.Type, tensor.Shape) : fact;

    /// <summary>What both facts agree on; dimensions that differ come from <paramref name="differ"/>.</summary>
    /// <exception cref="OpException">The facts are of different kinds or element types.</exception>
    public static ValueFact? Join(ValueFact? first, ValueFact? second, Func<Dim, Dim> differ)
    {
        return (first, second) switch
        {
            (null, _) or (_, null) => null,
            (TensorFact a, TensorFact b) => JoinTensors(a, b, differ),
            (SequenceFact a, SequenceFact b) => new SequenceFact(Join(a.Element, b.Element, differ)!),
            (OptionalFact a, OptionalFact b) => new OptionalFact(Join(a.Element, b.Element, differ)!),
            (OptionalFact a, _) => new OptionalFact(Join(a.Element, second, differ)!),
            (_, OptionalFact b) => new OptionalFact(Join(first, b.Element, differ)!),
            (MapFact a, MapFact b) when a.Key == b.Key => new MapFact(a.Key, Join(a.Element, b.Element, differ)!),
            _ => throw new OpException($"one value is {first} and {second}, must be of one kind"),
        };
    }

    private static TensorFact JoinTensors(TensorFact a, TensorFact b, Func<Dim, Dim> differ)
    {
        DType type = a.Type == DType.Undefined ? b.Type : a.Type;
        if (b.Type != DType.Undefined && b.Type != type)
            throw new OpException($"one value is {a} and {b}, must be of one element type");
        if (a.Shape is null || b.Shape is null || a.Shape.Rank != b.Shape.Rank)
            return new TensorFact(type, null);
        var dims = new Dim[a.Shape.Rank];
        for (int i = 0; i < dims.Length; i++)
            dims[i] = a.Shape[i] == b.Shape[i] ? a.Shape[i] : differ(a.Shape[i]);
        return new TensorFact(type, SymbolicShape.Create(dims));
    }
}
