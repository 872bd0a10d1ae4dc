namespace Ai3.Ops;

/// <summary>Splits any number of independent rows into at most 2^30 items for <see cref="WorkerPool.For"/>.</summary>
/// <param name="Rows">Rows in all.</param>
internal readonly record struct RowSplit(long Rows)
{
    private long PerItem => Math.Max(1, (Rows + (1 << 30) - 1) >> 30);

    public int Items => (int)((Rows + PerItem - 1) / PerItem);

    public long Begin(int item) => item * PerItem;

    public long End(int item) => Math.Min(item * PerItem, Rows);
}
