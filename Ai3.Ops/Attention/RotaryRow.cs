namespace Ai3.Ops;

/// <summary>Rotates one row of elements, of any type, in double: pairs (x1, x2) become (c x1 - s x2, s x1 + c x2).</summary>
internal static unsafe class RotaryRow
{
    /// <summary>Rotates the first 2 half elements and copies the rest of the width; y may be x.</summary>
    public static void Rotate<E>(void* x, nint from, void* y, nint to, void* cos, void* sin, nint at, long half, long width, bool interleaved) where E : struct, IElement
    {
        nint step = interleaved ? 1 : (nint)half;
        for (nint k = 0; k < half; k++)
        {
            nint i = interleaved ? 2 * k : k;
            double x1 = E.Load(x, from + i), x2 = E.Load(x, from + i + step), c = E.Load(cos, at + k), s = E.Load(sin, at + k);
            E.Store(y, to + i, c * x1 - s * x2);
            E.Store(y, to + i + step, s * x1 + c * x2);
        }
        if (x == y && from == to)
            return;
        for (nint d = (nint)(2 * half); d < width; d++)
            E.Store(y, to + d, E.Load(x, from + d));
    }
}
