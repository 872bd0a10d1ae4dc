using System.Collections.Immutable;
using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>
/// Split: parts of given sizes (an input in opsets 1 and 13 on, an attribute in 1 to 12), of equal size (before opset 18), or
/// num_outputs parts of which the last may be smaller.
/// </summary>
internal sealed class SplitOp() : OpDefinition<JoinProblem>(JoinAlgorithms.All)
{
    private const string Word = "split";

    public static SplitOp V1 { get; } = new() { Name = "Split", MinInputs = 1, MaxInputs = 2, MaxOutputs = int.MaxValue };

    public override bool ReadsValues(NodeFacts node, int index) => index == 1;

    public override ImmutableArray<ValueFact> Infer(NodeFacts node)
    {
        TensorFact data = node.Tensor(0);
        if (data.Shape is null)
            return [.. Enumerable.Repeat<ValueFact>(new TensorFact(data.Type, null), node.OutputCount)];
        int axis = Axis(node, data.Shape.Rank);
        Dim[] sizes = Sizes(node, data.Shape[axis]);
        ImmutableArray<Dim> elements = data.Shape.Rank == 1 && sizes.All(s => s.IsKnown) ? MovementFacts.SmallElements(node, 0) : default;
        var outputs = ImmutableArray.CreateBuilder<ValueFact>();
        long offset = 0;
        foreach (Dim size in sizes)
        {
            ImmutableArray<Dim> own = elements.IsDefault ? default : elements.Slice((int)offset, (int)size.Value);
            outputs.Add(MovementFacts.Output(data.Type, With(data.Shape, axis, size), own));
            offset += elements.IsDefault ? 0 : size.Value;
        }
        return outputs.ToImmutable();
    }

    public override Problem CreateProblem(NodeFacts node)
    {
        TensorType whole = node.Operand(0);
        int axis = Axis(node, whole.Shape.Rank);
        return new JoinProblem
        {
            Name = Word,
            Axis = axis,
            Parts = [.. Sizes(node, whole.Shape[axis]).Select(size => MovementFacts.Operand(whole.Type, With(whole.Shape, axis, size)))],
            Whole = whole,
            ValueInputs = MovementFacts.Operands(node)[1..],
            IsConcat = false,
            ConstantInputs = node.ConstantInputs,
        }.Checked();
    }

    public override bool RunsOnHost(NodeFacts node) => StringMoves.Applies(node);

    public override Value[] RunOnHost(NodeFacts node, IReadOnlyList<Value?> inputs, long maxBytes) => StringMoves.Run(this, node, inputs, maxBytes);

    public override Problem? ParseProblem(string key) => JoinProblem.Parse(key, Word, isConcat: false);

    private static int Axis(NodeFacts node, int rank) => ShapeMath.NormalizeAxis(node.Attributes.Int("axis", 0), rank);

    private static SymbolicShape With(SymbolicShape shape, int axis, Dim size) => SymbolicShape.Create([.. shape.Select((d, i) => i == axis ? size : d)]);

    private static Dim[] Sizes(NodeFacts node, Dim extent)
    {
        int count = node.OutputCount;
        if (count < 1)
            throw new OpException("a split has no outputs, needs one");
        bool byInput = node.Has(1), byAttribute = node.Opset < 13 && node.Attributes.Has("split");
        if (node.Opset >= 18 && byInput == node.Attributes.Has("num_outputs"))
            throw new OpException("give either the split input or attribute num_outputs");
        if (!byInput && !byAttribute)
            return Equal(node, extent, count);
        ImmutableArray<Dim> sizes = byInput ? MovementFacts.List(node, 1, "split") : [.. node.Attributes.Ints("split").Select(v => (Dim)v)];
        if (sizes.IsDefault)
            return [.. Enumerable.Range(0, count).Select(_ => node.Fresh())];
        if (sizes.Length != count)
            throw new OpException($"split has {sizes.Length} sizes for {count} outputs, must have one for each");
        Dim sum = 0;
        foreach (Dim size in sizes)
        {
            if (size.TryGetValue(out long value) && value < 0)
                throw new OpException($"a part has size {value}, must be 0 or more");
            sum += size;
        }
        if (sum.IsKnown && extent.IsKnown && sum != extent)
            throw new OpException($"split [{string.Join(",", sizes)}] adds up to {sum}, must be the axis' extent {extent}");
        return [.. sizes];
    }

    private static Dim[] Equal(NodeFacts node, Dim extent, int count)
    {
        if (node.Opset >= 18 && node.Attributes.Int("num_outputs") is var wanted && wanted != count)
            throw new OpException($"num_outputs is {wanted}, but the node has {count} outputs");
        if (node.Opset < 18 && extent.TryGetValue(out long known) && known % count != 0)
            throw new OpException($"an axis of extent {known} has no {count} equal parts");
        Dim size = node.Opset >= 18 ? Dim.CeilDiv(extent, count) : Dim.FloorDiv(extent, count);
        var sizes = new Dim[count];
        Array.Fill(sizes, size);
        if (node.Opset >= 18)
            sizes[^1] = extent - size * (count - 1);
        if (sizes[^1].TryGetValue(out long last) && last < 0)
            throw new OpException($"an axis of extent {extent} has no {count} parts of {size}, of which only the last may be smaller");
        return sizes;
    }
}
