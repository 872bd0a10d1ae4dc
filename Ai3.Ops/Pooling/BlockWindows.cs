namespace Ai3.Ops;

/// <summary>
/// Pools of all windows of K neighbours in three steps an element, however long K is: cut the line into blocks of K; a window is the end of
/// one block and the beginning of the next, so its pool is that of the block's suffix and the next one's prefix. Van Herk 1992, Gil and
/// Werman 1993, for maxima. Sums do as well: nothing is subtracted, so the error is that of K + 1 additions.
/// </summary>
internal static unsafe class BlockWindows
{
    /// <summary>One line in each of the first <paramref name="lanes"/> lanes.</summary>
    /// <param name="from">The element at position <paramref name="first"/>; the next is <paramref name="step"/> on.</param>
    /// <param name="step">Elements from one position to the next.</param>
    /// <param name="first">The first position on the input; those before it are padding.</param>
    /// <param name="end">One past the last position on the input.</param>
    /// <param name="kernel">Positions of a window.</param>
    /// <param name="stride">Positions from one window to the next.</param>
    /// <param name="outputs">Windows; the first begins at position 0.</param>
    /// <param name="to">The first result; the next is <paramref name="toStep"/> on.</param>
    /// <param name="toStep">Elements from one result to the next.</param>
    /// <param name="suffixes">Memory for kernel vectors.</param>
    /// <param name="lanes">Lanes in use.</param>
    public static void Run<S, V, P>(float* from, nint step, nint first, nint end, nint kernel, nint stride, nint outputs, float* to, nint toStep, float* suffixes, int lanes)
        where S : struct, ISimd<V> where V : unmanaged where P : struct, IPoolStep
    {
        nint o = 0;
        for (nint block = 0; o < outputs; block += kernel)
        {
            nint next = block + kernel, start = o * stride;
            if (start >= next)
                continue;
            V v = S.Create(P.Initial);
            nint i = next - 1, outside = Math.Max(start, end), last = Math.Max(start, first);
            for (; i >= outside; i--)
                S.Store(v, suffixes + (i - block) * S.Lanes);
            for (float* p = from + (i - first) * step; i >= last; i--, p -= step)
            {
                v = P.Add<S, V>(v, Load<S, V>(p, lanes));
                S.Store(v, suffixes + (i - block) * S.Lanes);
            }
            for (; i >= start; i--)
                S.Store(v, suffixes + (i - block) * S.Lanes);
            v = S.Create(P.Initial);
            nint taken = Math.Max(next, first);
            for (; o < outputs && start < next; o++, start += stride)
            {
                nint stop = Math.Min(start + kernel, end);
                for (float* p = from + (taken - first) * step; taken < stop; taken++, p += step)
                    v = P.Add<S, V>(v, Load<S, V>(p, lanes));
                V suffix = S.Load(suffixes + (start - block) * S.Lanes);
                V result = start == block ? suffix : P.Add<S, V>(suffix, v);
                if (lanes == S.Lanes)
                    S.Store(result, to + o * toStep);
                else
                    S.StorePartial(result, to + o * toStep, lanes);
            }
        }
    }

    private static V Load<S, V>(float* p, int lanes) where S : struct, ISimd<V> where V : unmanaged => lanes == S.Lanes ? S.Load(p) : S.LoadPartial(p, lanes);
}
