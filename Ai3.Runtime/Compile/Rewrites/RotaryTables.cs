using System.Collections.Immutable;
using Ai3.Ops;
using Ai3.Tensors;

namespace Ai3.Runtime;

/// <summary>Makes the tables a RotaryEmbedding reads of those a graph multiplies by, once for all nodes that share them.</summary>
internal sealed class RotaryTables(RewriteContext context)
{
    private const int SliceWithInputs = 10;
    private const int SqueezeWithInputs = 13;

    private readonly Dictionary<GraphValue, GraphValue> _made = [];
    private GraphValue? _start;

    /// <summary>The position of the first row: 0.</summary>
    public GraphValue Start => _start ??= context.Patch.AddConstant("rotary.start", Tensor.From(new long[] { 0 }, [1]));

    /// <summary>Cosines and sines, [batch, position, half] each, or [position, half] for all batches; null if they do not fit.</summary>
    public (GraphValue Cos, GraphValue Sin, bool Each)? Of(RotaryPattern found, Node root, SymbolicShape x)
    {
        Dim width = found.Doubled ? x[3] : x[3].Value / 2;
        if (Each(found.Cos, x, width) is not { } each || Each(found.Sin, x, width) != each || x[3].Value % 2 != 0 || x[3].Value == 0)
            return null;
        if (found.Doubled && !(root.Opset >= SliceWithInputs && Repeats(found.Cos) && Repeats(found.Sin)))
            return null;
        return (Made(found.Cos, each, x, root, found.Doubled), Made(found.Sin, each, x, root, found.Doubled), each);
    }

    // Whether a table has rows of its own for each batch; null if it is not of [batch or 1, 1, position, width] or [position, width].
    private static bool? Each(GraphValue table, SymbolicShape x, Dim width)
    {
        if (table.Tensor is not { Type: DType.Float32, Shape: { Rank: >= 2 and <= 4 } shape } || shape[^1] != width || shape[^2] != x[2] || shape.Rank > 2 && !shape[^3].Is(1))
            return null;
        if (shape.Rank < 4 || shape[0].Is(1))
            return false;
        return shape[0] == x[0] ? true : null;
    }

    private GraphValue Made(GraphValue table, bool each, SymbolicShape x, Node place, bool doubled)
    {
        if (_made.TryGetValue(table, out GraphValue? made))
            return made;
        GraphValue at = table;
        long half = x[3].Value / 2;
        if (doubled)
        {
            SymbolicShape shape = table.Tensor!.Shape!;
            GraphValue cut = context.Patch.NewValue($"{table.Name}.half", new TensorFact(DType.Float32, SymbolicShape.Create([.. shape.AsSpan()[..^1], half])));
            context.Patch.InsertBefore(place, "Slice", Attributes.Empty, [at, Vector(0), Vector(half), Vector(shape.Rank - 1)], [cut]);
            at = cut;
        }
        int rank = at.Tensor!.Shape!.Rank, wanted = each ? 3 : 2;
        if (rank > wanted)
        {
            SymbolicShape shape = each ? [x[0], x[2], half] : [x[2], half];
            GraphValue flat = context.Patch.NewValue($"{table.Name}.rows", new TensorFact(DType.Float32, shape));
            ImmutableArray<long> axes = each ? [1] : [.. Enumerable.Range(0, rank - 2).Select(a => (long)a)];
            bool asInput = place.Opset >= SqueezeWithInputs;
            context.Patch.InsertBefore(place, "Squeeze", asInput ? Attributes.Empty : Attributes.Empty.With("axes", axes), asInput ? [at, Vector([.. axes])] : [at], [flat]);
            at = flat;
        }
        return _made[table] = at;
    }

    private GraphValue Vector(params long[] values) => context.Patch.AddConstant("rotary", Tensor.From(values, [values.Length]));

    // Whether the second half of the last axis is the first again.
    private static bool Repeats(GraphValue value)
    {
        GraphValue at = value;
        while (at.Constant is null)
        {
            if (Pattern.Made(at, "Concat") is { Inputs: [{ } a, { } b] } concat && at.Tensor?.Shape is { } whole && concat.Attributes.Int("axis", 0) is var axis
                && (axis == -1 || axis == whole.Rank - 1) && ReferenceEquals(a, b))
                return true;
            if (Inner(at) is not { } inner)
                return false;
            at = inner;
        }
        return at.Constant is { Type: DType.Float32, Shape: { Rank: > 0 } shape } constant && shape[^1] % 2 == 0 && RowsRepeat(constant.AsSpan<float>(), (int)shape[^1]);
    }

    // What a node computes one by one, or moves as whole rows.
    private static GraphValue? Inner(GraphValue value)
    {
        if (Pattern.Made(value, "Cos", "Sin", "Cast", "Identity") is { } elementwise)
            return elementwise.Inputs[0];
        if (Pattern.WithScalar(Pattern.Made(value, "Mul", "Div")) is (var scaled, _))
            return scaled;
        if (Pattern.Made(value, "Gather") is { Inputs: [{ Tensor.Shape.Rank: > 1 } table, ..] } gather && gather.Attributes.Int("axis", 0) == 0)
            return table;
        if (Pattern.Made(value, "Unsqueeze", "Squeeze", "Slice", "Reshape", "Expand") is not { Inputs: [{ Tensor.Shape: { Rank: > 0 } from } rows, ..] } moved
            || value.Tensor?.Shape is not { Rank: > 0 } to || from[^1] != to[^1] || !to[^1].IsKnown || to[^1].Is(1))
            return null;
        // A slice as wide as its source may still run backwards.
        return moved.OpType != "Slice" || moved.Inputs.Count < 5 || moved.Inputs[4] is not { } steps || steps.Constant is { Type: DType.Int64 } constant && constant.AsSpan<long>().IndexOfAnyExcept(1) < 0
            ? rows : null;
    }

    private static bool RowsRepeat(ReadOnlySpan<float> values, int width)
    {
        for (int row = 0; row < values.Length; row += width)
            if (!values.Slice(row, width / 2).SequenceEqual(values.Slice(row + width / 2, width / 2)))
                return false;
        return true;
    }
}
