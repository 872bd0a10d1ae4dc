namespace Ai3.Ops;

/// <summary>Splits rows into panels as even as possible: 197 rows at most 14 each become 13s and 14s, never a small rest.</summary>
internal readonly struct RowPanels
{
    private readonly long _least;
    private readonly long _longer;

    /// <summary>The fewest panels of at most <paramref name="max"/> rows.</summary>
    public RowPanels(long rows, int max)
    {
        Count = (rows + max - 1) / max;
        if (Count > 0)
            (_least, _longer) = Math.DivRem(rows, Count);
    }

    /// <summary>Panels.</summary>
    public long Count { get; }

    /// <summary>The first row of panel <paramref name="index"/>; of <see cref="Count"/>, the number of rows.</summary>
    public long Start(long index) => index * _least + Math.Min(index, _longer);

    /// <summary>The rows of panel <paramref name="index"/>.</summary>
    public int RowsOf(long index) => (int)_least + (index < _longer ? 1 : 0);
}
