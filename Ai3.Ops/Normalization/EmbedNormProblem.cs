using System.Collections.Immutable;
using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>
/// y = layer-normalised(word[id] + position[p] + segment[s]) * gamma + beta for every token. Inputs ids [B, S], segment ids, word, position and
/// segment tables, gamma, beta, mask, position ids; outputs y [B, S, H], the ones of each mask row [B], the sum [B, S, H].
/// </summary>
public sealed record EmbedNormProblem : Problem
{
    /// <summary>The element type of tables, gamma, beta, y and the sum.</summary>
    public required DType Type { get; init; }

    /// <summary>Sequences.</summary>
    public required long Batch { get; init; }

    /// <summary>Tokens of a sequence.</summary>
    public required long Tokens { get; init; }

    /// <summary>Elements of a token's row.</summary>
    public required long Width { get; init; }

    /// <summary>Rows of the word table.</summary>
    public required long Words { get; init; }

    /// <summary>Rows of the position table.</summary>
    public required long Positions { get; init; }

    /// <summary>Rows of the segment table; 0 for none.</summary>
    public long Segments { get; init; }

    /// <summary>Whether a mask is given.</summary>
    public bool HasMask { get; init; }

    /// <summary>Rows of the position ids, the batch or 1; 0 if positions are counted.</summary>
    public long PositionRows { get; init; }

    /// <summary>Added below the division.</summary>
    public required float Epsilon { get; init; }

    /// <summary>Outputs, 1 to 3.</summary>
    public int OutputCount { get; init; } = 1;

    /// <inheritdoc/>
    public override string Key => $"embednorm/{Type.ShortName()} b{Batch} s{Tokens} h{Width} words{Words} positions{Positions} segments{Segments}"
        + $" rows{PositionRows} eps={KeyWords.Real(Epsilon)} out{OutputCount}" + (HasMask ? " mask" : "");

    /// <inheritdoc/>
    public override ImmutableArray<TensorType> Inputs
    {
        get
        {
            var ids = new TensorType(DType.Int32, [Batch, Tokens]);
            var vector = new TensorType(Type, [Width]);
            bool segments = Segments > 0;
            return
            [
                ids, segments ? ids : TensorType.Absent, new TensorType(Type, [Words, Width]), new TensorType(Type, [Positions, Width]),
                segments ? new TensorType(Type, [Segments, Width]) : TensorType.Absent, vector, vector, HasMask ? ids : TensorType.Absent,
                PositionRows > 0 ? new TensorType(DType.Int32, [PositionRows, Tokens]) : TensorType.Absent,
            ];
        }
    }

    /// <inheritdoc/>
    public override ImmutableArray<TensorType> Outputs
    {
        get
        {
            var y = new TensorType(Type, [Batch, Tokens, Width]);
            ImmutableArray<TensorType> all = [y, new TensorType(DType.Int32, [Batch]), y];
            return all[..OutputCount];
        }
    }

    /// <inheritdoc/>
    public override double Flops => 10.0 * Batch * Tokens * Width;

    /// <summary>Reads a key, or gives null.</summary>
    public static EmbedNormProblem? Parse(string key)
    {
        if (KeyWords.Parse(key) is not { Name: "embednorm" } words || !words.Type.IsFloat() || words.Float("eps") is not { } epsilon)
            return null;
        long[] sizes = [.. new[] { "b", "s", "h", "words", "positions", "segments", "rows", "out" }.Select(w => words.Int(w) ?? -1)];
        if (sizes.Any(s => s < 0) || sizes[3] < 1 || sizes[4] < 1 || sizes[6] != 0 && sizes[6] != 1 && sizes[6] != sizes[0] || sizes[7] is < 1 or > 3)
            return null;
        return new EmbedNormProblem
        {
            Type = words.Type,
            Batch = sizes[0],
            Tokens = sizes[1],
            Width = sizes[2],
            Words = sizes[3],
            Positions = sizes[4],
            Segments = sizes[5],
            PositionRows = sizes[6],
            HasMask = words.Has("mask"),
            Epsilon = epsilon,
            OutputCount = (int)sizes[7],
        };
    }
}
