using System.Runtime.CompilerServices;
using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>How a pool takes one more element into its accumulator.</summary>
internal interface IPoolStep
{
    /// <summary>The accumulator of no elements.</summary>
    static abstract float Initial { get; }

    static abstract V Add<S, V>(V accumulator, V x) where S : struct, ISimd<V> where V : unmanaged;
}

internal readonly struct MaxStep : IPoolStep
{
    public static float Initial => float.NegativeInfinity;

    // Max gives its second operand if either is NaN. So one of the two has the NaN, whose bits survive an Or with any number, and
    // otherwise they are the same number (or zeros of either sign).
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Add<S, V>(V accumulator, V x) where S : struct, ISimd<V> where V : unmanaged =>
        S.Or(S.Max(accumulator, x), S.Max(x, accumulator));
}

internal readonly struct SumStep : IPoolStep
{
    public static float Initial => 0;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Add<S, V>(V accumulator, V x) where S : struct, ISimd<V> where V : unmanaged => S.Add(accumulator, x);
}

internal readonly struct AbsSumStep : IPoolStep
{
    public static float Initial => 0;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Add<S, V>(V accumulator, V x) where S : struct, ISimd<V> where V : unmanaged => S.Add(accumulator, S.Abs(x));
}

/// <summary>Code that is compiled for each step and instruction set.</summary>
internal interface IPoolFunc
{
    PreparedKernel Create<S, V, P>() where S : struct, ISimd<V> where V : unmanaged where P : struct, IPoolStep;
}

internal static class PoolSteps
{
    /// <summary>The pools that vectors of float32 compute: Lp for p = 1 only, as squares of float32 overflow.</summary>
    public static Applicability Supports(PoolingProblem p) =>
        Applicability.If(p.Type == DType.Float32, $"element type is {p.Type.ShortName()}, needs f32")
            .And(Applicability.If(!p.Indices, "indices are wanted"))
            .And(Applicability.If(p.Kind != PoolKind.Lp || p.Exponent == 1, $"exponent is {p.Exponent}, needs 1"));

    public static PreparedKernel Select<F>(PoolKind kind, IsaLevel isa, F f) where F : struct, IPoolFunc => kind switch
    {
        PoolKind.Max => Isa.Select<Choice<F, MaxStep>, PreparedKernel>(isa, new(f)),
        PoolKind.Average => Isa.Select<Choice<F, SumStep>, PreparedKernel>(isa, new(f)),
        _ => Isa.Select<Choice<F, AbsSumStep>, PreparedKernel>(isa, new(f)),
    };

    private readonly struct Choice<F, P>(F f) : IIsaFunc<PreparedKernel> where F : struct, IPoolFunc where P : struct, IPoolStep
    {
        public PreparedKernel Create<S, V>() where S : struct, ISimd<V> where V : unmanaged => f.Create<S, V, P>();
    }
}
