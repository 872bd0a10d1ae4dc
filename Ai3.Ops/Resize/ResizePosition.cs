namespace Ai3.Ops;

/// <summary>Where output samples lie on the input axis.</summary>
internal static class ResizePosition
{
    // Nearest: quotients below this are rounded to single precision, so that a scale such as 1.2f meets whole positions.
    private const double SnapBelow = 65536;

    /// <summary>The position of output sample <paramref name="o"/> in input samples.</summary>
    public static double Of(ResizeProblem problem, ResizeAxis axis, long o)
    {
        // The length that the scale gives, which need not be whole.
        double width = axis.Scale != 0 ? axis.Scale * axis.In : axis.Out;
        double last = axis.In - 1;
        switch (problem.Coordinates)
        {
            case ResizeCoordinates.HalfPixel:
                return Divide(problem, axis, o + 0.5) - 0.5;
            case ResizeCoordinates.HalfPixelSymmetric:
                return axis.In / 2.0 * (1 - axis.Out / width) + Divide(problem, axis, o + 0.5) - 0.5;
            case ResizeCoordinates.PytorchHalfPixel:
                return axis.Out > 1 ? Divide(problem, axis, o + 0.5) - 0.5 : 0;
            case ResizeCoordinates.AlignCorners:
                return width == 1 ? 0 : Snap(problem, o * last / (width - 1));
            case ResizeCoordinates.TfHalfPixelForNn:
                return Divide(problem, axis, o + 0.5);
            case ResizeCoordinates.TfCropAndResize:
                return width == 1 ? (axis.Start + axis.End) * last / 2 : axis.Start * last + o * (axis.End - axis.Start) * last / (width - 1);
            default:
                return Divide(problem, axis, o);
        }
    }

    /// <summary>The input sample nearest to a position.</summary>
    public static int Nearest(ResizeProblem problem, ResizeAxis axis, double x)
    {
        double nearest = problem.Rounding switch
        {
            NearestRounding.PreferFloor => Math.Ceiling(x - 0.5),
            NearestRounding.PreferCeil => Math.Floor(x + 0.5),
            NearestRounding.Floor => Math.Floor(x),
            NearestRounding.Ceil => Math.Ceiling(x),
            _ => axis.Ratio < 1 ? Math.Ceiling(x) : Math.Floor(x),
        };
        return (int)Math.Clamp(nearest, 0, axis.In - 1);
    }

    private static double Divide(ResizeProblem problem, ResizeAxis axis, double o) =>
        Snap(problem, axis.Scale != 0 ? o / axis.Scale : o * axis.In / axis.Out);

    private static double Snap(ResizeProblem problem, double quotient) =>
        problem.Mode == ResizeMode.Nearest && quotient < SnapBelow ? (float)quotient : quotient;
}
