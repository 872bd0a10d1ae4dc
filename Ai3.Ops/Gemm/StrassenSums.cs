using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Ai3.Ops;

/// <summary>target = left + right or left - right for blocks of matrices, a row an iteration; target may be one of the two.</summary>
internal readonly unsafe struct BlockSum<S, V>(float* left, nint leftRow, float* right, nint rightRow, float* target, nint targetRow, long columns, bool subtract) : IParallelBody
    where S : struct, ISimd<V> where V : unmanaged
{
    private readonly float* _left = left;
    private readonly float* _right = right;
    private readonly float* _target = target;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Run(int begin, int end, int worker)
    {
        for (nint r = begin; r < end; r++)
        {
            float* a = _left + r * leftRow, b = _right + r * rightRow, c = _target + r * targetRow;
            nint i = 0;
            for (; i + S.Lanes <= columns; i += S.Lanes)
                S.Store(subtract ? S.Sub(S.Load(a + i), S.Load(b + i)) : S.Add(S.Load(a + i), S.Load(b + i)), c + i);
            for (; i < columns; i++)
                c[i] = subtract ? a[i] - b[i] : a[i] + b[i];
        }
    }
}

/// <summary>
/// The sums of Winograd's variant that share terms: with P1 in X and P3, P6, P7, P5 in C11, C12, C21, C22,
/// C12 = P1 + P6 + P5 + P3, C21 = P1 + P6 + P7, C22 = P1 + P6 + P7 + P5.
/// </summary>
internal readonly unsafe struct BlockCombination<S, V>(float* x, nint xRow, float* c11, float* c12, float* c21, float* c22, nint row, long columns) : IParallelBody
    where S : struct, ISimd<V> where V : unmanaged
{
    private readonly float* _x = x;
    private readonly float* _c11 = c11;
    private readonly float* _c12 = c12;
    private readonly float* _c21 = c21;
    private readonly float* _c22 = c22;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Run(int begin, int end, int worker)
    {
        for (nint r = begin; r < end; r++)
        {
            float* x = _x + r * xRow, p3 = _c11 + r * row, p6 = _c12 + r * row, p7 = _c21 + r * row, p5 = _c22 + r * row;
            nint i = 0;
            for (; i + S.Lanes <= columns; i += S.Lanes)
            {
                V u2 = S.Add(S.Load(x + i), S.Load(p6 + i)), u3 = S.Add(u2, S.Load(p7 + i)), last = S.Load(p5 + i);
                S.Store(S.Add(S.Add(u2, last), S.Load(p3 + i)), p6 + i);
                S.Store(u3, p7 + i);
                S.Store(S.Add(u3, last), p5 + i);
            }
            for (; i < columns; i++)
            {
                float u2 = x[i] + p6[i], u3 = u2 + p7[i];
                p6[i] = u2 + p5[i] + p3[i];
                p7[i] = u3;
                p5[i] = u3 + p5[i];
            }
        }
    }
}

/// <summary>What follows the product: y = clamp(c + factor * addend + residual), a row an iteration; y may be c.</summary>
internal unsafe struct ProductEnd<S, V> : IParallelBody where S : struct, ISimd<V> where V : unmanaged
{
    public float* C, Y;
    public nint CRow, YRow, Columns;

    /// <summary>May be null. Element (m, n) is Addend[m*AddendRow + n*AddendColumn], AddendColumn 0 or 1.</summary>
    public float* Addend;
    public nint AddendRow, AddendColumn;
    public float Factor;

    /// <summary>May be null; with the rows of Y.</summary>
    public float* Residual;
    public float Low, High;

    /// <summary>Whether y is anything but c, where c already is.</summary>
    public readonly bool IsNeeded => C != Y || Addend != null || Residual != null || Low != float.NegativeInfinity || High != float.PositiveInfinity;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public readonly void Run(int begin, int end, int worker)
    {
        V factor = S.Create(Factor), low = S.Create(Low), high = S.Create(High);
        for (nint r = begin; r < end; r++)
            for (nint i = 0; i < Columns; i += S.Lanes)
            {
                int n = (int)Math.Min(S.Lanes, Columns - i);
                V v = S.LoadPartial(C + r * CRow + i, n);
                if (Addend != null)
                {
                    float* addend = Addend + r * AddendRow + i * AddendColumn;
                    v = S.MulAdd(factor, AddendColumn != 0 ? S.LoadPartial(addend, n) : S.Splat(addend), v);
                }
                if (Residual != null)
                    v = S.Add(v, S.LoadPartial(Residual + r * YRow + i, n));
                S.StorePartial(S.Min(high, S.Max(low, v)), Y + r * YRow + i, n);
            }
    }
}

/// <summary>target = scale * source, or its transpose, with zeros beyond the source: a row of the target an iteration.</summary>
internal readonly unsafe struct EvenCopy(float* source, nint sourceRow, bool transposed, long rows, long columns, float* target, nint targetRow, float scale) : IParallelBody
{
    private readonly float* _source = source;
    private readonly float* _target = target;

    public void Run(int begin, int end, int worker)
    {
        nint last = (nint)Math.Min(end, rows);
        for (nint r = begin; r < end; r++)
            NativeMemory.Clear(_target + r * targetRow, (nuint)targetRow * sizeof(float));
        if (begin >= last)
            return;
        if (transposed)
            PanelPacking.Transpose(_source + begin, sourceRow, columns, last - begin, _target + begin * targetRow, targetRow, scale);
        else
            for (nint r = begin; r < last; r++)
                for (nint i = 0; i < columns; i++)
                    _target[r * targetRow + i] = scale * _source[r * sourceRow + i];
    }
}
