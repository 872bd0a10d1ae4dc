using System.Globalization;
using Ai3.Ops;
using Ai3.Tensors;

namespace Ai3.Differential.Tests;

/// <summary>Where two sides' outputs differ.</summary>
internal static class Comparison
{
    /// <summary>Null, or the first difference.</summary>
    /// <param name="expected">The peer's outputs.</param>
    /// <param name="actual">Ours.</param>
    /// <param name="bound">How far an element of an output may be off.</param>
    public static string? Difference(IReadOnlyList<Value> expected, IReadOnlyList<Value> actual, Func<int, long, double> bound)
    {
        for (int o = 0; o < expected.Count; o++)
            if (Difference(expected[o], actual[o], i => bound(o, i)) is { } difference)
                return $"output {o}: {difference}";
        return null;
    }

    private static string? Difference(Value expected, Value actual, Func<long, double> bound)
    {
        if (expected is SequenceValue ours && actual is SequenceValue theirs)
        {
            if (ours.Items.Count != theirs.Items.Count)
                return $"{theirs.Items.Count} items, the peer has {ours.Items.Count}";
            for (int i = 0; i < ours.Items.Count; i++)
                if (Difference(ours.Items[i], theirs.Items[i], bound) is { } difference)
                    return $"item {i}: {difference}";
            return null;
        }
        if (expected is not Tensor e || actual is not Tensor a)
            return $"{actual.Fact}, the peer has {expected.Fact}";
        if (e.Type != a.Type || e.Shape != a.Shape)
            return $"{a.Fact}, the peer has {e.Fact}";
        return e.Type == DType.String ? Strings(e, a) : e.Type.IsFloat() ? Floats(e, a, bound) : Bytes(e, a, bound);
    }

    private static string? Strings(Tensor expected, Tensor actual)
    {
        for (int i = 0; i < expected.Count; i++)
            if (expected.AsStrings()[i] != actual.AsStrings()[i])
                return $"element {i} is \"{actual.AsStrings()[i]}\", the peer has \"{expected.AsStrings()[i]}\"";
        return null;
    }

    private static string? Floats(Tensor expected, Tensor actual, Func<long, double> bound)
    {
        for (long i = 0; i < expected.Count; i++)
        {
            double e = Elements.At(expected, i), a = Elements.At(actual, i);
            if (e == a || double.IsNaN(e) && double.IsNaN(a))
                continue;
            double limit = bound(i);
            if (double.IsFinite(e) && double.IsFinite(a) && Math.Abs(e - a) <= limit)
                continue;
            return string.Create(CultureInfo.InvariantCulture, $"element {i} of {expected.Shape} is {a:R}, the peer has {e:R} (off by {Math.Abs(e - a):G3}, allowed {limit:G3})");
        }
        return null;
    }

    private static string? Bytes(Tensor expected, Tensor actual, Func<long, double> bound)
    {
        int place = expected.AsBytes().CommonPrefixLength(actual.AsBytes());
        if (place == expected.ByteLength)
            return null;
        if (ElementAccess.CanReadAsDouble(expected.Type) && bound(place / expected.Type.ByteSize()) >= 1)
            return Floats(expected, actual, bound);
        if (!ElementAccess.CanReadAsDouble(expected.Type))
            return $"byte {place} is {actual.AsBytes()[place]}, the peer has {expected.AsBytes()[place]}";
        long i = place / expected.Type.ByteSize();
        return string.Create(CultureInfo.InvariantCulture, $"element {i} of {expected.Shape} is {Elements.At(actual, i):R}, the peer has {Elements.At(expected, i):R}");
    }
}
