using System.Runtime.CompilerServices;

namespace Ai3.Ops;

/// <summary>The arithmetic of gates on vectors: activations sigmoid and tanh (RNN: tanh or ReLU).</summary>
/// <remarks>Arrays end in a vector's worth of memory that may be read and written; what is there does not matter.</remarks>
internal static unsafe class RecurrentGates
{
    /// <summary>LSTM: gates input, output, forget, cell in pre [4*hidden]; c and h are renewed. peepholes [3*hidden] or null.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Lstm<S, V>(float* pre, nint hidden, float* peepholes, float clip, bool coupled, float* c, float* h) where S : struct, ISimd<V> where V : unmanaged
    {
        V one = S.Create(1f), high = S.Create(clip == 0 ? float.PositiveInfinity : clip), low = S.Negate(high);
        for (nint j = 0; j < hidden; j += S.Lanes)
        {
            V cell = S.Load(c + j), i = S.Load(pre + j), o = S.Load(pre + hidden + j), f = S.Load(pre + 2 * hidden + j), g = S.Load(pre + 3 * hidden + j);
            if (peepholes != null)
            {
                i = S.MulAdd(S.Load(peepholes + j), cell, i);
                f = S.MulAdd(S.Load(peepholes + 2 * hidden + j), cell, f);
            }
            i = VectorMath.Sigmoid<S, V>(Clamp<S, V>(i, low, high));
            f = coupled ? S.Sub(one, i) : VectorMath.Sigmoid<S, V>(Clamp<S, V>(f, low, high));
            g = VectorMath.Tanh<S, V>(Clamp<S, V>(g, low, high));
            cell = S.MulAdd(f, cell, S.Mul(i, g));
            if (peepholes != null)
                o = S.MulAdd(S.Load(peepholes + hidden + j), cell, o);
            o = VectorMath.Sigmoid<S, V>(Clamp<S, V>(o, low, high));
            S.Store(cell, c + j);
            S.Store(S.Mul(o, VectorMath.Tanh<S, V>(Clamp<S, V>(cell, low, high))), h + j);
        }
    }

    /// <summary>GRU, first half: update and reset gates in pre [2*hidden] through the sigmoid; scaled = reset * h.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void GruReset<S, V>(float* pre, nint hidden, float clip, float* update, float* reset, float* h, float* scaled) where S : struct, ISimd<V> where V : unmanaged
    {
        V high = S.Create(clip == 0 ? float.PositiveInfinity : clip), low = S.Negate(high);
        for (nint j = 0; j < hidden; j += S.Lanes)
        {
            V r = VectorMath.Sigmoid<S, V>(Clamp<S, V>(S.Load(pre + hidden + j), low, high));
            S.Store(VectorMath.Sigmoid<S, V>(Clamp<S, V>(S.Load(pre + j), low, high)), update + j);
            S.Store(r, reset + j);
            S.Store(S.Mul(r, S.Load(h + j)), scaled + j);
        }
    }

    /// <summary>GRU, second half: h = (1 - update) tanh(hidden gate) + update h. With reset, the hidden gate is input + reset * pre, otherwise pre.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void GruUpdate<S, V>(float* pre, nint hidden, float clip, float* update, float* reset, float* input, float* h) where S : struct, ISimd<V> where V : unmanaged
    {
        V one = S.Create(1f), high = S.Create(clip == 0 ? float.PositiveInfinity : clip), low = S.Negate(high);
        for (nint j = 0; j < hidden; j += S.Lanes)
        {
            V g = S.Load(pre + j), z = S.Load(update + j);
            if (reset != null)
                g = S.MulAdd(S.Load(reset + j), g, S.Load(input + j));
            g = VectorMath.Tanh<S, V>(Clamp<S, V>(g, low, high));
            S.Store(S.MulAdd(S.Sub(one, z), g, S.Mul(z, S.Load(h + j))), h + j);
        }
    }

    /// <summary>RNN: h = f(pre).</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Rnn<S, V>(float* pre, nint hidden, float clip, bool relu, float* h) where S : struct, ISimd<V> where V : unmanaged
    {
        V high = S.Create(clip == 0 ? float.PositiveInfinity : clip), low = S.Negate(high);
        for (nint j = 0; j < hidden; j += S.Lanes)
        {
            V g = Clamp<S, V>(S.Load(pre + j), low, high);
            S.Store(relu ? S.Max(S.Zero, g) : VectorMath.Tanh<S, V>(g), h + j);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V Clamp<S, V>(V x, V low, V high) where S : struct, ISimd<V> where V : unmanaged => S.Min(high, S.Max(low, x));
}
