namespace Ai3.Tensors;

/// <summary>How a tensor's elements are laid out.</summary>
public enum FormatKind
{
    /// <summary>Row-major.</summary>
    Plain,
    /// <summary>An axis in blocks of c: NCHWc for axis 1. The last block is padded with zeros.</summary>
    Blocked,
    /// <summary>Channels innermost: NHWC.</summary>
    ChannelsLast,
}

/// <summary>A memory layout: a fact of the plan, never of the user's graph.</summary>
/// <param name="Kind">The kind of layout.</param>
/// <param name="Block">Elements in a block, for <see cref="FormatKind.Blocked"/>; otherwise 0.</param>
/// <param name="Axis">The blocked axis, for <see cref="FormatKind.Blocked"/>; otherwise 0.</param>
public readonly record struct Format(FormatKind Kind, int Block, int Axis)
{
    /// <summary>Row-major.</summary>
    public static Format Plain => default;

    /// <summary>NHWC.</summary>
    public static Format ChannelsLast => new(FormatKind.ChannelsLast, 0, 0);

    /// <summary>NCHWc: axis 1 in blocks of <paramref name="block"/> elements.</summary>
    public static Format Blocked(int block) => new(FormatKind.Blocked, block, 1);

    /// <summary>Elements that a tensor of this shape takes in this format, padding counted.</summary>
    public long StorageCount(Shape shape)
    {
        if (Kind != FormatKind.Blocked || Axis >= shape.Rank)
            return shape.Count;
        long count = ShapeMath.RoundUp(shape[Axis], Block);
        for (int i = 0; i < shape.Rank; i++)
            if (i != Axis)
                count = ShapeMath.Multiply(count, shape[i]);
        return count;
    }

    /// <summary><c>plain</c>, <c>nhwc</c> or <c>nchw16c</c>.</summary>
    public override string ToString() => Kind switch
    {
        FormatKind.Plain => "plain",
        FormatKind.ChannelsLast => "nhwc",
        _ => Axis == 1 ? $"nchw{Block}c" : $"axis{Axis}x{Block}",
    };
}
