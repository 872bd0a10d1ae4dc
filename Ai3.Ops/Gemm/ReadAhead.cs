using System.Runtime.CompilerServices;

namespace Ai3.Ops;

/// <summary>A stretch of memory that tiles fetch while they compute others (<see cref="TileArgs.Ahead"/>), each its part, until all of it is taken.</summary>
internal unsafe struct ReadAhead(float* start, nint count)
{
    private float* _at = start;
    private readonly float* _end = start == null ? null : start + count;

    /// <summary>The part for a tile that sums <paramref name="depth"/> terms; null if nothing is left.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public float* Take(nint depth)
    {
        if (_at >= _end)
            return null;
        float* part = _at;
        _at += depth * TileArgs.AheadStep;
        return part;
    }
}
