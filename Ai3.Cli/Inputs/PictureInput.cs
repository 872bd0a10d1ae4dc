using Ai3.Runtime;
using Ai3.Tensors;
using StbImageSharp;

namespace Ai3.Cli;

/// <summary>How pixels become numbers: value = (pixel * Scale - Mean[c]) / Deviation[c], pixel from 0 to 255.</summary>
/// <param name="Scale">The factor of every pixel.</param>
/// <param name="Mean">Subtracted from each channel: one number, or one for each channel.</param>
/// <param name="Deviation">Divides each channel: one number, or one for each channel.</param>
internal sealed record PixelScaling(double Scale, double[] Mean, double[] Deviation)
{
    /// <summary>The value of a pixel's channel.</summary>
    public float Value(float pixel, int channel) => (float)((pixel * Scale - Of(Mean, channel)) / Of(Deviation, channel));

    private static double Of(double[] values, int channel) => values.Length == 1 ? values[0] : values[channel];
}

/// <summary>
/// Reads a PNG or JPEG into an input's own layout: NCHW or NHWC (whichever axis is 1 or 3), resized bilinearly to the input's
/// height and width, red first; grey by the luma of ITU-R BT.601.
/// </summary>
internal static class PictureInput
{
    private const int MaxPixels = 1 << 28;

    /// <summary>True if the file's name says that it is a picture.</summary>
    public static bool IsPicture(string path) => Path.GetExtension(path).ToLowerInvariant() is ".png" or ".jpg" or ".jpeg";

    /// <exception cref="UsageException">The input is no picture.</exception>
    /// <exception cref="InvalidDataException">The file is no picture.</exception>
    public static Tensor Read(string path, GraphValue input, PixelScaling? scaling)
    {
        ImageResult picture = Decode(path);
        Layout layout = Layout.Of(input, picture.Width, picture.Height);
        // Bytes stay as they are; real numbers run from 0 to 1 unless told otherwise.
        scaling ??= layout.Type == DType.UInt8 ? new PixelScaling(1, [0], [1]) : new PixelScaling(1.0 / 255, [0], [1]);
        if (new[] { scaling.Mean, scaling.Deviation }.Any(v => v.Length != 1 && v.Length != layout.Channels))
            throw new UsageException($"input '{input.Name}' has {layout.Channels} channels: --mean and --std take one number, or {layout.Channels}");
        var values = new float[layout.Channels * layout.Height * layout.Width];
        for (int y = 0; y < layout.Height; y++)
            for (int x = 0; x < layout.Width; x++)
                for (int c = 0; c < layout.Channels; c++)
                    values[layout.Index(c, y, x)] = scaling.Value(Sample(picture, layout, c, y, x), c);
        return Convert(values, layout.Type, layout.Shape);
    }

    private static ImageResult Decode(string path)
    {
        byte[] bytes = File.ReadAllBytes(path);
        try
        {
            using var stream = new MemoryStream(bytes);
            ImageInfo info = ImageInfo.FromStream(stream) ?? throw new InvalidDataException($"'{path}' is not a PNG or JPEG picture");
            if ((long)info.Width * info.Height > MaxPixels)
                throw new InvalidDataException($"'{path}' is {info.Width} x {info.Height}; the most is {MaxPixels} pixels");
            return ImageResult.FromMemory(bytes, ColorComponents.RedGreenBlue);
        }
        catch (Exception e) when (e is not (InvalidDataException or OutOfMemoryException))
        {
            throw new InvalidDataException($"'{path}' is not a PNG or JPEG picture that can be read: {e.Message}");
        }
    }

    // Pixel centres are at half coordinates; outside the picture its edge goes on.
    private static float Sample(ImageResult picture, Layout layout, int channel, int y, int x)
    {
        float sourceY = (y + 0.5f) * picture.Height / layout.Height - 0.5f, sourceX = (x + 0.5f) * picture.Width / layout.Width - 0.5f;
        int top = (int)MathF.Floor(sourceY), left = (int)MathF.Floor(sourceX);
        float fy = sourceY - top, fx = sourceX - left;
        float upper = (1 - fx) * Pixel(picture, layout.Channels, channel, top, left) + fx * Pixel(picture, layout.Channels, channel, top, left + 1);
        float lower = (1 - fx) * Pixel(picture, layout.Channels, channel, top + 1, left) + fx * Pixel(picture, layout.Channels, channel, top + 1, left + 1);
        return (1 - fy) * upper + fy * lower;
    }

    private static float Pixel(ImageResult picture, int channels, int channel, int y, int x)
    {
        int at = 3 * (Math.Clamp(y, 0, picture.Height - 1) * picture.Width + Math.Clamp(x, 0, picture.Width - 1));
        ReadOnlySpan<byte> rgb = picture.Data.AsSpan(at, 3);
        // Weights in thousandths: grey stays exactly what it is.
        return channels == 3 ? rgb[channel] : (299 * rgb[0] + 587 * rgb[1] + 114 * rgb[2]) / 1000f;
    }

    private static Tensor Convert(float[] values, DType type, Shape shape) => type switch
    {
        DType.Float32 => Tensor.From(values, shape),
        DType.Float64 => Tensor.From(Array.ConvertAll(values, v => (double)v), shape),
        DType.Float16 => Tensor.From(Array.ConvertAll(values, v => (Half)v), shape),
        DType.BFloat16 => Tensor.From(Array.ConvertAll(values, v => (BFloat16)v), shape),
        _ => Tensor.From(Array.ConvertAll(values, v => (byte)Math.Clamp(MathF.Round(v), 0, 255)), shape),
    };

    /// <summary>Where channel, row and column are in an input.</summary>
    private sealed record Layout(DType Type, Shape Shape, bool ChannelsLast, int Channels, int Height, int Width)
    {
        public static Layout Of(GraphValue input, int width, int height)
        {
            TensorFact? fact = input.Tensor;
            if (fact?.Shape is not { Rank: 3 or 4 } shape || !(fact.Type.IsFloat() || fact.Type == DType.UInt8))
                throw Refuse(input);
            int first = shape.Rank - 3;
            bool batchIsOne = first == 0 || shape[0].Is(1) || !shape[0].IsKnown;
            bool channelsFirst = IsColour(shape[first]), channelsLast = !channelsFirst && IsColour(shape[^1]);
            if (!batchIsOne || !channelsFirst && !channelsLast)
                throw Refuse(input);
            int channels = (int)shape[channelsFirst ? first : ^1].Value;
            int h = Size(shape[channelsFirst ? first + 1 : first], height), w = Size(shape[channelsFirst ? ^1 : ^2], width);
            long[] dims = channelsFirst ? [channels, h, w] : [h, w, channels];
            return new Layout(fact.Type, Shape.Create(first == 0 ? dims : [1, .. dims]), channelsLast, channels, h, w);
        }

        public int Index(int c, int y, int x) => ChannelsLast ? (y * Width + x) * Channels + c : (c * Height + y) * Width + x;

        private static bool IsColour(Dim dim) => dim.Is(1) || dim.Is(3);

        private static int Size(Dim dim, int natural) =>
            !dim.TryGetValue(out long size) ? natural : size is >= 1 and <= 32768 ? (int)size : throw new UsageException($"a picture cannot be resized to {size} pixels");

        private static UsageException Refuse(GraphValue input) => new(
            $"input '{input.Name}' is {input.Fact?.ToString() ?? "of unknown type"}, which takes no picture: that needs [1,C,H,W] or [1,H,W,C] with 1 or 3 channels, of floats or u8");
    }
}
