using System.Runtime.InteropServices;

namespace Ai3.Ops;

/// <summary>
/// The iterations of a loop, dealt to its threads in equal runs. A thread takes from the front of its own run, half of what is left
/// at a time; when that is empty, half of another's from the end. So a thread works on the same part of every loop of that length, where
/// its caches hold what it wrote, and nobody idles while a run is left.
/// </summary>
internal sealed class WorkShares
{
    private readonly Share[] _shares;

    public WorkShares(int threads) => _shares = new Share[threads];

    public void Deal(int count)
    {
        for (int i = 0; i < _shares.Length; i++)
        {
            int begin = (int)((long)count * i / _shares.Length), end = (int)((long)count * (i + 1) / _shares.Length);
            _shares[i].Left = Pack(begin, end);
        }
    }

    public bool TryTake(int thread, out int begin, out int end)
    {
        if (TryTake(ref _shares[thread].Left, fromFront: true, out begin, out end))
            return true;
        for (int i = 1; i < _shares.Length; i++)
        {
            int other = thread + i < _shares.Length ? thread + i : thread + i - _shares.Length;
            if (TryTake(ref _shares[other].Left, fromFront: false, out begin, out end))
                return true;
        }
        return false;
    }

    private static bool TryTake(ref long share, bool fromFront, out int begin, out int end)
    {
        long left = Volatile.Read(ref share);
        while (true)
        {
            begin = (int)(left >> 32);
            end = (int)left;
            if (begin >= end)
                return false;
            int half = (end - begin + 1) / 2;
            int cut = fromFront ? begin + half : end - half;
            long rest = fromFront ? Pack(cut, end) : Pack(begin, cut);
            long before = Interlocked.CompareExchange(ref share, rest, left);
            if (before != left)
            {
                left = before;
                continue;
            }
            if (fromFront)
                end = cut;
            else
                begin = cut;
            return true;
        }
    }

    private static long Pack(int begin, int end) => (long)begin << 32 | (uint)end;

    // A cache line and its neighbour, which processors fetch with it, for each.
    [StructLayout(LayoutKind.Explicit, Size = 128)]
    private struct Share
    {
        [FieldOffset(0)]
        public long Left;
    }
}
