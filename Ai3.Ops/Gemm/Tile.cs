using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;

namespace Ai3.Ops;

/// <summary>The tile micro-kernel under GEMM, pointwise, direct, implicit GEMM and Winograd; <see cref="TileArgs"/> has the formula.</summary>
/// <remarks>
/// Accumulators are named locals (indexed ones leave the registers), up to 14 rows of two vectors; rows and columns that R and
/// C leave out cost nothing. Registers: 2 R accumulators, 2 of B, 1 of A: 31 of 32 at 14 rows, 15 of 16 at 6. Rows are
/// addressed from a base pointer every third row, as the processor scales an index by 4 or 8 only.
/// Fully optimised from the first call: at the first tier a tile would be a hundred times slower, and a short-lived process
/// would never leave that tier. Goto and van de Geijn 2008; Van Zee 2015 (BLIS); Dukhan 2019, arXiv:1907.02129 (offset table).
/// </remarks>
internal static unsafe class Tile
{
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Run<S, V, R, C>(TileArgs* t)
        where S : struct, ISimd<V> where V : unmanaged where R : struct, ITileRows where C : struct, ITileColumns
    {
        V c0_0 = S.Zero, c0_1 = S.Zero, c1_0 = S.Zero, c1_1 = S.Zero, c2_0 = S.Zero, c2_1 = S.Zero, c3_0 = S.Zero, c3_1 = S.Zero, c4_0 = S.Zero, c4_1 = S.Zero, c5_0 = S.Zero, c5_1 = S.Zero, c6_0 = S.Zero, c6_1 = S.Zero;
        V c7_0 = S.Zero, c7_1 = S.Zero, c8_0 = S.Zero, c8_1 = S.Zero, c9_0 = S.Zero, c9_1 = S.Zero, c10_0 = S.Zero, c10_1 = S.Zero, c11_0 = S.Zero, c11_1 = S.Zero, c12_0 = S.Zero, c12_1 = S.Zero, c13_0 = S.Zero, c13_1 = S.Zero;
        nint row = t->ARow, row2 = 2 * row, step = t->BStep;
        float* b = t->B, ahead = t->Ahead != null ? t->Ahead : b;
        Prefetch<R, C>(t->C, t->CRow, t->CBlock);
        nint* offset = t->Offsets;
        nint* offsetEnd = offset + t->Taps;
        do
        {
            float* a0 = t->A + *offset;
            float* a3 = a0 + 3 * row, a6 = a3 + 3 * row, a9 = a6 + 3 * row, a12 = a9 + 3 * row;
            nint k = t->KPerTap;
            do
            {
                V b0 = S.Load(b), b1 = C.Two ? S.Load(b + S.Lanes) : b0;
                MulAdd<S, V, C>(ref c0_0, ref c0_1, a0, b0, b1);
                if (R.Count > 1) MulAdd<S, V, C>(ref c1_0, ref c1_1, a0 + row, b0, b1);
                if (R.Count > 2) MulAdd<S, V, C>(ref c2_0, ref c2_1, a0 + row2, b0, b1);
                if (R.Count > 3) MulAdd<S, V, C>(ref c3_0, ref c3_1, a3, b0, b1);
                if (R.Count > 4) MulAdd<S, V, C>(ref c4_0, ref c4_1, a3 + row, b0, b1);
                if (R.Count > 5) MulAdd<S, V, C>(ref c5_0, ref c5_1, a3 + row2, b0, b1);
                if (R.Count > 6) MulAdd<S, V, C>(ref c6_0, ref c6_1, a6, b0, b1);
                if (R.Count > 7) MulAdd<S, V, C>(ref c7_0, ref c7_1, a6 + row, b0, b1);
                if (R.Count > 8) MulAdd<S, V, C>(ref c8_0, ref c8_1, a6 + row2, b0, b1);
                if (R.Count > 9) MulAdd<S, V, C>(ref c9_0, ref c9_1, a9, b0, b1);
                if (R.Count > 10) MulAdd<S, V, C>(ref c10_0, ref c10_1, a9 + row, b0, b1);
                if (R.Count > 11) MulAdd<S, V, C>(ref c11_0, ref c11_1, a9 + row2, b0, b1);
                if (R.Count > 12) MulAdd<S, V, C>(ref c12_0, ref c12_1, a12, b0, b1);
                if (R.Count > 13) MulAdd<S, V, C>(ref c13_0, ref c13_1, a12 + row, b0, b1);
                if (Sse.IsSupported)
                    Sse.Prefetch1(ahead);
                ahead += TileArgs.AheadStep;
                b += step;
                a0++;
                if (R.Count > 3) a3++;
                if (R.Count > 6) a6++;
                if (R.Count > 9) a9++;
                if (R.Count > 12) a12++;
            } while (--k != 0);
        } while (++offset != offsetEnd);

        int last = C.Masked ? t->LastColumns : S.Lanes;
        for (int n = 0; n < 2; n++)
        {
            float* p = n == 0 ? t->Addend0 : t->Addend1;
            if (p == null)
                continue;
            nint stride = n == 0 ? t->Addend0Row : t->Addend1Row, block = n == 0 ? t->Addend0Block : t->Addend1Block;
            Add<S, V, C>(ref c0_0, ref c0_1, p, block, last);
            if (R.Count > 1) Add<S, V, C>(ref c1_0, ref c1_1, p += stride, block, last);
            if (R.Count > 2) Add<S, V, C>(ref c2_0, ref c2_1, p += stride, block, last);
            if (R.Count > 3) Add<S, V, C>(ref c3_0, ref c3_1, p += stride, block, last);
            if (R.Count > 4) Add<S, V, C>(ref c4_0, ref c4_1, p += stride, block, last);
            if (R.Count > 5) Add<S, V, C>(ref c5_0, ref c5_1, p += stride, block, last);
            if (R.Count > 6) Add<S, V, C>(ref c6_0, ref c6_1, p += stride, block, last);
            if (R.Count > 7) Add<S, V, C>(ref c7_0, ref c7_1, p += stride, block, last);
            if (R.Count > 8) Add<S, V, C>(ref c8_0, ref c8_1, p += stride, block, last);
            if (R.Count > 9) Add<S, V, C>(ref c9_0, ref c9_1, p += stride, block, last);
            if (R.Count > 10) Add<S, V, C>(ref c10_0, ref c10_1, p += stride, block, last);
            if (R.Count > 11) Add<S, V, C>(ref c11_0, ref c11_1, p += stride, block, last);
            if (R.Count > 12) Add<S, V, C>(ref c12_0, ref c12_1, p += stride, block, last);
            if (R.Count > 13) Add<S, V, C>(ref c13_0, ref c13_1, p += stride, block, last);
        }
        float* bias = t->RowBias;
        if (bias != null)
        {
            AddAll<S, V, C>(ref c0_0, ref c0_1, bias);
            if (R.Count > 1) AddAll<S, V, C>(ref c1_0, ref c1_1, bias + 1);
            if (R.Count > 2) AddAll<S, V, C>(ref c2_0, ref c2_1, bias + 2);
            if (R.Count > 3) AddAll<S, V, C>(ref c3_0, ref c3_1, bias + 3);
            if (R.Count > 4) AddAll<S, V, C>(ref c4_0, ref c4_1, bias + 4);
            if (R.Count > 5) AddAll<S, V, C>(ref c5_0, ref c5_1, bias + 5);
            if (R.Count > 6) AddAll<S, V, C>(ref c6_0, ref c6_1, bias + 6);
            if (R.Count > 7) AddAll<S, V, C>(ref c7_0, ref c7_1, bias + 7);
            if (R.Count > 8) AddAll<S, V, C>(ref c8_0, ref c8_1, bias + 8);
            if (R.Count > 9) AddAll<S, V, C>(ref c9_0, ref c9_1, bias + 9);
            if (R.Count > 10) AddAll<S, V, C>(ref c10_0, ref c10_1, bias + 10);
            if (R.Count > 11) AddAll<S, V, C>(ref c11_0, ref c11_1, bias + 11);
            if (R.Count > 12) AddAll<S, V, C>(ref c12_0, ref c12_1, bias + 12);
            if (R.Count > 13) AddAll<S, V, C>(ref c13_0, ref c13_1, bias + 13);
        }
        if (t->Clamp)
        {
            V low = S.Create(t->Low), high = S.Create(t->High);
            Clamp<S, V, C>(ref c0_0, ref c0_1, low, high);
            if (R.Count > 1) Clamp<S, V, C>(ref c1_0, ref c1_1, low, high);
            if (R.Count > 2) Clamp<S, V, C>(ref c2_0, ref c2_1, low, high);
            if (R.Count > 3) Clamp<S, V, C>(ref c3_0, ref c3_1, low, high);
            if (R.Count > 4) Clamp<S, V, C>(ref c4_0, ref c4_1, low, high);
            if (R.Count > 5) Clamp<S, V, C>(ref c5_0, ref c5_1, low, high);
            if (R.Count > 6) Clamp<S, V, C>(ref c6_0, ref c6_1, low, high);
            if (R.Count > 7) Clamp<S, V, C>(ref c7_0, ref c7_1, low, high);
            if (R.Count > 8) Clamp<S, V, C>(ref c8_0, ref c8_1, low, high);
            if (R.Count > 9) Clamp<S, V, C>(ref c9_0, ref c9_1, low, high);
            if (R.Count > 10) Clamp<S, V, C>(ref c10_0, ref c10_1, low, high);
            if (R.Count > 11) Clamp<S, V, C>(ref c11_0, ref c11_1, low, high);
            if (R.Count > 12) Clamp<S, V, C>(ref c12_0, ref c12_1, low, high);
            if (R.Count > 13) Clamp<S, V, C>(ref c13_0, ref c13_1, low, high);
        }
        float* c = t->C;
        nint cRow = t->CRow, cBlock = t->CBlock;
        Store<S, V, C>(c0_0, c0_1, c, cBlock, last);
        if (R.Count > 1) Store<S, V, C>(c1_0, c1_1, c += cRow, cBlock, last);
        if (R.Count > 2) Store<S, V, C>(c2_0, c2_1, c += cRow, cBlock, last);
        if (R.Count > 3) Store<S, V, C>(c3_0, c3_1, c += cRow, cBlock, last);
        if (R.Count > 4) Store<S, V, C>(c4_0, c4_1, c += cRow, cBlock, last);
        if (R.Count > 5) Store<S, V, C>(c5_0, c5_1, c += cRow, cBlock, last);
        if (R.Count > 6) Store<S, V, C>(c6_0, c6_1, c += cRow, cBlock, last);
        if (R.Count > 7) Store<S, V, C>(c7_0, c7_1, c += cRow, cBlock, last);
        if (R.Count > 8) Store<S, V, C>(c8_0, c8_1, c += cRow, cBlock, last);
        if (R.Count > 9) Store<S, V, C>(c9_0, c9_1, c += cRow, cBlock, last);
        if (R.Count > 10) Store<S, V, C>(c10_0, c10_1, c += cRow, cBlock, last);
        if (R.Count > 11) Store<S, V, C>(c11_0, c11_1, c += cRow, cBlock, last);
        if (R.Count > 12) Store<S, V, C>(c12_0, c12_1, c += cRow, cBlock, last);
        if (R.Count > 13) Store<S, V, C>(c13_0, c13_1, c += cRow, cBlock, last);
    }

    // C is read or written when the sums are ready; without this the tile waits for it, as nothing else is left to do.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Prefetch<R, C>(float* c, nint row, nint block) where R : struct, ITileRows where C : struct, ITileColumns
    {
        if (!Sse.IsSupported)
            return;
        for (int i = 0; i < R.Count; i++, c += row)
        {
            Sse.Prefetch0(c);
            if (C.Two)
                Sse.Prefetch0(c + block);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void MulAdd<S, V, C>(ref V x0, ref V x1, float* a, V b0, V b1)
        where S : struct, ISimd<V> where V : unmanaged where C : struct, ITileColumns
    {
        V x = S.Splat(a);
        x0 = S.MulAdd(x, b0, x0);
        if (C.Two)
            x1 = S.MulAdd(x, b1, x1);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Add<S, V, C>(ref V x0, ref V x1, float* p, nint block, int last)
        where S : struct, ISimd<V> where V : unmanaged where C : struct, ITileColumns
    {
        x0 = S.Add(x0, C.Masked && !C.Two ? S.LoadPartial(p, last) : S.Load(p));
        if (C.Two)
            x1 = S.Add(x1, C.Masked ? S.LoadPartial(p + block, last) : S.Load(p + block));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void AddAll<S, V, C>(ref V x0, ref V x1, float* p)
        where S : struct, ISimd<V> where V : unmanaged where C : struct, ITileColumns
    {
        V x = S.Splat(p);
        x0 = S.Add(x0, x);
        if (C.Two)
            x1 = S.Add(x1, x);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Clamp<S, V, C>(ref V x0, ref V x1, V low, V high)
        where S : struct, ISimd<V> where V : unmanaged where C : struct, ITileColumns
    {
        x0 = S.Min(high, S.Max(low, x0));
        if (C.Two)
            x1 = S.Min(high, S.Max(low, x1));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store<S, V, C>(V x0, V x1, float* p, nint block, int last)
        where S : struct, ISimd<V> where V : unmanaged where C : struct, ITileColumns
    {
        if (!C.Two)
        {
            if (C.Masked)
                S.StorePartial(x0, p, last);
            else
                S.Store(x0, p);
            return;
        }
        S.Store(x0, p);
        if (C.Masked)
            S.StorePartial(x1, p + block, last);
        else
            S.Store(x1, p + block);
    }
}
