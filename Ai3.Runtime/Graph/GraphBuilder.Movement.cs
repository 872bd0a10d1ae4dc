using System.Collections.Immutable;
using Ai3.Ops;

namespace Ai3.Runtime;

/// <content>Operators that move elements.</content>
public sealed partial class GraphBuilder
{
    /// <summary>The same elements in another shape.</summary>
    /// <param name="x">Input.</param>
    /// <param name="shape">The dimensions; 0 keeps the input's, one may be -1 for what is left.</param>
    public Operand Reshape(Operand x, params ReadOnlySpan<long> shape) => Reshape(x, Ints(shape));

    /// <summary>The same elements in another shape.</summary>
    /// <param name="x">Input.</param>
    /// <param name="shape">An int64 vector; 0 keeps the input's, one may be -1 for what is left.</param>
    public Operand Reshape(Operand x, Operand shape) => One("Reshape", [x, shape]);

    /// <summary>Axis i of the result is axis order[i] of the input.</summary>
    public Operand Transpose(Operand x, params ReadOnlySpan<long> order) =>
        One("Transpose", [x], order.IsEmpty ? Attributes.Empty : Attributes.Empty.With("perm", ImmutableArray.Create(order)));

    /// <summary>Values one after the other along an axis.</summary>
    public Operand Concat(long axis, params ReadOnlySpan<Operand> parts) => One("Concat", [.. parts], Attributes.Empty.With("axis", axis));

    /// <summary>Parts of given sizes along an axis.</summary>
    public ImmutableArray<Operand> Split(Operand x, long axis, params ReadOnlySpan<long> sizes) =>
        AddNode("Split", [x, Ints(sizes)], Attributes.Empty.With("axis", axis), sizes.Length, null);

    /// <summary>A range of one axis.</summary>
    /// <param name="x">Input.</param>
    /// <param name="axis">The axis; counted from the end if negative.</param>
    /// <param name="start">The first index; counted from the end if negative.</param>
    /// <param name="end">One past the last index; counted from the end if negative; <see cref="long.MaxValue"/> for the end.</param>
    /// <param name="step">The distance of the indices.</param>
    public Operand Slice(Operand x, long axis, long start, long end, long step = 1) => One("Slice", [x, Ints(start), Ints(end), Ints(axis), step == 1 ? null : Ints(step)]);

    /// <summary>The entries of an axis that indices name.</summary>
    /// <param name="x">Input.</param>
    /// <param name="indices">int32 or int64.</param>
    /// <param name="axis">The axis; counted from the end if negative.</param>
    public Operand Gather(Operand x, Operand indices, long axis = 0) => One("Gather", [x, indices], Attributes.Empty.WithUnless("axis", axis, 0));

    /// <summary>Without axes of 1.</summary>
    public Operand Squeeze(Operand x, params ReadOnlySpan<long> axes) => One("Squeeze", axes.IsEmpty ? [x] : [x, Ints(axes)]);

    /// <summary>With axes of 1 at these places of the result.</summary>
    public Operand Unsqueeze(Operand x, params ReadOnlySpan<long> axes) => One("Unsqueeze", [x, Ints(axes)]);

    /// <summary>The axes before <paramref name="axis"/> as one, and the others as one.</summary>
    public Operand Flatten(Operand x, long axis = 1) => One("Flatten", [x], Attributes.Empty.WithUnless("axis", axis, 1));

    /// <summary>Repeated to a shape, as broadcasting does.</summary>
    public Operand Expand(Operand x, Operand shape) => One("Expand", [x, shape]);

    /// <summary>A constant around the input.</summary>
    /// <param name="x">Input.</param>
    /// <param name="pads">How much before each axis, then how much after each.</param>
    /// <param name="value">The constant.</param>
    public Operand Pad(Operand x, ReadOnlySpan<long> pads, double value = 0) => One("Pad", [x, Ints(pads), value == 0 ? null : ScalarLike(x, value)]);

    /// <summary>The dimensions as an int64 vector.</summary>
    public Operand ShapeOf(Operand x) => One("Shape", [x]);

    /// <summary>One dimension as an int64 scalar.</summary>
    public Operand DimOf(Operand x, long axis) => Gather(ShapeOf(x), Scalar(axis));

    /// <summary>Numbers from a start to before a limit: scalars of one type.</summary>
    public Operand Range(Operand start, Operand limit, Operand step) => One("Range", [start, limit, step]);

    /// <summary>Planes enlarged by whole factors, each element repeated: [n, c, h, w] to [n, c, h*factor, w*factor].</summary>
    public Operand UpsampleNearest(Operand x, int factor)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(factor, 1);
        Attributes attributes = Attributes.Empty.With("mode", "nearest").With("coordinate_transformation_mode", "asymmetric").With("nearest_mode", "floor");
        return One("Resize", [x, null, Constant<float>([1, 1, factor, factor], [4])], attributes);
    }
}
