using System.Runtime.CompilerServices;
using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>What a mask's elements mean.</summary>
internal enum MaskKind
{
    None,
    /// <summary>Booleans: false leaves the key out.</summary>
    Allow,
    /// <summary>Numbers added to the scores; minus infinity leaves the key out.</summary>
    Add,
    /// <summary>int32: 0 adds the filter.</summary>
    Keep,
    /// <summary>int32 a batch: keys from there on get the filter added; then, perhaps, int32 a batch that keys before get it for.</summary>
    End,
}

/// <summary>One mask or bias over [batch, head, query, key], broadcast by strides of 0. Key rows are contiguous.</summary>
internal unsafe struct MaskTerm
{
    public MaskKind Kind;
    public DType Type;
    public void* Data;
    public nint Batch;
    public nint Head;
    public nint Query;

    /// <summary>Keys that it covers; keys from there on are left out.</summary>
    public long Keys;
    public float Filter;

    /// <summary>For <see cref="MaskKind.End"/>: where the first keys are; null for 0.</summary>
    public int* Starts;

    /// <summary>What it adds to one score; minus infinity leaves the key out.</summary>
    public readonly double At(long b, long h, long i, long j)
    {
        nint at = (nint)b * Batch + (nint)h * Head + (nint)i * Query + (nint)j;
        return Kind switch
        {
            MaskKind.Allow => ((byte*)Data)[at] != 0 ? 0 : double.NegativeInfinity,
            MaskKind.Add => ElementAccess.Read(Data, Type, at),
            MaskKind.Keep => ((int*)Data)[at] != 0 ? 0 : Filter,
            MaskKind.End => j >= ((int*)Data)[b] || Starts != null && j < Starts[b] ? Filter : 0,
            _ => 0,
        };
    }

    /// <summary>Adds it to the float32 scores of keys [from, from + count); those of keys left out become minus infinity.</summary>
    public readonly void AddTo<S, V>(float* scores, long b, long h, long i, long from, long count) where S : struct, ISimd<V> where V : unmanaged
    {
        nint at = (nint)b * Batch + (nint)h * Head + (nint)i * Query + (nint)from;
        switch (Kind)
        {
            case MaskKind.Allow:
                byte* allow = (byte*)Data + at;
                for (nint j = 0; j < count; j++)
                    if (allow[j] == 0)
                        scores[j] = float.NegativeInfinity;
                break;
            case MaskKind.Add:
                Add<S, V>((float*)Data + at, scores, (nint)count);
                break;
            case MaskKind.Keep:
                int* keep = (int*)Data + at;
                for (nint j = 0; j < count; j++)
                    if (keep[j] == 0)
                        scores[j] += Filter;
                break;
            case MaskKind.End:
                long end = ((int*)Data)[b], start = Starts == null ? 0 : Starts[b];
                for (nint j = 0; j < count; j++)
                    if (from + j >= end || from + j < start)
                        scores[j] += Filter;
                break;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Add<S, V>(float* bias, float* scores, nint count) where S : struct, ISimd<V> where V : unmanaged
    {
        V excluded = S.Create(float.NegativeInfinity);
        for (nint j = 0; j < count; j += S.Lanes)
        {
            int n = (int)Math.Min(S.Lanes, count - j);
            V add = S.LoadPartial(bias + j, n);
            S.StorePartial(S.Select(S.Equal(add, excluded), excluded, S.Add(S.LoadPartial(scores + j, n), add)), scores + j, n);
        }
    }
}
