namespace Ai3.Ops;

/// <summary>The lanes of a blocked tensor's last channel block that are no channels. The default has none.</summary>
/// <param name="Lanes">Lanes that are no channels.</param>
/// <param name="Block">Lanes of a block.</param>
/// <param name="Blocks">Blocks of channels.</param>
/// <param name="Pixels">Positions of one channel.</param>
internal readonly record struct BlockPadding(int Lanes, int Block, long Blocks, long Pixels)
{
    public static BlockPadding Of(ChannelLayout layout)
    {
        long lanes = layout.Block > 1 && layout.Blocks > 0 ? layout.Blocks * layout.Block - layout.Channels : 0;
        return lanes == 0 ? default : new BlockPadding((int)lanes, (int)layout.Block, layout.Blocks, layout.Inner);
    }

    /// <summary>Writes zeros to those lanes of the pixels with storage positions in [begin, end), both multiples of a block.</summary>
    public unsafe void Clear(byte* output, int elementSize, long begin, long end)
    {
        if (Lanes == 0)
            return;
        for (long pixel = begin / Block; pixel < end / Block; pixel++)
        {
            long image = pixel / Pixels;
            if (image % Blocks == Blocks - 1)
                new Span<byte>(output + (pixel * Block + Block - Lanes) * elementSize, Lanes * elementSize).Clear();
            else
                pixel = (image + 1) * Pixels - 1;
        }
    }
}
