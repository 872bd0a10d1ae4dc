using System.Collections.Immutable;
using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>Crop (experimental, withdrawn): cuts borders [left, top, right, bottom] off an image, or takes a part of size scale [h, w].</summary>
internal sealed class CropOp : StridedCopyOp
{
    public static CropOp V1 { get; } = new() { Name = "Crop", MinInputs = 1, MaxInputs = 1 };

    public override string Word => "crop";

    protected override SymbolicShape? OutputShape(NodeFacts node)
    {
        SymbolicShape? input = node.Tensor(0).Shape;
        if (input is null)
            return MovementFacts.FreshShape(node, 4);
        if (input.Rank != 4)
            throw new OpException($"input is {input}, must have rank 4");
        ImmutableArray<long> border = Border(node);
        ImmutableArray<long> scale = node.Attributes.Ints("scale");
        if (!scale.IsDefault && (scale.Length != 2 || scale[0] < 0 || scale[1] < 0))
            throw new OpException($"scale [{string.Join(",", scale)}] must be two numbers of 0 or more");
        return [input[0], input[1], Extent(input[2], border[1], border[3], scale, 0), Extent(input[3], border[0], border[2], scale, 1)];
    }

    protected override CopyBox Box(NodeFacts node, Shape input, Shape output)
    {
        ImmutableArray<long> border = Border(node);
        long[] strides = ShapeMath.RowMajorStrides(input.AsSpan());
        return CopyBox.Of(output, strides, output.Count == 0 ? 0 : border[1] * strides[2] + border[0]);
    }

    private static ImmutableArray<long> Border(NodeFacts node)
    {
        ImmutableArray<long> border = node.Attributes.Ints("border");
        if (border.IsDefault || border.Length != 4 || border.Any(b => b < 0))
            throw new OpException($"border must be four numbers of 0 or more: left, top, right, bottom");
        return border;
    }

    private static Dim Extent(Dim dim, long before, long after, ImmutableArray<long> scale, int axis)
    {
        Dim extent = scale.IsDefault ? dim - before - after : scale[axis];
        if (extent.TryGetValue(out long size) && (size < 0 || (dim.TryGetValue(out long whole) && before > whole - size)))
            throw new OpException($"border {before} and size {size} reach outside the image's {dim}");
        return extent;
    }
}
