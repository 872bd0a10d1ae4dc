using System.Collections.Immutable;
using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>
/// A recurrent state [dk, dv] for each (batch, key head), updated a token at a time: S = e^g S, then S += k (beta (v - S'k))' or S += k v',
/// and o = scale S'q. Inputs q [B, T, Hq dk], k, v, past state [B, H, dk, dv], decay [B, T, H dk] or [B, T, H], beta [B, T, H] or [B, T, 1].
/// </summary>
public sealed record LinearAttentionProblem : Problem
{
    /// <summary>The element type of q, k, v, decay, beta and o.</summary>
    public required DType Type { get; init; }

    /// <summary>The element type of the states.</summary>
    public required DType StateType { get; init; }

    /// <summary>Sequences.</summary>
    public required long Batch { get; init; }

    /// <summary>Tokens of a sequence.</summary>
    public required long Tokens { get; init; }

    /// <summary>Heads of queries, a multiple of <see cref="KvHeads"/>.</summary>
    public required long Heads { get; init; }

    /// <summary>Heads of keys, values and states.</summary>
    public required long KvHeads { get; init; }

    /// <summary>Elements of a key.</summary>
    public required long KeySize { get; init; }

    /// <summary>Elements of a value.</summary>
    public required long ValueSize { get; init; }

    /// <summary>The factor of the output.</summary>
    public required float Scale { get; init; }

    /// <summary>Whether the state decays: the rules gated and gated_delta.</summary>
    public bool Gated { get; init; }

    /// <summary>Whether only what the state does not hold yet is added: the rules delta and gated_delta.</summary>
    public bool Delta { get; init; }

    /// <summary>Whether a past state is given.</summary>
    public bool HasPast { get; init; }

    /// <summary>Whether each element of a key has a decay of its own.</summary>
    public bool DecayPerKey { get; init; }

    /// <summary>Whether each head has a beta of its own.</summary>
    public bool BetaPerHead { get; init; }

    /// <summary>Outputs, 1 or 2.</summary>
    public int OutputCount { get; init; } = 2;

    /// <inheritdoc/>
    public override string Key => $"linearattention/{Type.ShortName()} b{Batch} t{Tokens} q{Heads} h{KvHeads} k{KeySize} v{ValueSize} scale={KeyWords.Real(Scale)} out{OutputCount}"
        + (StateType == Type ? "" : $" state={StateType.ShortName()}") + (Gated ? " gated" : "") + (Delta ? " delta" : "") + (HasPast ? " past" : "")
        + (DecayPerKey ? " perkey" : "") + (BetaPerHead ? " perhead" : "");

    /// <inheritdoc/>
    public override ImmutableArray<TensorType> Inputs =>
    [
        Sequence(Heads * KeySize), Sequence(KvHeads * KeySize), Sequence(KvHeads * ValueSize), HasPast ? State : TensorType.Absent,
        Gated ? Sequence(DecayPerKey ? KvHeads * KeySize : KvHeads) : TensorType.Absent, Delta ? Sequence(BetaPerHead ? KvHeads : 1) : TensorType.Absent,
    ];

    /// <inheritdoc/>
    public override ImmutableArray<TensorType> Outputs => OutputCount == 1 ? [Sequence(Heads * ValueSize)] : [Sequence(Heads * ValueSize), State];

    /// <inheritdoc/>
    public override double Flops => 2.0 * Batch * Tokens * KeySize * ValueSize * (Heads + KvHeads * (Delta ? 2 : 1));

    private TensorType State => new(StateType, [Batch, KvHeads, KeySize, ValueSize]);

    private TensorType Sequence(long width) => new(Type, [Batch, Tokens, width]);

    /// <summary>Reads a key, or gives null.</summary>
    public static LinearAttentionProblem? Parse(string key)
    {
        if (KeyWords.Parse(key) is not { Name: "linearattention" } words || !words.Type.IsFloat() || words.Float("scale") is not { } scale
            || words.FloatType("state") is not (var state and not DType.Undefined) || words.Int("out") is not (1 or 2))
            return null;
        long[] sizes = [.. new[] { "b", "t", "q", "h", "k", "v" }.Select(w => words.Int(w) ?? -1)];
        if (sizes.Any(s => s < 0) || sizes[3] < 1 || sizes[2] < 1 || sizes[2] % sizes[3] != 0)
            return null;
        return new LinearAttentionProblem
        {
            Type = words.Type,
            StateType = state,
            Batch = sizes[0],
            Tokens = sizes[1],
            Heads = sizes[2],
            KvHeads = sizes[3],
            KeySize = sizes[4],
            ValueSize = sizes[5],
            Scale = scale,
            Gated = words.Has("gated"),
            Delta = words.Has("delta"),
            HasPast = words.Has("past"),
            DecayPerKey = words.Has("perkey"),
            BetaPerHead = words.Has("perhead"),
            OutputCount = (int)words.Int("out")!.Value,
        };
    }
}
