using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>
/// Moves queries to a buffer of their own with bias and rotation, and puts past and new keys and values together in caches: one
/// item a (batch, head), heads of queries first, then those of keys, then of values.
/// </summary>
internal unsafe struct AttentionMove<E> : IParallelBody where E : struct, IElement
{
    public AttentionGeometry Geometry;
    public AttentionProblem Problem;
    public int ElementSize;
    public AttentionCall Call;
    public nint MovedQuery;
    public nint KeyCache;
    public nint ValueCache;
    public nint PastKey;
    public nint PastValue;
    public nint Bias;
    public nint Cos;
    public nint Sin;
    public long* Positions;

    private readonly int QueryHeads => MovedQuery == 0 ? 0 : Geometry.Heads;

    private readonly int CachedHeads => KeyCache == 0 ? 0 : Geometry.KvHeads;

    public readonly int Items => checked((int)Geometry.Batch * (QueryHeads + 2 * CachedHeads));

    public readonly void Run(int begin, int end, int worker)
    {
        int heads = QueryHeads + 2 * CachedHeads;
        for (int item = begin; item < end; item++)
        {
            (int b, int h) = Math.DivRem(item, heads);
            if (h < QueryHeads)
                Queries(b, h);
            else if (h < QueryHeads + CachedHeads)
                Cache(b, h - QueryHeads, KeyCache, PastKey, Geometry.PastKeyLayout, Geometry.KeyCache, Geometry.Size, Call.Key, Call.KeyLayout,
                    Geometry.Heads * Geometry.Size, rotates: true);
            else
                Cache(b, h - QueryHeads - CachedHeads, ValueCache, PastValue, Geometry.PastValueLayout, Geometry.ValueCache, Geometry.ValueSize, Call.Value,
                    Call.ValueLayout, (Geometry.Heads + Geometry.KvHeads) * Geometry.Size, rotates: false);
        }
    }

    private readonly void Queries(long b, long h)
    {
        long offset = Call.Mask.Of(b).Offset;
        for (long i = 0; i < Geometry.Queries; i++)
            Row(b, i, offset + i, Call.Query, Call.QueryLayout.At(b, h, i), (void*)MovedQuery, Geometry.MovedQuery.At(b, h, i), Geometry.Size, Bias, (nint)(h * Geometry.Size), rotates: true);
    }

    // Past rows in front, new ones behind them, what room is left as it was.
    private readonly void Cache(long b, long h, nint cache, nint past, HeadLayout pastLayout, HeadLayout layout, long width, void* source, HeadLayout sourceLayout,
        long biasAt, bool rotates)
    {
        AttentionGeometry g = Geometry;
        long offset = Problem.Form == AttentionForm.GroupQuery ? Call.Mask.Of(b).Offset : g.Past;
        long count = Math.Min(g.NewKeys, g.Capacity - offset), bytes = width * ElementSize;
        byte* target = (byte*)cache + layout.At(b, h, 0) * ElementSize;
        long held = past == 0 ? 0 : g.Past;
        if (held > 0)
            Buffer.MemoryCopy((byte*)past + pastLayout.At(b, h, 0) * ElementSize, target, held * bytes, held * bytes);
        for (long t = held; t < g.Capacity; t++)
            if (t < offset || t >= offset + count)
                new Span<byte>(target + t * bytes, (int)bytes).Clear();
        nint bias = g.BiasesKeys ? Bias : 0;
        bool contiguous = bias == 0 && !(rotates && Problem.Rotary);
        for (long t = 0; t < count; t++)
        {
            nint from = sourceLayout.At(b, h, t), to = layout.At(b, h, offset + t);
            if (contiguous)
                Buffer.MemoryCopy((byte*)source + from * ElementSize, (byte*)cache + to * ElementSize, bytes, bytes);
            else
                Row(b, t, offset + t, source, from, (void*)cache, to, width, bias, (nint)(biasAt + h * width), rotates);
        }
    }

    private readonly void Row(long b, long i, long position, void* x, nint from, void* y, nint to, long width, nint bias, nint biasAt, bool rotates)
    {
        if (!(rotates && Problem.Rotary))
        {
            for (nint d = 0; d < width; d++)
                E.Store(y, to + d, E.Load(x, from + d) + (bias == 0 ? 0 : E.Load((void*)bias, biasAt + d)));
            return;
        }
        Shape table = Problem.Operands[AttentionRoles.Of(Problem.Form).Cos].Shape;
        long half = table[1];
        if (Positions != null)
            position = Positions[b * Geometry.Queries + i];
        nint at = (nint)(Math.Clamp(position, 0, table[0] - 1) * half);
        RotaryRow.Rotate<E>(x, from, y, to, (void*)Cos, (void*)Sin, at, half, width, Problem.Interleaved);
    }
}
