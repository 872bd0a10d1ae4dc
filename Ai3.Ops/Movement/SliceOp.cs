using System.Collections.Immutable;
using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>Slice: starts, ends and axes are attributes before opset 10, then inputs with steps.</summary>
internal sealed class SliceOp : StridedCopyOp
{
    public static SliceOp V1 { get; } = new() { Name = "Slice", Since = 1, Until = 9, MinInputs = 1, MaxInputs = 1 };

    public static SliceOp V10 { get; } = new() { Name = "Slice", Since = 10, MinInputs = 3, MaxInputs = 5 };

    public override string Word => "slice";

    protected override SymbolicShape? OutputShape(NodeFacts node)
    {
        SymbolicShape? input = node.Tensor(0).Shape;
        if (input is null)
            return null;
        AxisRange?[]? ranges = Ranges(node, input);
        if (ranges is null)
            return MovementFacts.FreshShape(node, input.Rank);
        return SymbolicShape.Create([.. input.Select((dim, axis) => ranges[axis] is { } range ? range.Count(dim) ?? node.Fresh() : dim)]);
    }

    protected override CopyBox Box(NodeFacts node, Shape input, Shape output)
    {
        AxisRange?[] ranges = Ranges(node, input)!;
        long[] strides = ShapeMath.RowMajorStrides(input.AsSpan());
        long offset = 0;
        for (int axis = 0; axis < input.Rank && output.Count > 0; axis++)
        {
            if (ranges[axis] is not { } range)
                continue;
            (long begin, long count) = AxisRange.Resolve(input[axis], range.Start.Value, range.End.Value, range.Step!.Value);
            offset += begin * strides[axis];
            // A single element needs no step, whose product with the stride might not fit.
            strides[axis] = count > 1 ? strides[axis] * range.Step.Value : 0;
        }
        return CopyBox.Of(output, strides, offset);
    }

    // One entry an axis, null where the axis is whole; null if starts, ends or axes are not known.
    private AxisRange?[]? Ranges(NodeFacts node, SymbolicShape input)
    {
        ImmutableArray<Dim> starts = Read(node, 1, "starts"), ends = Read(node, 2, "ends"), axisList = Read(node, 3, "axes"), steps = Read(node, 4, "steps");
        bool hasAxes = Since >= 10 ? node.Has(3) : node.Attributes.Has("axes");
        bool hasSteps = Since >= 10 && node.Has(4);
        CheckSteps(steps);
        if (starts.IsDefault || ends.IsDefault || (hasAxes && (axisList.IsDefault || axisList.Any(a => !a.IsKnown))))
            return null;
        if (starts.Length != ends.Length || (hasAxes && axisList.Length != starts.Length) || (!steps.IsDefault && steps.Length != starts.Length))
            throw new OpException("starts, ends, axes and steps must have one entry each for every sliced axis");
        if (starts.Length > input.Rank)
            throw new OpException($"{starts.Length} axes are sliced, but the input is {input}");
        int[] axes = hasAxes ? ShapeMath.NormalizeAxes([.. axisList.Select(a => a.Value)], input.Rank) : [.. Enumerable.Range(0, starts.Length)];
        var ranges = new AxisRange?[input.Rank];
        for (int i = 0; i < axes.Length; i++)
            ranges[axes[i]] = new AxisRange(starts[i], ends[i], !hasSteps ? 1 : !steps.IsDefault && steps[i].TryGetValue(out long step) ? step : null);
        return ranges;
    }

    private static void CheckSteps(ImmutableArray<Dim> steps)
    {
        if (!steps.IsDefault && steps.Any(s => s.Is(0)))
            throw new OpException("a step is 0, must be positive or negative");
    }

    private ImmutableArray<Dim> Read(NodeFacts node, int index, string name)
    {
        if (Since >= 10)
            return node.Has(index) ? MovementFacts.List(node, index, name) : default;
        if (name == "steps")
            return default;
        ImmutableArray<long> values = node.Attributes.Ints(name);
        if (values.IsDefault && name != "axes")
            throw new OpException($"attribute {name} is missing");
        return values.IsDefault ? default : [.. values.Select(v => (Dim)v)];
    }
}
