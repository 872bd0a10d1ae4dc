namespace Ai3.Cli;

/// <summary>Draws a grey picture with block characters: two for each pixel, so that it is about square.</summary>
internal static class PictureText
{
    private const string Shades = " ░▒▓█";

    /// <summary>The lines of a picture of 0 (paper) to 1 (ink), row-major.</summary>
    public static IEnumerable<string> Lines(float[] pixels, int width) =>
        pixels.Chunk(width).Select(row => string.Concat(row.Select(p => new string(Shade(p), 2))).TrimEnd());

    private static char Shade(float ink) => Shades[Math.Clamp((int)(ink * Shades.Length), 0, Shades.Length - 1)];
}
