using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>The operands of one run once queries, keys and values are as the scores need them.</summary>
internal unsafe struct AttentionCall
{
    public void* Query;
    public HeadLayout QueryLayout;
    public void* Key;
    public HeadLayout KeyLayout;
    public void* Value;
    public HeadLayout ValueLayout;
    public void* Output;

    /// <summary>The output of scores; null if it is not asked for.</summary>
    public void* Scores;

    /// <summary>A score for each head that joins the sum; null for none.</summary>
    public void* Sink;
    public AttentionMask Mask;
}

/// <summary>Where the parts of an attention's workspace begin, in bytes, each at a multiple of 64.</summary>
internal readonly struct AttentionWorkspace
{
    public AttentionWorkspace(AttentionProblem p, AttentionGeometry g, long scratchPerThread, int threads, AttentionProjection? projection)
    {
        int size = p.Type.ByteSize();
        Projected = 0;
        long at = projection is null ? 0 : Aligned(projection.OutputBytes);
        Inner = at;
        at = ShapeMath.Add(at, projection is null ? 0 : Aligned(projection.WorkspaceBytes));
        Query = at;
        at = ShapeMath.Add(at, g.MovesQuery ? Aligned(Bytes(g.Heads, g.Queries, g.Size)) : 0);
        bool joined = AttentionRoles.Of(p.Form).JoinsCaches;
        Key = at;
        at = ShapeMath.Add(at, g.Assembles && !Gives(p, 1) ? Aligned(Bytes(g.KvHeads, g.Capacity, g.Size)) : 0);
        Value = at;
        at = ShapeMath.Add(at, g.Assembles && !Gives(p, joined ? 1 : 2) ? Aligned(Bytes(g.KvHeads, g.Capacity, g.ValueSize)) : 0);
        Scratch = at;
        ScratchPerThread = Aligned(scratchPerThread);
        TotalBytes = ShapeMath.Add(at, ShapeMath.Multiply(ScratchPerThread, threads));

        long Bytes(long heads, long rows, long width) =>
            ShapeMath.Multiply(ShapeMath.Multiply(g.Batch, heads), ShapeMath.Multiply(ShapeMath.Multiply(rows, width), size));
    }

    public long Projected { get; }

    public long Inner { get; }

    public long Query { get; }

    public long Key { get; }

    public long Value { get; }

    public long Scratch { get; }

    public long ScratchPerThread { get; }

    public long TotalBytes { get; }

    public static bool Gives(AttentionProblem p, int output) => (uint)output < (uint)p.Results.Length && !p.Results[output].IsAbsent;

    private static long Aligned(long bytes) => ShapeMath.RoundUp(bytes, NativeBuffer.Alignment);
}
