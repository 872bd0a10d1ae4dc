using System.Collections.Immutable;
using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>
/// Rotates pairs of elements of every (batch, head, position) by an angle of the position: (x1, x2) becomes (c x1 - s x2, s x1 + c x2).
/// Inputs in the operator's order; <see cref="CosInput"/> tells which.
/// </summary>
public sealed record RotaryProblem : Problem
{
    /// <summary>The element type of x, the tables and y.</summary>
    public required DType Type { get; init; }

    /// <summary>The shape of x and y: [batch, heads, positions, size] or [batch, positions, heads * size].</summary>
    public required Shape Shape { get; init; }

    /// <summary>Heads.</summary>
    public required long Heads { get; init; }

    /// <summary>The shape of cosines and sines: [rows, half], looked up by position, or [batch, positions, half].</summary>
    public required Shape Table { get; init; }

    /// <summary>The position ids: their shape, [batch, positions] or [1]; null if the tables are not looked up.</summary>
    public Shape? Positions { get; init; }

    /// <summary>Whether neighbouring elements make a pair, rather than elements half the rotated width apart.</summary>
    public bool Interleaved { get; init; }

    /// <summary>True for com.microsoft: inputs are x, positions, cosines, sines; otherwise x, cosines, sines, positions.</summary>
    public bool PositionsFirst { get; init; }

    /// <summary>The input that holds the cosines; sines follow.</summary>
    internal int CosInput => PositionsFirst ? 2 : 1;

    /// <summary>The input that holds the positions.</summary>
    internal int PositionInput => PositionsFirst ? 1 : 3;

    internal long Batch => Shape[0];

    internal long Length => Shape[Shape.Rank == 4 ? 2 : 1];

    /// <summary>Elements of a head.</summary>
    internal long Size => Shape.Rank == 4 ? Shape[3] : Shape[2] / Heads;

    /// <summary>Pairs that are rotated.</summary>
    internal long Half => Table[^1];

    /// <inheritdoc/>
    public override string Key => $"rotary/{Type.ShortName()} in{KeyWords.Join(Shape)} heads{Heads} table{KeyWords.Join(Table)}"
        + (Positions is { } p ? $" pos{KeyWords.Join(p)}" : "") + (Interleaved ? " interleaved" : "") + (PositionsFirst ? " first" : "");

    /// <inheritdoc/>
    public override ImmutableArray<TensorType> Inputs
    {
        get
        {
            var x = new TensorType(Type, Shape);
            var table = new TensorType(Type, Table);
            TensorType positions = Positions is { } p ? new TensorType(DType.Int64, p) : TensorType.Absent;
            return PositionsFirst ? [x, positions, table, table] : [x, table, table, positions];
        }
    }

    /// <inheritdoc/>
    public override ImmutableArray<TensorType> Outputs => [new TensorType(Type, Shape)];

    /// <inheritdoc/>
    public override double Flops => 3.0 * Shape.Count;

    /// <summary>Reads a key, or gives null.</summary>
    public static RotaryProblem? Parse(string key)
    {
        if (KeyWords.Parse(key) is not { Name: "rotary" } words || !words.Type.IsFloat() || words.Shape("in") is not { Rank: 3 or 4 } shape
            || words.Int("heads") is not { } heads || heads < 1 || words.Shape("table") is not { Rank: 2 or 3 } table)
            return null;
        Shape? positions = words.Has("pos") ? words.Shape("pos") : null;
        var problem = new RotaryProblem
        {
            Type = words.Type,
            Shape = shape,
            Heads = heads,
            Table = table,
            Positions = positions,
            Interleaved = words.Has("interleaved"),
            PositionsFirst = words.Has("first"),
        };
        bool fits = shape.Rank == 4 ? shape[1] == heads : shape[2] % heads == 0;
        fits &= 2 * problem.Half <= problem.Size && (table.Rank == 2 ? positions is not null && table[0] > 0 : positions is null && table[0] == shape[0] && table[1] == problem.Length);
        fits &= positions is not { } p || p.Count == shape[0] * problem.Length || p.Count == 1 && problem.PositionsFirst;
        return fits ? problem : null;
    }
}
