using System.Runtime.CompilerServices;
using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>
/// Vector loops for the passes of fused operations: y = F(a), y = F(a + b) and y = F(a * b + c), F an activation. In the last,
/// b and c either stand still or step with a.
/// </summary>
internal static unsafe class ActivationRows
{
    /// <summary>y = F(a).</summary>
    public static RowFunction Apply(Activation activation, IsaLevel level) => Select(activation, level, Form.Apply);

    /// <summary>y = F(a + b).</summary>
    public static RowFunction Add(Activation activation, IsaLevel level) => Select(activation, level, Form.Add);

    /// <summary>y = F(a * b + c).</summary>
    public static RowFunction Scale(Activation activation, IsaLevel level) => Select(activation, level, Form.Scale);

    private enum Form
    {
        Apply,
        Add,
        Scale,
    }

    private static RowFunction Select(Activation activation, IsaLevel level, Form form) => ActivationFunction.Of<Maker, RowFunction>(activation.Kind, new(level, form));

    private readonly struct Maker(IsaLevel level, Form form) : IActivationFunc<RowFunction>
    {
        public RowFunction Create<F>() where F : struct, IFloatUnary => Isa.Select<Rows<F>, RowFunction>(level, new(form));
    }

    private readonly struct Rows<F>(Form form) : IIsaFunc<RowFunction> where F : struct, IFloatUnary
    {
        public RowFunction Create<S, V>() where S : struct, ISimd<V> where V : unmanaged => form switch
        {
            Form.Apply => default(FloatUnaryRows<F>).Create<S, V>(),
            Form.Add => new(&AddLoop<S, V>, DType.Float32, DType.Float32, DType.Float32),
            _ => new(&ScaleLoop<S, V>, DType.Float32, DType.Float32, DType.Float32, DType.Float32),
        };

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private static void AddLoop<S, V>(RowArgs* r) where S : struct, ISimd<V> where V : unmanaged
        {
            float* a = (float*)r->A, b = (float*)r->B, y = (float*)r->Y;
            nint n = r->Count;
            V alpha = S.Create((float)r->Alpha), beta = S.Create((float)r->Beta);
            for (; n >= 2 * S.Lanes; n -= 2 * S.Lanes, a += 2 * S.Lanes, b += 2 * S.Lanes, y += 2 * S.Lanes)
            {
                V x0 = S.Add(S.Load(a), S.Load(b)), x1 = S.Add(S.Load(a + S.Lanes), S.Load(b + S.Lanes));
                S.Store(F.Apply<S, V>(x0, alpha, beta), y);
                S.Store(F.Apply<S, V>(x1, alpha, beta), y + S.Lanes);
            }
            for (; n > 0; n -= S.Lanes, a += S.Lanes, b += S.Lanes, y += S.Lanes)
            {
                int lanes = (int)nint.Min(n, S.Lanes);
                S.StorePartial(F.Apply<S, V>(S.Add(S.LoadPartial(a, lanes), S.LoadPartial(b, lanes)), alpha, beta), y, lanes);
            }
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private static void ScaleLoop<S, V>(RowArgs* r) where S : struct, ISimd<V> where V : unmanaged
        {
            float* a = (float*)r->A, b = (float*)r->B, c = (float*)r->C, y = (float*)r->Y;
            nint n = r->Count, step = r->StepB * S.Lanes;
            V alpha = S.Create((float)r->Alpha), beta = S.Create((float)r->Beta);
            bool still = step == 0;
            V scale = S.Zero, shift = S.Zero;
            if (still && n > 0)
                (scale, shift) = (S.Splat(b), S.Splat(c));
            for (; n >= S.Lanes; n -= S.Lanes, a += S.Lanes, b += step, c += step, y += S.Lanes)
            {
                if (!still)
                    (scale, shift) = (S.Load(b), S.Load(c));
                S.Store(F.Apply<S, V>(S.MulAdd(S.Load(a), scale, shift), alpha, beta), y);
            }
            if (n <= 0)
                return;
            int lanes = (int)n;
            if (!still)
                (scale, shift) = (S.LoadPartial(b, lanes), S.LoadPartial(c, lanes));
            S.StorePartial(F.Apply<S, V>(S.MulAdd(S.LoadPartial(a, lanes), scale, shift), alpha, beta), y, lanes);
        }
    }
}
