using System.Collections.Immutable;
using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>Tile: repeats the input along axes. One axis in opset 1 (inputs tiles and axis), a count for each axis from opset 6.</summary>
internal sealed class TileOp : StridedCopyOp
{
    public static TileOp V1 { get; } = new() { Name = "Tile", Since = 1, Until = 5, MinInputs = 3, MaxInputs = 3 };

    public static TileOp V6 { get; } = new() { Name = "Tile", Since = 6, MinInputs = 2, MaxInputs = 2 };

    public override string Word => "tile";

    protected override SymbolicShape? OutputShape(NodeFacts node)
    {
        SymbolicShape? input = node.Tensor(0).Shape;
        if (input is null)
            return null;
        ImmutableArray<Dim> repeats = Repeats(node, input.Rank);
        if (repeats.IsDefault)
            return MovementFacts.FreshShape(node, input.Rank);
        return SymbolicShape.Create([.. input.Zip(repeats, (dim, repeat) => dim * repeat)]);
    }

    protected override CopyBox Box(NodeFacts node, Shape input, Shape output)
    {
        ImmutableArray<Dim> repeats = Repeats(node, input.Rank);
        long[] strides = ShapeMath.RowMajorStrides(input.AsSpan());
        var walk = new long[2 * input.Rank];
        var steps = new long[2 * input.Rank];
        for (int i = 0; i < input.Rank; i++)
        {
            (walk[2 * i], walk[2 * i + 1]) = (repeats[i].Value, input[i]);
            steps[2 * i + 1] = strides[i];
        }
        return new CopyBox([.. walk], [.. steps], 0);
    }

    private ImmutableArray<Dim> Repeats(NodeFacts node, int rank)
    {
        if (Since < 6)
            return RepeatsOfOneAxis(node, rank);
        ImmutableArray<Dim> repeats = MovementFacts.List(node, 1, "repeats");
        if (repeats.IsDefault)
            return default;
        if (repeats.Length != rank)
            throw new OpException($"repeats has {repeats.Length} entries, must have {rank} for an input of rank {rank}");
        foreach (Dim repeat in repeats)
            CheckRepeat(repeat);
        return repeats;
    }

    private static ImmutableArray<Dim> RepeatsOfOneAxis(NodeFacts node, int rank)
    {
        if (ScalarValue.Integer(node, 1, "tiles") is not { } tiles || ScalarValue.Integer(node, 2, "axis") is not { } axis)
            return default;
        CheckRepeat(tiles);
        var repeats = new Dim[rank];
        Array.Fill(repeats, 1);
        repeats[ShapeMath.NormalizeAxis(axis, rank)] = tiles;
        return [.. repeats];
    }

    private static void CheckRepeat(Dim repeat)
    {
        if (repeat.TryGetValue(out long value) && value < 0)
            throw new OpException($"an axis is repeated {value} times, must be 0 or more");
    }
}
