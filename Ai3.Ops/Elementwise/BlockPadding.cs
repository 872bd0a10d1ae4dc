using System.Runtime.Intrinsics;

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
        for (long pixel = begin / Block, last = end / Block; pixel < last;)
        {
            long image = pixel / Pixels, stop = Math.Min(last, (image + 1) * Pixels);
            if (image % Blocks == Blocks - 1)
                Clear(output + (pixel * Block + Block - Lanes) * elementSize, (nint)(stop - pixel), (nint)Block * elementSize, (nint)Lanes * elementSize);
            pixel = stop;
        }
    }

    // The first bytes of each of some pixels, in 16-byte stores of which the last overlaps.
    private static unsafe void Clear(byte* at, nint pixels, nint pixelBytes, nint bytes)
    {
        for (nint i = 0; i < pixels; i++, at += pixelBytes)
        {
            if (bytes >= Vector128<byte>.Count)
            {
                for (nint b = 0; b < bytes - Vector128<byte>.Count; b += Vector128<byte>.Count)
                    Vector128<byte>.Zero.Store(at + b);
                Vector128<byte>.Zero.Store(at + bytes - Vector128<byte>.Count);
            }
            else
                for (nint b = 0; b < bytes; b++)
                    at[b] = 0;
        }
    }
}
