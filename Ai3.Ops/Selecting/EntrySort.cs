using System.Numerics;

namespace Ai3.Ops;

/// <summary>
/// Introsort (Musser 1997) of entries in rising order, in place. Unlike the library's, it allocates nothing under Native AOT either, and compares
/// without calls.
/// </summary>
internal static unsafe class EntrySort
{
    private const int Short = 20;

    public static void Sort<TEntry>(TEntry* entries, int count) where TEntry : unmanaged, IBinaryInteger<TEntry> =>
        Sort(entries, count, 2 * BitOperations.Log2((uint)count | 1));

    /// <summary>Puts an entry at a place of a heap or under it, where no entry below is less: the least stands on top.</summary>
    public static void Sink<TEntry>(TEntry* heap, int count, int place, TEntry entry) where TEntry : unmanaged, IBinaryInteger<TEntry>
    {
        for (int child = 2 * place + 1; child < count; child = 2 * place + 1)
        {
            if (child + 1 < count && heap[child + 1] < heap[child])
                child++;
            if (heap[child] >= entry)
                break;
            heap[place] = heap[child];
            place = child;
        }
        heap[place] = entry;
    }

    private static void Sort<TEntry>(TEntry* entries, int count, int depth) where TEntry : unmanaged, IBinaryInteger<TEntry>
    {
        for (; count > Short; depth--)
        {
            if (depth == 0)
            {
                HeapSort(entries, count);
                return;
            }
            int below = Partition(entries, count);
            // The shorter part by recursion, so that the stack stays shallow.
            if (below < count - below)
            {
                Sort(entries, below, depth - 1);
                entries += below;
                count -= below;
            }
            else
            {
                Sort(entries + below, count - below, depth - 1);
                count = below;
            }
        }
        InsertionSort(entries, count);
    }

    // Hoare's, about the median of three: no entry before the place returned is greater than one from there on, and both parts have entries.
    private static int Partition<TEntry>(TEntry* entries, int count) where TEntry : unmanaged, IBinaryInteger<TEntry>
    {
        TEntry a = entries[0], b = entries[count / 2], c = entries[count - 1];
        TEntry pivot = TEntry.Max(TEntry.Min(a, b), TEntry.Min(TEntry.Max(a, b), c));
        int low = -1, high = count;
        while (true)
        {
            do
                low++;
            while (entries[low] < pivot);
            do
                high--;
            while (entries[high] > pivot);
            if (low >= high)
                return high + 1;
            (entries[low], entries[high]) = (entries[high], entries[low]);
        }
    }

    private static void InsertionSort<TEntry>(TEntry* entries, int count) where TEntry : unmanaged, IBinaryInteger<TEntry>
    {
        for (int i = 1; i < count; i++)
        {
            TEntry entry = entries[i];
            int place = i;
            for (; place > 0 && entries[place - 1] > entry; place--)
                entries[place] = entries[place - 1];
            entries[place] = entry;
        }
    }

    // The heap has its least entry on top: taken out one by one they fall, so the result is turned round.
    private static void HeapSort<TEntry>(TEntry* entries, int count) where TEntry : unmanaged, IBinaryInteger<TEntry>
    {
        for (int i = count / 2 - 1; i >= 0; i--)
            Sink(entries, count, i, entries[i]);
        for (int last = count - 1; last > 0; last--)
        {
            TEntry entry = entries[last];
            entries[last] = entries[0];
            Sink(entries, last, 0, entry);
        }
        new Span<TEntry>(entries, count).Reverse();
    }
}
