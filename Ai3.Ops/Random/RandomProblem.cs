using System.Collections.Immutable;

namespace Ai3.Ops;

/// <summary>What a random tensor holds.</summary>
internal enum RandomKind
{
    /// <summary>Numbers in [A, B).</summary>
    Uniform,
    /// <summary>Normal deviates with mean A and standard deviation B.</summary>
    Normal,
    /// <summary>1 with the probability that the input says, else 0.</summary>
    Bernoulli,
    /// <summary>Classes, with probabilities in proportion to exp(input): [batch, classes] to [batch, samples].</summary>
    Multinomial,
}

/// <summary>A tensor of random numbers; the same ones on every run if there is a seed.</summary>
internal sealed record RandomProblem : Problem
{
    public required RandomKind Kind { get; init; }

    /// <summary>Probabilities, or a tensor whose shape counts; absent where the shape is an attribute.</summary>
    public TensorType Input { get; init; }

    public required TensorType Output { get; init; }

    public float A { get; init; }

    public float B { get; init; }

    public float? Seed { get; init; }

    public override ImmutableArray<TensorType> Inputs => Input.IsAbsent ? [] : [Input];

    public override ImmutableArray<TensorType> Outputs => [Output];

    public override double Flops => 60.0 * Output.Shape.Count;

    public override string Key => MovementKey.Write(WordOf(Kind), [Input], Outputs, Bits("a", A), Bits("b", B), Seed is { } seed ? Bits("seed", seed) : "fresh");

    public static RandomProblem? Parse(string key, RandomKind kind) => MovementKeyReader.Read(key, WordOf(kind), r => Create(kind, r.Input(0), r.Output(0),
        Float(r.Int("a")), Float(r.Int("b")), r.Has("fresh") ? null : Float(r.Int("seed"))));

    /// <exception cref="OpException">The facts contradict each other.</exception>
    public static RandomProblem Create(RandomKind kind, TensorType input, TensorType output, float a, float b, float? seed)
    {
        if (kind == RandomKind.Uniform && !(a <= b))
            throw new OpException($"low is {a} and high {b}, low must not be above high");
        if (kind == RandomKind.Normal && !(b >= 0))
            throw new OpException($"scale is {b}, must be 0 or more");
        if (kind == RandomKind.Multinomial && (input.IsAbsent || input.Shape.Rank != 2 || input.Shape[1] is < 1 or > int.MaxValue))
            throw new OpException($"input is {input}, must be [batch, classes] with at least one class");
        MovementFacts.Operand(output.Type, output.Shape);
        return new RandomProblem { Kind = kind, Input = input, Output = output, A = a, B = b, Seed = seed };
    }

    private static string WordOf(RandomKind kind) => "random_" + kind.ToString().ToLowerInvariant();

    // Floats by their bits, so that they read back the same.
    private static string Bits(string word, float value) => MovementKey.Word(word, BitConverter.SingleToInt32Bits(value));

    private static float Float(long bits) => BitConverter.Int32BitsToSingle(checked((int)bits));
}
