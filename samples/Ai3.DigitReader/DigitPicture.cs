namespace Ai3.DigitReader;

/// <summary>Draws a digit as somebody might write it: the strokes bent, slanted, scaled, moved, thicker or thinner, with noise.</summary>
/// <remarks>Only additions, multiplications, divisions and square roots, so that the pixels have the same bits on every machine.</remarks>
internal static class DigitPicture
{
    /// <summary>Height and width in pixels.</summary>
    public const int Size = 24;

    private const int PiecesPerCurve = 6;

    /// <summary>The pixels of a digit, row-major, 0 for paper and 1 for ink.</summary>
    public static float[] Draw(int digit, SplitMix random)
    {
        Hand hand = Hand.Of(random);
        var pixels = new float[Size * Size];
        foreach (Point[] stroke in StrokeFont.Of(digit))
            DrawStroke(pixels, [.. stroke.Select(p => hand.Place(p, random))], hand.Thickness);
        for (int i = 0; i < pixels.Length; i++)
            pixels[i] = Math.Clamp(pixels[i] * hand.Ink + random.Between(-hand.Noise, hand.Noise), 0, 1);
        return pixels;
    }

    private static void DrawStroke(float[] pixels, Point[] points, float thickness)
    {
        for (int i = 0; i + 2 < points.Length; i += 2)
        {
            Point from = points[i];
            for (int piece = 1; piece <= PiecesPerCurve; piece++)
            {
                Point to = Bezier(points[i], points[i + 1], points[i + 2], (float)piece / PiecesPerCurve);
                DrawSegment(pixels, from, to, thickness);
                from = to;
            }
        }
    }

    private static Point Bezier(Point a, Point b, Point c, float t)
    {
        float u = 1 - t, ua = u * u, ub = 2 * u * t, uc = t * t;
        return new Point(ua * a.X + ub * b.X + uc * c.X, ua * a.Y + ub * b.Y + uc * c.Y);
    }

    // Ink falls off over one pixel at the stroke's edge.
    private static void DrawSegment(float[] pixels, Point from, Point to, float thickness)
    {
        float reach = thickness + 1, dx = to.X - from.X, dy = to.Y - from.Y, length = dx * dx + dy * dy;
        int top = Lowest(from.Y, to.Y, reach), bottom = Highest(from.Y, to.Y, reach);
        int left = Lowest(from.X, to.X, reach), right = Highest(from.X, to.X, reach);
        for (int y = top; y <= bottom; y++)
        {
            for (int x = left; x <= right; x++)
            {
                float px = x - from.X, py = y - from.Y;
                float t = length > 0 ? Math.Clamp((px * dx + py * dy) / length, 0, 1) : 0;
                float ex = px - t * dx, ey = py - t * dy;
                float ink = Math.Clamp(thickness + 0.5f - MathF.Sqrt(ex * ex + ey * ey), 0, 1);
                pixels[y * Size + x] = Math.Max(pixels[y * Size + x], ink);
            }
        }
    }

    private static int Lowest(float a, float b, float reach) => Math.Clamp((int)MathF.Floor(Math.Min(a, b) - reach), 0, Size - 1);

    private static int Highest(float a, float b, float reach) => Math.Clamp((int)MathF.Ceiling(Math.Max(a, b) + reach), 0, Size - 1);

    /// <summary>One way of writing: an affine map from the unit square to pixels, and a pen.</summary>
    private sealed record Hand(float XX, float XY, float YX, float YY, float CentreX, float CentreY, float Wobble, float Thickness, float Ink, float Noise)
    {
        public static Hand Of(SplitMix random)
        {
            float height = random.Between(14, 20), width = height * random.Between(0.55f, 0.85f);
            return new Hand(
                width, width * random.Between(-0.3f, 0.3f), height * random.Between(-0.12f, 0.12f), height,
                (Size - 1) * 0.5f + random.Between(-2, 2), (Size - 1) * 0.5f + random.Between(-2, 2),
                random.Between(0, 0.05f), random.Between(0.5f, 1.3f), random.Between(0.75f, 1), random.Between(0, 0.12f));
        }

        public Point Place(Point p, SplitMix random)
        {
            float x = p.X - 0.5f + random.Between(-Wobble, Wobble), y = p.Y - 0.5f + random.Between(-Wobble, Wobble);
            return new Point(CentreX + XX * x + XY * y, CentreY + YX * x + YY * y);
        }
    }
}
