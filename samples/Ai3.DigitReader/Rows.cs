using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Ai3.DigitReader;

/// <summary>Sums over rows with a fixed order of roundings: four lanes and a tail, never fused, so the bits do not depend on the machine.</summary>
internal static class Rows
{
    /// <summary>y += a x.</summary>
    public static void AddScaled(float a, ReadOnlySpan<float> x, Span<float> y)
    {
        ref float px = ref MemoryMarshal.GetReference(x), py = ref MemoryMarshal.GetReference(y[..x.Length]);
        Vector128<float> factor = Vector128.Create(a);
        int i = 0;
        for (; i + 4 <= x.Length; i += 4)
            (Vector128.LoadUnsafe(ref py, (nuint)i) + factor * Vector128.LoadUnsafe(ref px, (nuint)i)).StoreUnsafe(ref py, (nuint)i);
        for (; i < x.Length; i++)
            y[i] += a * x[i];
    }

    /// <summary>The sum of x[i] y[i].</summary>
    public static float Dot(ReadOnlySpan<float> x, ReadOnlySpan<float> y)
    {
        ref float px = ref MemoryMarshal.GetReference(x), py = ref MemoryMarshal.GetReference(y[..x.Length]);
        Vector128<float> sums = Vector128<float>.Zero;
        int i = 0;
        for (; i + 4 <= x.Length; i += 4)
            sums += Vector128.LoadUnsafe(ref px, (nuint)i) * Vector128.LoadUnsafe(ref py, (nuint)i);
        float sum = sums[0] + sums[1] + (sums[2] + sums[3]);
        for (; i < x.Length; i++)
            sum += x[i] * y[i];
        return sum;
    }
}
