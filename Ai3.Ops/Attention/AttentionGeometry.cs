using System.Collections.Immutable;
using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>Where the row of elements of (batch, head, position) begins, in elements.</summary>
internal readonly record struct HeadLayout(nint Offset, nint Batch, nint Head, nint Row)
{
    public nint At(long batch, long head, long position) => Offset + (nint)batch * Batch + (nint)head * Head + (nint)position * Row;

    /// <summary>[batch, head, position, element].</summary>
    public static HeadLayout HeadsOutside(long heads, long positions, long size) =>
        new(0, (nint)(heads * positions * size), (nint)(positions * size), (nint)size);

    /// <summary>[batch, position, width] with heads side by side from <paramref name="offset"/> on.</summary>
    public static HeadLayout HeadsInside(long positions, long width, long size, long offset = 0) =>
        new((nint)offset, (nint)(positions * width), (nint)size, (nint)width);
}

/// <summary>The dimensions of an attention problem and where each operand's elements are.</summary>
internal sealed class AttentionGeometry
{
    public AttentionGeometry(AttentionProblem p)
    {
        AttentionRoles roles = AttentionRoles.Of(p.Form);
        Heads = p.Heads;
        KvHeads = p.KvHeads;
        Shape q = p.Operands[0].Shape;
        Batch = q[0];
        Shape? k = Get(p.Operands, roles.Key), v = Get(p.Operands, roles.Value);
        switch (p.Form)
        {
            case AttentionForm.Projected:
                (long dq, long dk, long dv) = (p.HiddenSizes[0], p.HiddenSizes[1], p.HiddenSizes[2]);
                Queries = NewKeys = q[1];
                Size = dq / Heads;
                ValueSize = dv / Heads;
                long width = dq + dk + dv;
                Query = HeadLayout.HeadsInside(Queries, width, Size);
                Key = HeadLayout.HeadsInside(Queries, width, Size, dq);
                Value = HeadLayout.HeadsInside(Queries, width, ValueSize, dq + dk);
                break;
            case AttentionForm.GroupQuery when k is null:
                Queries = NewKeys = q[1];
                Size = ValueSize = q[2] / (Heads + 2 * KvHeads);
                Query = HeadLayout.HeadsInside(Queries, q[2], Size);
                Key = HeadLayout.HeadsInside(Queries, q[2], Size, Heads * Size);
                Value = HeadLayout.HeadsInside(Queries, q[2], Size, (Heads + KvHeads) * Size);
                break;
            case AttentionForm.MultiHead when q.Rank == 5:
                Queries = NewKeys = q[1];
                Size = ValueSize = q[4];
                Query = Packed(3, 0);
                Key = Packed(3, 1);
                Value = Packed(3, 2);
                break;
            default:
                Queries = q.Rank == 4 ? q[2] : q[1];
                Size = q.Rank == 4 ? q[3] : q[2] / Heads;
                Query = Layout(q, Heads, Size);
                NewKeys = k!.Value.Rank == 4 ? k.Value[2] : k.Value[1];
                if (k.Value.Rank == 5)
                {
                    ValueSize = Size;
                    Key = Packed(2, 0);
                    Value = Packed(2, 1);
                    break;
                }
                ValueSize = v!.Value.Rank == 4 ? v.Value[3] : v.Value[2] / KvHeads;
                Key = Layout(k.Value, KvHeads, Size);
                Value = Layout(v.Value, KvHeads, ValueSize);
                break;
        }
        Shape? past = Get(p.Operands, roles.PastKey);
        Past = past is null ? 0 : past.Value[^2];
        Capacity = p.Form == AttentionForm.GroupQuery ? Math.Max(Past, p.TotalLength) : Past + NewKeys;
        ScoredKeys = p.Form == AttentionForm.GroupQuery ? p.TotalLength : Capacity;
        bool gives = p.Results.Length > 1 && (!p.Results[1].IsAbsent || p.Results.Length > 2 && !p.Results[2].IsAbsent);
        bool biased = Get(p.Operands, roles.ProjectionBias) is not null;
        MovesQuery = biased || p.Rotary;
        BiasesKeys = biased && k?.Rank != 4;
        Assembles = past is not null || gives || BiasesKeys || p.Form == AttentionForm.GroupQuery;
        bool outside = p.Form == AttentionForm.Standard && q.Rank == 4;
        Output = outside ? HeadLayout.HeadsOutside(Heads, Queries, ValueSize) : HeadLayout.HeadsInside(Queries, Heads * ValueSize, ValueSize);
        MovedQuery = HeadLayout.HeadsOutside(Heads, Queries, Size);
        KeyCache = HeadLayout.HeadsOutside(KvHeads, Capacity, Size);
        ValueCache = HeadLayout.HeadsOutside(KvHeads, Capacity, ValueSize);
        PastKeyLayout = HeadLayout.HeadsOutside(KvHeads, Past, Size);
        PastValueLayout = HeadLayout.HeadsOutside(KvHeads, Past, ValueSize);

        HeadLayout Packed(int parts, int part) => new((nint)(part * Size), (nint)(NewKeys * Heads * parts * Size), (nint)(parts * Size), (nint)(Heads * parts * Size));
    }

    public long Batch { get; }

    /// <summary>Query rows of a head.</summary>
    public long Queries { get; }

    /// <summary>New keys of a head.</summary>
    public long NewKeys { get; }

    /// <summary>Rows that the past has room for.</summary>
    public long Past { get; }

    /// <summary>Rows that the present has room for: past and new ones.</summary>
    public long Capacity { get; }

    /// <summary>Keys in a row of the output of scores.</summary>
    public long ScoredKeys { get; }

    public int Heads { get; }

    public int KvHeads { get; }

    /// <summary>Query heads that share a head of keys.</summary>
    public int Group => Heads / KvHeads;

    /// <summary>Elements of a query or key.</summary>
    public long Size { get; }

    /// <summary>Elements of a value.</summary>
    public long ValueSize { get; }

    /// <summary>Where the operator's queries are.</summary>
    public HeadLayout Query { get; }

    /// <summary>Where the operator's new keys are.</summary>
    public HeadLayout Key { get; }

    /// <summary>Where the operator's new values are.</summary>
    public HeadLayout Value { get; }

    public HeadLayout Output { get; }

    /// <summary>True if queries are changed first and so copied.</summary>
    public bool MovesQuery { get; }

    /// <summary>True if keys and values are put together in a cache first, an output's or a temporary one.</summary>
    public bool Assembles { get; }

    /// <summary>True if the projection's bias has parts for keys and values: those that come with heads outside have theirs already.</summary>
    public bool BiasesKeys { get; }

    public HeadLayout MovedQuery { get; }

    public HeadLayout KeyCache { get; }

    public HeadLayout ValueCache { get; }

    public HeadLayout PastKeyLayout { get; }

    public HeadLayout PastValueLayout { get; }

    private static Shape? Get(ImmutableArray<TensorType> operands, int index) =>
        index >= 0 && index < operands.Length && !operands[index].IsAbsent ? operands[index].Shape : null;

    private static HeadLayout Layout(Shape shape, long heads, long size) =>
        shape.Rank == 4 ? HeadLayout.HeadsOutside(heads, shape[2], size) : HeadLayout.HeadsInside(shape[1], shape[2], size);
}
