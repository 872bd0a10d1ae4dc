using Ai3.Tensors;

namespace Ai3.Runtime;

/// <summary>Checks a caller's value against what the model declares of an input.</summary>
internal static class InputCheck
{
    /// <exception cref="ArgumentException">The value is of another kind, type, rank or size.</exception>
    public static void Check(GraphValue input, Value value)
    {
        if (input.Fact is null)
            return;
        if (!Fits(input.Fact, value.Fact))
            throw new ArgumentException($"input '{input.Name}' must be {input.Fact}, got {value.Fact}");
        if (value is Tensor { Format: var format } && format != Format.Plain)
            throw new ArgumentException($"input '{input.Name}' must be in row-major layout, got {format}");
    }

    private static bool Fits(ValueFact declared, ValueFact given) => (declared, given) switch
    {
        (TensorFact d, TensorFact g) => (d.Type == g.Type || d.Type == DType.Undefined) && ShapeFits(d.Shape, g.Shape),
        (SequenceFact d, SequenceFact g) => Fits(d.Element, g.Element),
        (MapFact d, MapFact g) => d.Key == g.Key && Fits(d.Element, g.Element),
        (OptionalFact d, OptionalFact g) => Fits(d.Element, g.Element),
        (OptionalFact d, _) => Fits(d.Element, given),
        _ => false,
    };

    private static bool ShapeFits(SymbolicShape? declared, SymbolicShape? given)
    {
        if (declared is null || given is null)
            return true;
        if (declared.Rank != given.Rank)
            return false;
        for (int i = 0; i < declared.Rank; i++)
            if (declared[i].IsKnown && given[i].IsKnown && declared[i] != given[i])
                return false;
        return true;
    }
}
