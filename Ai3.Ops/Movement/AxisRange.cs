using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>The slice of one axis: from Start towards End by Step; negative bounds count from the end. A null step is not known.</summary>
internal readonly record struct AxisRange(Dim Start, Dim End, long? Step)
{
    // Exporters write INT32_MAX or INT64_MAX for "to the end" and their negatives for "to the beginning".
    private const long Far = int.MaxValue;

    /// <summary>Where the slice of an axis of <paramref name="dim"/> elements begins and how many elements it has, clamped as ONNX says.</summary>
    public static (long Begin, long Count) Resolve(long dim, long start, long end, long step)
    {
        if (dim == 0)
            return (0, 0);
        long first = start < 0 ? start + dim : start;
        long stop = end < 0 ? end + dim : end;
        if (step > 0)
        {
            first = Math.Clamp(first, 0, dim);
            stop = Math.Clamp(stop, 0, dim);
            return (first, stop > first ? (stop - first - 1) / step + 1 : 0);
        }
        first = Math.Clamp(first, 0, dim - 1);
        stop = Math.Clamp(stop, -1, dim - 1);
        ulong magnitude = (ulong)-(step + 1) + 1;
        return (first, first > stop ? (long)((ulong)(first - stop - 1) / magnitude) + 1 : 0);
    }

    /// <summary>
    /// Elements of the slice; null if that cannot be said. Where a bound or the dimension is a symbol, the bounds are taken
    /// to lie inside the axis, as in <c>x[:, 1:]</c> or <c>table[0:seq]</c>; shapes in numbers are always exact.
    /// </summary>
    public Dim? Count(Dim dim)
    {
        if (Step is not { } step)
            return null;
        if (dim.TryGetValue(out long known) && Start.TryGetValue(out long start) && End.TryGetValue(out long end))
            return Resolve(known, start, end, step).Count;
        if (step is >= Far or <= -Far)
            return null;
        if (step > 0)
        {
            if (FromFront(Start, dim, isEnd: false) is not { } first || FromFront(End, dim, isEnd: true) is not { } stop)
                return null;
            Dim length = stop - first;
            bool isEmpty = stop.Is(0) || (length.TryGetValue(out long value) && value < 0);
            return isEmpty ? 0 : Dim.CeilDiv(length, step);
        }
        bool fromEnd = Start.Is(-1) || (Start.IsKnown && Start.Value >= Far);
        bool toBegin = End.IsKnown && End.Value <= -Far;
        return fromEnd && toBegin ? Dim.CeilDiv(dim, -step) : null;
    }

    // A bound as a distance from the front.
    private static Dim? FromFront(Dim bound, Dim dim, bool isEnd)
    {
        if (bound.TryGetValue(out long value))
        {
            if (value >= Far)
                return dim;
            if (value <= -Far)
                return 0;
            if (value < 0)
                return dim + value;
            // A fixed end may lie past a dimension that is not known.
            return isEnd && value > 0 && !dim.IsKnown ? null : bound;
        }
        Dictionary<string, long> probe = bound.Symbols.ToDictionary(s => s, _ => 1000L);
        return bound.Bind(probe).TryGetValue(out long sample) && sample >= 0 ? bound : null;
    }
}
