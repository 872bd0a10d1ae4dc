using Ai3.Testing;

namespace Ai3.Differential.Tests;

/// <summary>
/// Random choices that are recorded, so that a use can be made again from its choices and shrunk by making them smaller: in every
/// choice 0 is the simplest, and choices past the end of a replayed list are 0.
/// </summary>
internal sealed class Draw
{
    private readonly IReadOnlyList<int> _given;
    private readonly TestRandom? _random;
    private readonly List<int> _choices = [];

    public Draw(ulong seed)
    {
        _given = [];
        _random = new TestRandom(seed);
    }

    public Draw(IReadOnlyList<int> choices) => _given = choices;

    /// <summary>The choices so far.</summary>
    public IReadOnlyList<int> Choices => _choices;

    /// <summary>A number in [0, count).</summary>
    public int Below(int count)
    {
        int place = _choices.Count;
        int choice = place < _given.Count ? Math.Clamp(_given[place], 0, count - 1) : _random?.Below(count) ?? 0;
        _choices.Add(choice);
        return choice;
    }

    /// <summary>A number in [low, high], both ends included.</summary>
    public int Between(int low, int high) => low + Below(high - low + 1);

    /// <summary>True once in <paramref name="times"/>.</summary>
    public bool OnceIn(int times) => Below(times) == times - 1;

    /// <summary>One of several; the first is the simplest.</summary>
    public T Pick<T>(params ReadOnlySpan<T> values) => values[Below(values.Length)];

    /// <summary>A dimension: mostly small, now and then past the lanes and blocks of kernels.</summary>
    public long Dim(int most = 70) => Pick(0, 0, 0, 0, 1, 1, 2) switch
    {
        0 => Between(1, Math.Min(5, most)),
        1 => Between(1, Math.Min(20, most)),
        _ => Between(1, most),
    };

    /// <summary>Like <see cref="Dim"/>, but 0 once in twenty-five.</summary>
    public long DimOrZero(int most = 70) => OnceIn(25) ? 0 : Dim(most);

    /// <summary>Dimensions; the product stays below a few thousand.</summary>
    public long[] Shape(int minRank = 0, int maxRank = 4, bool zero = true)
    {
        var dims = new long[Between(minRank, maxRank)];
        long count = 1;
        for (int i = 0; i < dims.Length; i++)
        {
            int most = (int)Math.Clamp(4000 / Math.Max(count, 1), 1, 70);
            dims[i] = zero ? DimOrZero(most) : Dim(most);
            count *= dims[i];
        }
        return dims;
    }

    /// <summary>An axis of a tensor of a rank, now and then counted from the end.</summary>
    public long Axis(int rank) => Between(0, rank - 1) - (OnceIn(3) ? rank : 0);

    /// <summary>Several different axes in any order.</summary>
    public long[] Axes(int rank, int count)
    {
        List<long> left = [.. Enumerable.Range(0, rank)];
        var axes = new long[count];
        for (int i = 0; i < count; i++)
        {
            int place = Below(left.Count);
            axes[i] = left[place] - (OnceIn(4) ? rank : 0);
            left.RemoveAt(place);
        }
        return axes;
    }

    /// <summary>A shape that broadcasts against another: some leading dimensions left out, some dimensions 1.</summary>
    public long[] Broadcast(long[] to)
    {
        long[] dims = to[Below(Math.Min(to.Length + 1, 3))..];
        for (int i = 0; i < dims.Length; i++)
            if (OnceIn(4))
                dims[i] = 1;
        return dims;
    }
}
