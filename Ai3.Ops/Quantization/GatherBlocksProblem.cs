using System.Collections.Immutable;
using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>
/// Rows gathered from a table of codes in blocks along an axis and dequantised: (code - zero) * scale of the block. Inputs codes, indices, scales,
/// zero points; bytes may hold two codes of four bits each, the low one first.
/// </summary>
public sealed record GatherBlocksProblem : Problem
{
    private const string Name = "gatherblocks";

    /// <summary>Codes, indices, scales and zero points, which may be absent.</summary>
    public required ImmutableArray<TensorType> Operands { get; init; }

    /// <summary>The axis rows are gathered along.</summary>
    public required int GatherAxis { get; init; }

    /// <summary>The axis whose blocks have a scale each.</summary>
    public required int QuantizeAxis { get; init; }

    /// <summary>Codes in a block.</summary>
    public required long Block { get; init; }

    /// <summary>Bits of a code.</summary>
    public required int Bits { get; init; }

    /// <summary>The table in codes.</summary>
    internal Shape Table => IsPacked ? With(Operands[0].Shape, Operands[0].Shape.Rank - 1, ShapeMath.Multiply(2, Operands[0].Shape[^1])) : Operands[0].Shape;

    /// <summary>Whether a byte of uint8 holds two codes.</summary>
    internal bool IsPacked => Operands[0].Type == DType.UInt8 && Bits == 4;

    /// <summary>The zero point where none is given.</summary>
    internal int DefaultZero => Operands[0].Type == DType.UInt8 ? 1 << Bits - 1 : 0;

    /// <inheritdoc/>
    public override ImmutableArray<TensorType> Inputs => Operands;

    /// <inheritdoc/>
    public override ImmutableArray<TensorType> Outputs =>
        [new TensorType(Operands[2].Type, Shape.Create([.. Table.AsSpan()[..GatherAxis], .. Operands[1].Shape, .. Table.AsSpan()[(GatherAxis + 1)..]]))];

    /// <inheritdoc/>
    public override double Flops => 2.0 * Outputs[0].Shape.Count;

    /// <inheritdoc/>
    public override string Key => MovementKey.Write(Name, Inputs, Outputs, MovementKey.Word("axis", GatherAxis), MovementKey.Word("along", QuantizeAxis),
        MovementKey.Word("block", Block), MovementKey.Word("bits", Bits));

    /// <summary>Reads a key, or gives null.</summary>
    public static GatherBlocksProblem? Parse(string key) => MovementKeyReader.Read(key, Name, static r =>
        Create(r.Inputs, r.Axis, checked((int)r.Int("along")), r.Int("block"), checked((int)r.Int("bits"))));

    /// <summary>The problem of operands known in numbers.</summary>
    /// <exception cref="OpException">They contradict each other.</exception>
    internal static GatherBlocksProblem Create(ImmutableArray<TensorType> operands, int gatherAxis, int quantizeAxis, long block, int bits)
    {
        GatherBlockQuantizedOp.CheckBlock(operands[0].Type, block, bits);
        var problem = new GatherBlocksProblem { Operands = [.. operands, .. operands.Length < 4 ? [TensorType.Absent] : (ImmutableArray<TensorType>)[]], GatherAxis = gatherAxis, QuantizeAxis = quantizeAxis, Block = block, Bits = bits };
        if (operands[0].Shape.Rank == 0)
            throw new OpException($"data is {operands[0]}, must have at least 1 dimension");
        Shape table = problem.Table;
        if ((uint)gatherAxis >= (uint)table.Rank || (uint)quantizeAxis >= (uint)table.Rank)
            throw new OpException($"axes {gatherAxis} and {quantizeAxis} are outside the {table.Rank} of {operands[0]}");
        Shape scales = With(table, quantizeAxis, ShapeMath.CeilDiv(table[quantizeAxis], block));
        if (operands[2].Shape != scales)
            throw new OpException($"scales have shape {operands[2].Shape}, must be {scales}");
        Shape zeros = problem.IsPacked ? With(scales, scales.Rank - 1, ShapeMath.CeilDiv(scales[^1], 2)) : scales;
        if (problem.Operands[3] is { IsAbsent: false } zero && (zero.Type != operands[0].Type || zero.Shape != zeros))
            throw new OpException($"zero points are {zero}, must be {operands[0].Type.ShortName()}{zeros}");
        if (table[gatherAxis] == 0 && operands[1].Shape.Count > 0)
            throw new OpException($"axis {gatherAxis} of {operands[0]} has no rows to gather");
        return problem;
    }

    private static Shape With(Shape shape, int axis, long extent)
    {
        long[] dims = shape.ToArray();
        dims[axis] = extent;
        return Shape.Create(dims);
    }
}
