using System.Runtime.CompilerServices;
using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>A function of one float32 vector.</summary>
internal interface IFloatUnary
{
    static abstract V Apply<S, V>(V x, V alpha, V beta) where S : struct, ISimd<V> where V : unmanaged;
}

/// <summary>A function of two float32 vectors.</summary>
internal interface IFloatBinary
{
    static abstract V Apply<S, V>(V a, V b) where S : struct, ISimd<V> where V : unmanaged;
}

/// <summary>float32 vector loops over a row: y[i] = F(a[i]). Tails are partial vectors, so an element's bits do not depend on its place.</summary>
internal readonly unsafe struct FloatUnaryRows<F> : IIsaFunc<RowFunction> where F : struct, IFloatUnary
{
    public RowFunction Create<S, V>() where S : struct, ISimd<V> where V : unmanaged => new(&Run<S, V>, DType.Float32, DType.Float32);

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Run<S, V>(RowArgs* r) where S : struct, ISimd<V> where V : unmanaged
    {
        var x = (float*)r->A;
        var y = (float*)r->Y;
        nint n = r->Count;
        V alpha = S.Create((float)r->Alpha), beta = S.Create((float)r->Beta);
        for (; n >= 4 * S.Lanes; n -= 4 * S.Lanes, x += 4 * S.Lanes, y += 4 * S.Lanes)
        {
            V x0 = S.Load(x), x1 = S.Load(x + S.Lanes), x2 = S.Load(x + 2 * S.Lanes), x3 = S.Load(x + 3 * S.Lanes);
            S.Store(F.Apply<S, V>(x0, alpha, beta), y);
            S.Store(F.Apply<S, V>(x1, alpha, beta), y + S.Lanes);
            S.Store(F.Apply<S, V>(x2, alpha, beta), y + 2 * S.Lanes);
            S.Store(F.Apply<S, V>(x3, alpha, beta), y + 3 * S.Lanes);
        }
        for (; n > 0; n -= S.Lanes, x += S.Lanes, y += S.Lanes)
        {
            int lanes = (int)nint.Min(n, S.Lanes);
            S.StorePartial(F.Apply<S, V>(S.LoadPartial(x, lanes), alpha, beta), y, lanes);
        }
    }
}

/// <summary>float32 vector loops over a row: y[i] = F(a[i], b[i]), where either operand may be one element for all.</summary>
internal readonly unsafe struct FloatBinaryRows<F> : IIsaFunc<RowFunction> where F : struct, IFloatBinary
{
    public RowFunction Create<S, V>() where S : struct, ISimd<V> where V : unmanaged => new(&Run<S, V>, DType.Float32, DType.Float32, DType.Float32);

    private static void Run<S, V>(RowArgs* r) where S : struct, ISimd<V> where V : unmanaged
    {
        float* a = (float*)r->A, b = (float*)r->B, y = (float*)r->Y;
        if (r->StepA != 0 && r->StepB != 0)
            Both<S, V>(r->Count, a, b, y);
        else if (r->StepA != 0)
            Second<S, V>(r->Count, a, S.Splat(b), y);
        else if (r->StepB != 0)
            First<S, V>(r->Count, S.Splat(a), b, y);
        else
            None<S, V>(r->Count, F.Apply<S, V>(S.Splat(a), S.Splat(b)), y);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Both<S, V>(nint n, float* a, float* b, float* y) where S : struct, ISimd<V> where V : unmanaged
    {
        for (; n >= 4 * S.Lanes; n -= 4 * S.Lanes, a += 4 * S.Lanes, b += 4 * S.Lanes, y += 4 * S.Lanes)
        {
            V y0 = F.Apply<S, V>(S.Load(a), S.Load(b));
            V y1 = F.Apply<S, V>(S.Load(a + S.Lanes), S.Load(b + S.Lanes));
            V y2 = F.Apply<S, V>(S.Load(a + 2 * S.Lanes), S.Load(b + 2 * S.Lanes));
            V y3 = F.Apply<S, V>(S.Load(a + 3 * S.Lanes), S.Load(b + 3 * S.Lanes));
            S.Store(y0, y);
            S.Store(y1, y + S.Lanes);
            S.Store(y2, y + 2 * S.Lanes);
            S.Store(y3, y + 3 * S.Lanes);
        }
        for (; n > 0; n -= S.Lanes, a += S.Lanes, b += S.Lanes, y += S.Lanes)
        {
            int lanes = (int)nint.Min(n, S.Lanes);
            S.StorePartial(F.Apply<S, V>(S.LoadPartial(a, lanes), S.LoadPartial(b, lanes)), y, lanes);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Second<S, V>(nint n, float* a, V b, float* y) where S : struct, ISimd<V> where V : unmanaged
    {
        for (; n >= 4 * S.Lanes; n -= 4 * S.Lanes, a += 4 * S.Lanes, y += 4 * S.Lanes)
        {
            V y0 = F.Apply<S, V>(S.Load(a), b);
            V y1 = F.Apply<S, V>(S.Load(a + S.Lanes), b);
            V y2 = F.Apply<S, V>(S.Load(a + 2 * S.Lanes), b);
            V y3 = F.Apply<S, V>(S.Load(a + 3 * S.Lanes), b);
            S.Store(y0, y);
            S.Store(y1, y + S.Lanes);
            S.Store(y2, y + 2 * S.Lanes);
            S.Store(y3, y + 3 * S.Lanes);
        }
        for (; n > 0; n -= S.Lanes, a += S.Lanes, y += S.Lanes)
        {
            int lanes = (int)nint.Min(n, S.Lanes);
            S.StorePartial(F.Apply<S, V>(S.LoadPartial(a, lanes), b), y, lanes);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void First<S, V>(nint n, V a, float* b, float* y) where S : struct, ISimd<V> where V : unmanaged
    {
        for (; n >= 4 * S.Lanes; n -= 4 * S.Lanes, b += 4 * S.Lanes, y += 4 * S.Lanes)
        {
            V y0 = F.Apply<S, V>(a, S.Load(b));
            V y1 = F.Apply<S, V>(a, S.Load(b + S.Lanes));
            V y2 = F.Apply<S, V>(a, S.Load(b + 2 * S.Lanes));
            V y3 = F.Apply<S, V>(a, S.Load(b + 3 * S.Lanes));
            S.Store(y0, y);
            S.Store(y1, y + S.Lanes);
            S.Store(y2, y + 2 * S.Lanes);
            S.Store(y3, y + 3 * S.Lanes);
        }
        for (; n > 0; n -= S.Lanes, b += S.Lanes, y += S.Lanes)
        {
            int lanes = (int)nint.Min(n, S.Lanes);
            S.StorePartial(F.Apply<S, V>(a, S.LoadPartial(b, lanes)), y, lanes);
        }
    }

    private static void None<S, V>(nint n, V value, float* y) where S : struct, ISimd<V> where V : unmanaged
    {
        for (; n > 0; n -= S.Lanes, y += S.Lanes)
            S.StorePartial(value, y, (int)nint.Min(n, S.Lanes));
    }
}
