using System.Globalization;
using System.Numerics;
using Ai3.Tensors;

namespace Ai3.Cli;

/// <summary>Compares a value with the expected one: null if they agree, otherwise one line that says where they do not.</summary>
/// <param name="tolerance">How far floating-point elements may be apart.</param>
internal sealed class ValueComparer(Tolerance tolerance)
{
    /// <summary>Compares element types, shapes and elements, and the parts of sequences, maps and optionals one by one.</summary>
    public string? Compare(Value got, Value expected) => (got, expected) switch
    {
        (Tensor g, Tensor e) => CompareTensors(g, e),
        (SequenceValue g, SequenceValue e) => CompareSequences(g, e),
        (MapValue g, MapValue e) => CompareMaps(g, e),
        (OptionalValue g, OptionalValue e) => CompareOptionals(g.Content, e.Content),
        (not OptionalValue, OptionalValue { Content: { } e }) => Compare(got, e),
        (OptionalValue { Content: { } g }, not OptionalValue) => Compare(g, expected),
        _ => $"got {got.Fact}, expected {expected.Fact}",
    };

    private string? CompareOptionals(Value? got, Value? expected) => (got, expected) switch
    {
        (null, null) => null,
        (null, _) => $"got nothing, expected {expected!.Fact}",
        (_, null) => $"got {got.Fact}, expected nothing",
        _ => Compare(got, expected),
    };

    private string? CompareSequences(SequenceValue got, SequenceValue expected)
    {
        if (got.Items.Count != expected.Items.Count)
            return $"got a sequence of {got.Items.Count}, expected {expected.Items.Count}";
        for (int i = 0; i < got.Items.Count; i++)
            if (Compare(got.Items[i], expected.Items[i]) is { } difference)
                return $"element {i}: {difference}";
        return null;
    }

    private string? CompareMaps(MapValue got, MapValue expected)
    {
        if (got.Entries.Count != expected.Entries.Count)
            return $"got a map of {got.Entries.Count}, expected {expected.Entries.Count}";
        var found = got.Entries.ToDictionary(e => e.Key, e => e.Value);
        foreach ((object key, Value value) in expected.Entries)
        {
            if (!found.TryGetValue(key, out Value? other))
                return $"key {key} is missing";
            if (Compare(other, value) is { } difference)
                return $"key {key}: {difference}";
        }
        return null;
    }

    private string? CompareTensors(Tensor got, Tensor expected)
    {
        if (got.Type != expected.Type || got.Shape != expected.Shape)
            return $"got {got.Type.ShortName()}{got.Shape}, expected {expected.Type.ShortName()}{expected.Shape}";
        if (got.Count > int.MaxValue)
            return $"{got.Count} elements are too many to compare";
        if (got.Type == DType.String)
            return CompareStrings(got, expected);
        if (got.AsBytes().SequenceEqual(expected.AsBytes()) && !Elements.IsReal(got.Type))
            return null;
        if (got.Type == DType.Float32)
            return CompareSingles(got, expected);
        var (g, e) = (new Elements(got), new Elements(expected));
        var worst = new WorstElement();
        for (int i = 0; i < got.Count; i++)
        {
            if (Elements.IsReal(got.Type))
                worst.Add(i, g.Real(i), e.Real(i), tolerance);
            else if (Elements.IsWhole(got.Type))
                AddWhole(ref worst, i, g.Whole(i), e.Whole(i));
            else
                AddComplex(ref worst, i, g.Complex(i), e.Complex(i));
        }
        return worst.Describe(got, expected, tolerance);
    }

    // The common case in a plain loop over spans.
    private string? CompareSingles(Tensor got, Tensor expected)
    {
        ReadOnlySpan<float> g = got.AsSpan<float>(), e = expected.AsSpan<float>();
        var worst = new WorstElement();
        for (int i = 0; i < g.Length; i++)
            worst.Add(i, g[i], e[i], tolerance);
        return worst.Describe(got, expected, tolerance);
    }

    private void AddWhole(ref WorstElement worst, int i, Int128 got, Int128 expected)
    {
        if (got == expected)
            return;
        double error = (double)Int128.Abs(got - expected);
        if (!tolerance.CoversIntegers || error > tolerance.Allowed((double)expected))
            worst.AddDifference(i, error, error);
    }

    private void AddComplex(ref WorstElement worst, int i, Complex got, Complex expected)
    {
        worst.Add(i, got.Real, expected.Real, tolerance);
        worst.Add(i, got.Imaginary, expected.Imaginary, tolerance);
    }

    private static string? CompareStrings(Tensor got, Tensor expected)
    {
        ReadOnlySpan<string> g = got.AsStrings(), e = expected.AsStrings();
        for (int i = 0; i < g.Length; i++)
            if (!string.Equals(g[i], e[i], StringComparison.Ordinal))
                return $"{WorstElement.Index(got.Shape, i)}: got {new Elements(got).Text(i)}, expected {new Elements(expected).Text(i)}";
        return null;
    }

    /// <summary>The element that is furthest outside its tolerance, and how many are outside.</summary>
    private struct WorstElement
    {
        private int _index;
        private int _count;
        private double _error;
        private double _excess;

        public void Add(int index, double got, double expected, Tolerance tolerance)
        {
            if (got == expected || double.IsNaN(got) && double.IsNaN(expected))
                return;
            double error = Math.Abs(got - expected);
            double allowed = tolerance.Allowed(expected);
            // Not the negation: NaN and infinities compare false, and are differences.
            if (error <= allowed && double.IsFinite(expected))
                return;
            AddDifference(index, error, double.IsNaN(error) ? double.PositiveInfinity : error / allowed);
        }

        public void AddDifference(int index, double error, double excess)
        {
            if (_count++ > 0 && excess <= _excess)
                return;
            (_index, _error, _excess) = (index, error, excess);
        }

        public readonly string? Describe(Tensor got, Tensor expected, Tolerance tolerance)
        {
            if (_count == 0)
                return null;
            string g = new Elements(got).Text(_index), e = new Elements(expected).Text(_index);
            bool exact = !Elements.IsReal(got.Type) && got.Type is not (DType.Complex64 or DType.Complex128) && !tolerance.CoversIntegers;
            string rule = exact ? "must be equal" : tolerance.ToString();
            string error = _error.ToString("0.###e0", CultureInfo.InvariantCulture);
            return $"{Index(got.Shape, _index)}: got {g}, expected {e}, error {error} ({rule}); {_count} of {got.Count} elements differ";
        }

        public static string Index(Shape shape, int flat)
        {
            var index = new long[shape.Rank];
            for (int axis = shape.Rank - 1; axis >= 0; axis--)
            {
                index[axis] = flat % shape[axis];
                flat = (int)(flat / shape[axis]);
            }
            return $"element [{string.Join(",", index)}]";
        }
    }
}
