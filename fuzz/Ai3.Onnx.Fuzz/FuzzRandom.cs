namespace Ai3.Onnx.Fuzz;

/// <summary>xorshift64*: the same numbers for the same seed on every platform.</summary>
internal sealed class FuzzRandom(ulong seed)
{
    private ulong _state = seed * 0x9E3779B97F4A7C15 + 0xD1B54A32D192ED03;

    public ulong Next()
    {
        _state ^= _state >> 12;
        _state ^= _state << 25;
        _state ^= _state >> 27;
        return _state * 0x2545F4914F6CDD1D;
    }

    /// <summary>A number in [0, limit).</summary>
    public int Below(int limit) => (int)((Next() >> 11) % (ulong)limit);

    public T Pick<T>(IReadOnlyList<T> items) => items[Below(items.Count)];
}
