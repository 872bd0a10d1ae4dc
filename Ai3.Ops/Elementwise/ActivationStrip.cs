using System.Runtime.CompilerServices;

namespace Ai3.Ops;

/// <summary>
/// y = F(y) over rows that a tile kernel has just finished and that lie in the level 1 cache: an activation that is no clamp, without a
/// second pass over memory. The default does nothing.
/// </summary>
/// <remarks>An element's bits do not depend on the strip it is in: tails are partial vectors of the same function.</remarks>
internal readonly unsafe struct ActivationStrip
{
    private readonly delegate*<float*, nint, nint, nint, float, float, void> _run;
    private readonly float _alpha;
    private readonly float _beta;

    private ActivationStrip(delegate*<float*, nint, nint, nint, float, float, void> run, Activation activation)
    {
        _run = run;
        _alpha = activation.Alpha;
        _beta = activation.Beta;
        LiftsZero = activation.Evaluate(0) != 0;
    }

    /// <summary>False for a clamp, which tile kernels do themselves.</summary>
    public bool Exists => _run != null;

    /// <summary>Whether F(0) is not 0, so that padding lanes must be cleared afterwards.</summary>
    public bool LiftsZero { get; }

    /// <summary>The strip function of an activation: nothing for a clamp.</summary>
    public static ActivationStrip Of(Activation activation, IsaLevel level) =>
        activation.IsClamp ? default : ActivationFunction.Of<Maker, ActivationStrip>(activation.Kind, new(activation, level));

    /// <summary>Activates a number of rows of a number of columns, <paramref name="step"/> elements apart.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Apply(float* y, nint rows, nint step, nint columns)
    {
        if (_run != null)
            _run(y, rows, step, columns, _alpha, _beta);
    }

    /// <summary>Activates what a tile kernel wrote: rows of one or two vectors of columns.</summary>
    /// <param name="c">The tile's first element.</param>
    /// <param name="rows">Its rows.</param>
    /// <param name="row">Elements from one row to the next.</param>
    /// <param name="columns">Its columns.</param>
    /// <param name="lanes">Columns of the first vector, at most.</param>
    /// <param name="vector">Elements from the first vector to the second.</param>
    public void ApplyTile(float* c, nint rows, nint row, int columns, int lanes, nint vector)
    {
        if (_run == null)
            return;
        if (vector == lanes)
        {
            Apply(c, rows, row, columns);
            return;
        }
        Apply(c, rows, row, Math.Min(columns, lanes));
        if (columns > lanes)
            Apply(c + vector, rows, row, columns - lanes);
    }

    private readonly struct Maker(Activation activation, IsaLevel level) : IActivationFunc<ActivationStrip>
    {
        public ActivationStrip Create<F>() where F : struct, IFloatUnary => Isa.Select<Loop<F>, ActivationStrip>(level, new(activation));
    }

    private readonly struct Loop<F>(Activation activation) : IIsaFunc<ActivationStrip> where F : struct, IFloatUnary
    {
        public ActivationStrip Create<S, V>() where S : struct, ISimd<V> where V : unmanaged => new(&Run<S, V>, activation);

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private static void Run<S, V>(float* y, nint rows, nint step, nint columns, float alpha, float beta) where S : struct, ISimd<V> where V : unmanaged
        {
            V a = S.Create(alpha), b = S.Create(beta);
            if (step == columns)
                (rows, columns) = (1, rows * columns);
            for (; rows > 0; rows--, y += step)
            {
                float* p = y;
                nint n = columns;
                for (; n >= 2 * S.Lanes; n -= 2 * S.Lanes, p += 2 * S.Lanes)
                {
                    V x0 = S.Load(p), x1 = S.Load(p + S.Lanes);
                    S.Store(F.Apply<S, V>(x0, a, b), p);
                    S.Store(F.Apply<S, V>(x1, a, b), p + S.Lanes);
                }
                for (; n > 0; n -= S.Lanes, p += S.Lanes)
                {
                    int lanes = (int)nint.Min(n, S.Lanes);
                    S.StorePartial(F.Apply<S, V>(S.LoadPartial(p, lanes), a, b), p, lanes);
                }
            }
        }
    }
}
