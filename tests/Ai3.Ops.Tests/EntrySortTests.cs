namespace Ai3.Ops.Tests;

public unsafe class EntrySortTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(20)]
    [InlineData(21)]
    [InlineData(5000)]
    public void SortsAnyOrder(int count)
    {
        var random = new Random(count);
        ulong[] rising = [.. Enumerable.Range(0, count).Select(i => (ulong)i * 3)];
        ulong[] shuffled = [.. rising];
        random.Shuffle(shuffled);
        ulong[] organPipe = [.. rising.Where((_, i) => i % 2 == 0), .. rising.Where((_, i) => i % 2 == 1).Reverse()];
        foreach (ulong[] entries in new[] { rising, [.. rising.Reverse()], shuffled, organPipe, MedianOfThreeKiller(count), [.. Enumerable.Repeat(7ul, count)] })
        {
            ulong[] expected = [.. entries.Order()], actual = [.. entries];
            fixed (ulong* p = actual)
                EntrySort.Sort(p, count);
            Assert.Equal(expected, actual);
        }
    }

    // Musser's sequence: each median of first, middle and last is the second least entry, which costs quicksort n^2 steps.
    private static ulong[] MedianOfThreeKiller(int count)
    {
        int k = count / 2;
        var entries = new ulong[count];
        for (int i = 1; i <= k; i++)
        {
            entries[i - 1] = (ulong)(i % 2 == 1 ? i : k + i - 1);
            entries[k + i - 1] = (ulong)(2 * i);
        }
        return entries;
    }
}
