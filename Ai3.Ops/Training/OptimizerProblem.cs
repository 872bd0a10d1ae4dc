using System.Collections.Immutable;
using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>The rules by which a step of training moves tensors.</summary>
internal enum OptimizerRule
{
    Adagrad,
    Momentum,
    Nesterov,
    Adam,
}

/// <summary>
/// One step for any number of tensors: from a rate R, a count T and, for each tensor, its value X, its gradient G and one or two running means,
/// the new value and means. Operands are grouped: all X, then all G, and so on.
/// </summary>
internal sealed record OptimizerProblem : Problem
{
    public required OptimizerRule Rule { get; init; }

    /// <summary>R, T, then the groups.</summary>
    public required ImmutableArray<TensorType> Operands { get; init; }

    /// <summary>Factor of the old first mean.</summary>
    public float Alpha { get; init; }

    /// <summary>Adam: factor of the old second mean. Momentum: factor of the gradient after the first step.</summary>
    public float Beta { get; init; }

    public float Epsilon { get; init; }

    /// <summary>Added to the gradient times X.</summary>
    public float Norm { get; init; }

    /// <summary>Adam: the share of the new value that is taken off.</summary>
    public float NormPost { get; init; }

    /// <summary>Adagrad: the rate is divided by 1 + T times this.</summary>
    public float Decay { get; init; }

    /// <summary>Groups of tensors: X, G and the means.</summary>
    public int Groups => Rule == OptimizerRule.Adam ? 4 : 3;

    /// <summary>Tensors that are moved.</summary>
    public int Count => (Operands.Length - 2) / Groups;

    public override ImmutableArray<TensorType> Inputs => Operands;

    public override ImmutableArray<TensorType> Outputs => [.. Operands[2..(2 + Count)], .. Operands[(2 + 2 * Count)..]];

    public override double Flops => 16 * Operands.Skip(2).Take(Count).Sum(o => (double)o.Shape.Count);

    public override string Key => MovementKey.Write(WordOf(Rule), Inputs, Outputs, Bits("alpha", Alpha), Bits("beta", Beta), Bits("epsilon", Epsilon), Bits("norm", Norm),
        Bits("post", NormPost), Bits("decay", Decay));

    public static OptimizerProblem? Parse(string key, OptimizerRule rule) => MovementKeyReader.Read(key, WordOf(rule), r => new OptimizerProblem
    {
        Rule = rule,
        Operands = r.Inputs,
        Alpha = Float(r.Int("alpha")),
        Beta = Float(r.Int("beta")),
        Epsilon = Float(r.Int("epsilon")),
        Norm = Float(r.Int("norm")),
        NormPost = Float(r.Int("post")),
        Decay = Float(r.Int("decay")),
    }.Checked());

    /// <summary>This problem, if its operands agree.</summary>
    /// <exception cref="OpException">They do not.</exception>
    public OptimizerProblem Checked()
    {
        if (Operands.Length < 2 + Groups || (Operands.Length - 2) % Groups != 0)
            throw new OpException($"{Operands.Length} inputs are given, must be 2 and {Groups} for each tensor");
        if (Operands[0].Type is not (DType.Float32 or DType.Float64) || Operands[0].Shape.Count != 1)
            throw new OpException($"the rate is {Operands[0]}, must be one f32 or f64");
        if (Operands[1].Type != DType.Int64 || Operands[1].Shape.Count != 1)
            throw new OpException($"the count is {Operands[1]}, must be one i64");
        for (int i = 2; i < Operands.Length; i++)
        {
            TensorType x = Operands[2 + (i - 2) % Count];
            if (Operands[i] != x || x.Type is not (DType.Float32 or DType.Float64))
                throw new OpException($"input {i} is {Operands[i]}, must be {x} of type f32 or f64 like the tensor it belongs to");
        }
        return this;
    }

    private static string WordOf(OptimizerRule rule) => rule.ToString().ToLowerInvariant();

    // Floats by their bits, so that they read back the same.
    private static string Bits(string word, float value) => MovementKey.Word(word, BitConverter.SingleToInt32Bits(value));

    private static float Float(long bits) => BitConverter.Int32BitsToSingle(checked((int)bits));
}
