using System.Runtime.CompilerServices;

namespace Ai3.Ops;

/// <summary>Copies of the elements of an image's row that one tap meets, with zeros for the padding.</summary>
internal static unsafe class RowCopy
{
    /// <summary>target[i] = row[start + i*step] for i below <paramref name="count"/>; zero where that is outside [0, length).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Padded<S, V>(float* row, int length, int start, int step, int count, float* target) where S : struct, ISimd<V> where V : unmanaged
    {
        // Elements [first, end) are on the row.
        int first = start >= 0 ? 0 : Math.Min(count, (-start + step - 1) / step);
        int end = start >= length ? first : Math.Max(first, Math.Min(count, (length - start + step - 1) / step));
        int at = 0;
        for (; at < first; at++)
            target[at] = 0;
        if (step == 1)
        {
            for (; at + S.Lanes <= end; at += S.Lanes)
                S.Store(S.Load(row + start + at), target + at);
            if (at < end)
                S.StorePartial(S.LoadPartial(row + start + at, end - at), target + at, end - at);
            at = end;
        }
        for (; at < end; at++)
            target[at] = row[start + (nint)at * step];
        for (; at < count; at++)
            target[at] = 0;
    }
}
