using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>
/// A tensor as [outer][blocks][inner][block]: the blocked axis has <paramref name="Size"/> elements, those around it are merged. Plain is block 1
/// of any axis, channels-last is one block of the whole axis 1.
/// </summary>
internal readonly record struct ReorderLayout(nint Outer, nint Size, nint Inner, nint Block)
{
    public nint Blocks => Block == 0 ? 0 : (Size + Block - 1) / Block;

    /// <summary>Elements of one outer index.</summary>
    public nint Stride => Blocks * Inner * Block;

    /// <summary>The place of element (index, 0) within an outer index; the next inner element is <see cref="Block"/> further.</summary>
    public nint Place(nint index) => index / Block * Inner * Block + index % Block;

    /// <summary>The axis that a format cuts, or -1 if it is row-major for this rank.</summary>
    public static int AxisOf(Format format, Shape shape) => format.Kind switch
    {
        FormatKind.Blocked when format.Axis < shape.Rank => format.Axis,
        FormatKind.ChannelsLast when shape.Rank > 2 => 1,
        _ => -1,
    };

    /// <summary>The shape in a format that cuts <paramref name="axis"/> or none.</summary>
    public static ReorderLayout Of(Shape shape, Format format, int axis)
    {
        if (axis < 0)
            return new ReorderLayout(1, (nint)shape.Count, 1, 1);
        nint size = (nint)shape[axis];
        nint block = AxisOf(format, shape) < 0 ? 1 : format.Kind == FormatKind.ChannelsLast ? Math.Max(size, 1) : format.Block;
        return new ReorderLayout((nint)shape.CountOf(..axis), size, (nint)shape.CountOf((axis + 1)..), block);
    }

    /// <summary>The axis that a reorder works along; -1 if both sides are row-major, -2 if they cut different axes.</summary>
    public static int CommonAxis(ReorderProblem p)
    {
        int from = AxisOf(p.From, p.Shape), to = AxisOf(p.To, p.Shape);
        return from == to || to < 0 ? from : from < 0 ? to : -2;
    }
}
