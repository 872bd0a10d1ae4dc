using System.Runtime.CompilerServices;

namespace Ai3.Ops;

/// <summary>
/// The discrete Fourier transform of complex vectors, one signal a lane: element i has its real parts at z + i*step and its imaginary ones
/// a vector further on. Powers of two up to <see cref="MaxSize"/>, not scaled, in place.
/// </summary>
/// <remarks>
/// Stockham's order: radix 4, then radix 2 where the exponent is odd; no bit reversal, as stages go to and fro between two buffers. With real
/// and imaginary parts exchanged in memory the same code is the inverse. Registers: 8 of operands, 6 of a root, 2 of products: 16.
/// </remarks>
internal static unsafe class VectorFft
{
    /// <summary>The largest number of elements.</summary>
    public const int MaxSize = 64;

    // exp(-2 pi i k / MaxSize), rounded once.
    private static readonly float[] s_roots = Roots();

    /// <summary>Floats of scratch memory at most.</summary>
    public static int WorkCount(int lanes) => 4 * MaxSize * lanes;

    /// <summary>
    /// The error of a transform, relative to the result in the 2-norm, in units of u: 1 a level of additions, two of which make a radix-4 stage,
    /// and 2 sqrt(2) + 1 for each stage that multiplies by rounded roots: all but the last.
    /// </summary>
    public static double Roundings(int size)
    {
        int levels = int.Log2(size), stages = (levels + 1) / 2;
        return levels + Math.Max(0, stages - 1) * (2 * Math.Sqrt(2) + 1);
    }

    /// <summary>Transforms <paramref name="size"/> elements.</summary>
    /// <param name="z">The first element.</param>
    /// <param name="step">Floats from one element to the next.</param>
    /// <param name="size">A power of two, 1 to <see cref="MaxSize"/>.</param>
    /// <param name="work">Scratch memory.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Run<S, V>(float* z, nint step, int size, float* work) where S : struct, ISimd<V> where V : unmanaged
    {
        float* x = z, other = work + 2 * MaxSize * S.Lanes;
        nint from = step;
        fixed (float* roots = s_roots)
            for (int n = size, stride = 1; n > 1; n /= 4, stride *= 4)
            {
                bool last = n <= 4;
                float* y = last ? z : x == work ? other : work;
                nint to = last ? step : 2 * S.Lanes;
                if (n == 2)
                    Radix2<S, V>(x, from, y, to, stride);
                else
                    Radix4<S, V>(x, from, y, to, n / 4, stride, roots, MaxSize / size);
                x = y;
                from = to;
            }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Radix2<S, V>(float* x, nint from, float* y, nint to, int stride) where S : struct, ISimd<V> where V : unmanaged
    {
        for (int q = 0; q < stride; q++, x += from, y += to)
        {
            V ar = S.Load(x), ai = S.Load(x + S.Lanes), br = S.Load(x + stride * from), bi = S.Load(x + stride * from + S.Lanes);
            Store<S, V>(y, S.Add(ar, br), S.Add(ai, bi));
            Store<S, V>(y + stride * to, S.Sub(ar, br), S.Sub(ai, bi));
        }
    }

    // Butterfly p of `count` takes elements p, p + count, p + 2 count, p + 3 count of each of `stride` interleaved signals.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Radix4<S, V>(float* x, nint from, float* y, nint to, int count, int stride, float* roots, int rootStep)
        where S : struct, ISimd<V> where V : unmanaged
    {
        nint quarter = (nint)count * stride * from, next = stride * to;
        for (int p = 0; p < count; p++, y += 3 * next)
        {
            float* root = roots + 2 * p * stride * rootStep;
            V r1 = S.Splat(root), i1 = S.Splat(root + 1);
            root = roots + 4 * p * stride * rootStep;
            V r2 = S.Splat(root), i2 = S.Splat(root + 1);
            root = roots + 6 * p * stride * rootStep;
            V r3 = S.Splat(root), i3 = S.Splat(root + 1);
            for (int q = 0; q < stride; q++, x += from, y += to)
            {
                V ar = S.Load(x), ai = S.Load(x + S.Lanes), cr = S.Load(x + 2 * quarter), ci = S.Load(x + 2 * quarter + S.Lanes);
                V evenR = S.Add(ar, cr), evenI = S.Add(ai, ci);
                (ar, ai) = (S.Sub(ar, cr), S.Sub(ai, ci));
                V br = S.Load(x + quarter), bi = S.Load(x + quarter + S.Lanes), dr = S.Load(x + 3 * quarter), di = S.Load(x + 3 * quarter + S.Lanes);
                V oddR = S.Add(br, dr), oddI = S.Add(bi, di);
                (br, bi) = (S.Sub(br, dr), S.Sub(bi, di));
                Store<S, V>(y, S.Add(evenR, oddR), S.Add(evenI, oddI));
                (evenR, evenI) = (S.Sub(evenR, oddR), S.Sub(evenI, oddI));
                // a - i b and a + i b.
                (oddR, oddI) = (S.Add(ar, bi), S.Sub(ai, br));
                (ar, ai) = (S.Sub(ar, bi), S.Add(ai, br));
                if (p == 0)
                {
                    Store<S, V>(y + next, oddR, oddI);
                    Store<S, V>(y + 2 * next, evenR, evenI);
                    Store<S, V>(y + 3 * next, ar, ai);
                }
                else
                {
                    StoreProduct<S, V>(y + next, oddR, oddI, r1, i1);
                    StoreProduct<S, V>(y + 2 * next, evenR, evenI, r2, i2);
                    StoreProduct<S, V>(y + 3 * next, ar, ai, r3, i3);
                }
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store<S, V>(float* y, V re, V im) where S : struct, ISimd<V> where V : unmanaged
    {
        S.Store(re, y);
        S.Store(im, y + S.Lanes);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void StoreProduct<S, V>(float* y, V re, V im, V rootR, V rootI) where S : struct, ISimd<V> where V : unmanaged =>
        Store<S, V>(y, S.MulSub(re, rootR, S.Mul(im, rootI)), S.MulAdd(re, rootI, S.Mul(im, rootR)));

    private static float[] Roots()
    {
        var roots = new float[2 * MaxSize];
        for (int k = 0; k < MaxSize; k++)
            (roots[2 * k], roots[2 * k + 1]) = ((float)double.CosPi(2.0 * k / MaxSize), (float)-double.SinPi(2.0 * k / MaxSize));
        return roots;
    }
}
