using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>Which channel (axis 1) each element of a tensor's storage belongs to.</summary>
/// <param name="StorageCount">Elements in storage, block padding counted.</param>
/// <param name="Channels">The tensor's channels; a larger result of <see cref="ChannelOf"/> is block padding.</param>
/// <param name="Block">Channels that are next to each other in memory.</param>
/// <param name="Inner">Positions (pixels) of one channel.</param>
/// <param name="Blocks">Blocks of channels.</param>
internal readonly record struct ChannelLayout(long StorageCount, long Channels, long Block, long Inner, long Blocks)
{
    public static ChannelLayout Of(Shape shape, Format format)
    {
        long channels = shape.Rank > 1 ? shape[1] : 1;
        long inner = shape.Rank > 2 ? shape.CountOf(2..) : 1;
        long block = format.Kind switch { FormatKind.Plain => 1, FormatKind.ChannelsLast => channels, _ => format.Block };
        return new ChannelLayout(format.StorageCount(shape), channels, Math.Max(block, 1), inner, block == 0 ? 0 : ShapeMath.CeilDiv(channels, block));
    }

    /// <summary>The channel of the element at a storage position.</summary>
    public long ChannelOf(long position) => position / (Inner * Block) % Blocks * Block + position % Block;
}
