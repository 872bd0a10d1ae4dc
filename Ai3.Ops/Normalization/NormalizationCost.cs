namespace Ai3.Ops;

/// <summary>What the float32 row normalisations cost.</summary>
internal static class NormalizationCost
{
    /// <param name="r">The request.</param>
    /// <param name="perVector">Nanoseconds of a vector's elements.</param>
    /// <param name="perSegment">Nanoseconds of a segment.</param>
    /// <param name="passes">How often a row is read.</param>
    public static double Of(Request<NormalizationProblem> r, double perVector, double perSegment, int passes)
    {
        NormalizationRows.TryOf(r.Problem, out NormalizationRows? rows);
        double segments = (double)r.Problem.Rows * rows!.Outer.Dim;
        double vectors = segments * Math.Ceiling((double)rows.Inner.Dim / r.Target.Lanes);
        // A row longer than the second cache comes from further away in every pass.
        bool leaves = sizeof(float) * (double)r.Problem.Length > r.Target.Caches.L2;
        double bytes = r.Problem.Traffic / 4 + (leaves ? (passes - 1) * sizeof(float) * (double)r.Problem.Shape.Count / 2 : 0);
        return 100 + (vectors * perVector + segments * perSegment + r.Problem.Rows * 20.0 + bytes / r.Target.BytesPerNanosecond) / r.Target.Threads;
    }
}
