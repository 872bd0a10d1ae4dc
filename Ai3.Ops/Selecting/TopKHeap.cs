using System.Numerics;

namespace Ai3.Ops;

/// <summary>
/// The best K entries so far stand in a heap with the worst on top; each further element is compared with it. The heap is sorted at the
/// end. n + K log K log(n/K) steps for random elements. Workspace: K entries a worker.
/// </summary>
internal readonly unsafe struct TopKHeap : ITopKMethod
{
    public static Algorithm<TopKProblem> Row { get; } = new()
    {
        Name = "heap",
        Source = "the best so far in a heap (Williams 1964), sorted at the end",
        Workspace = "k entries a thread",
        Supports = static (p, _) => TopKAlgorithms.Supports(p),
        WorkspaceBytes = static r => r.Target.Threads * r.Problem.K * TopKAlgorithms.EntryBytes(r.Problem),
        CostHint = static r => 100 + Cost(r.Problem) / r.Target.Threads,
        Error = static (_, _) => ErrorBound.Exact,
        Bind = static (r, _) => TopKLanes.Bind<TopKHeap>(r.Problem, r.Problem.K),
    };

    private static double Cost(TopKProblem p)
    {
        double k = Math.Max(p.K, 1), replaced = k * Math.Log(Math.Max(p.Length, 1) / k + 1);
        return p.Outer * p.Inner * (p.Length * 1.2 + replaced * 4 * Math.Log2(k + 1) + TopKAlgorithms.SortCost(k));
    }

    public static TEntry* Find<T, TEntry, E>(T* x, nint stride, int length, int k, ulong flip, TEntry* heap)
        where T : unmanaged where TEntry : unmanaged, IBinaryInteger<TEntry> where E : struct, ISortEntry<T, TEntry>
    {
        for (int i = 0; i < k; i++)
            heap[i] = E.Make(x[i * stride], (uint)i, flip);
        for (int i = k / 2 - 1; i >= 0; i--)
            EntrySort.Sink(heap, k, i, heap[i]);
        for (int i = k; i < length; i++)
        {
            TEntry entry = E.Make(x[i * stride], (uint)i, flip);
            if (entry > heap[0])
                EntrySort.Sink(heap, k, 0, entry);
        }
        EntrySort.Sort(heap, k);
        return heap;
    }
}
