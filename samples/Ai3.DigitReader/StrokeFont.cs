namespace Ai3.DigitReader;

/// <summary>A point of a stroke in the unit square, y down.</summary>
internal readonly record struct Point(float X, float Y);

/// <summary>
/// The digits as strokes: each a start and then quadratic Bezier pieces (control point, end point). A straight piece has its
/// control point in the middle.
/// </summary>
internal static class StrokeFont
{
    private static readonly Point[][][] Digits =
    [
        [Stroke(.5f, .05f, .9f, .05f, .9f, .5f, .9f, .95f, .5f, .95f, .1f, .95f, .1f, .5f, .1f, .05f, .5f, .05f)],
        [Stroke(.3f, .22f, .45f, .15f, .55f, .05f, .55f, .5f, .55f, .95f)],
        [Stroke(.15f, .28f, .15f, .05f, .5f, .05f, .85f, .05f, .85f, .3f, .85f, .5f, .15f, .95f, .5f, .95f, .88f, .95f)],
        [
            Stroke(.15f, .15f, .3f, .05f, .5f, .05f, .85f, .05f, .85f, .27f, .85f, .47f, .45f, .47f),
            Stroke(.45f, .47f, .9f, .47f, .9f, .71f, .9f, .95f, .5f, .95f, .25f, .95f, .1f, .83f),
        ],
        [Stroke(.65f, .95f, .65f, .5f, .65f, .05f, .38f, .35f, .1f, .65f, .5f, .65f, .9f, .65f)],
        [
            Stroke(.82f, .05f, .53f, .05f, .25f, .05f, .22f, .25f, .2f, .45f),
            Stroke(.2f, .45f, .35f, .38f, .5f, .38f, .88f, .38f, .88f, .66f, .88f, .95f, .5f, .95f, .25f, .95f, .12f, .85f),
        ],
        [Stroke(.75f, .08f, .15f, .2f, .13f, .66f, .13f, .95f, .5f, .95f, .87f, .95f, .87f, .69f, .87f, .43f, .5f, .43f, .2f, .43f, .13f, .66f)],
        [Stroke(.1f, .05f, .5f, .05f, .9f, .05f, .52f, .42f, .4f, .95f)],
        [
            Stroke(.5f, .48f, .15f, .48f, .15f, .27f, .15f, .05f, .5f, .05f, .85f, .05f, .85f, .27f, .85f, .48f, .5f, .48f),
            Stroke(.5f, .48f, .9f, .48f, .9f, .72f, .9f, .95f, .5f, .95f, .1f, .95f, .1f, .72f, .1f, .48f, .5f, .48f),
        ],
        [Stroke(.87f, .33f, .8f, .57f, .5f, .57f, .13f, .57f, .13f, .31f, .13f, .05f, .5f, .05f, .87f, .05f, .87f, .33f, .87f, .75f, .6f, .95f)],
    ];

    /// <summary>The strokes of a digit.</summary>
    public static Point[][] Of(int digit) => Digits[digit];

    private static Point[] Stroke(params ReadOnlySpan<float> coordinates)
    {
        var points = new Point[coordinates.Length / 2];
        for (int i = 0; i < points.Length; i++)
            points[i] = new Point(coordinates[2 * i], coordinates[2 * i + 1]);
        return points;
    }
}
