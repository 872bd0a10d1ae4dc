using System.Numerics;

namespace Ai3.Ops;

/// <summary>All entries of a lane sorted, the best K taken. n log n steps whatever K. Workspace: n entries a worker.</summary>
internal readonly unsafe struct TopKSort : ITopKMethod
{
    public static Algorithm<TopKProblem> Row { get; } = new()
    {
        Name = "sort",
        Source = "all elements sorted (introsort, Musser 1997)",
        Workspace = "n entries a thread",
        Supports = static (p, _) => TopKAlgorithms.Supports(p),
        WorkspaceBytes = static r => r.Target.Threads * r.Problem.Length * TopKAlgorithms.EntryBytes(r.Problem),
        CostHint = static r => 100 + r.Problem.Outer * r.Problem.Inner * (r.Problem.Length + TopKAlgorithms.SortCost(r.Problem.Length)) / r.Target.Threads,
        Error = static (_, _) => ErrorBound.Exact,
        Bind = static (r, _) => TopKLanes.Bind<TopKSort>(r.Problem, r.Problem.Length),
    };

    public static TEntry* Find<T, TEntry, E>(T* x, nint stride, int length, int k, ulong flip, TEntry* scratch)
        where T : unmanaged where TEntry : unmanaged, IBinaryInteger<TEntry> where E : struct, ISortEntry<T, TEntry>
    {
        for (int i = 0; i < length; i++)
            scratch[i] = E.Make(x[i * stride], (uint)i, flip);
        EntrySort.Sort(scratch, length);
        return scratch + length - k;
    }
}
