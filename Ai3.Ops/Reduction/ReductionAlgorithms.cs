using System.Collections.Immutable;

namespace Ai3.Ops;

/// <summary>Every way to reduce.</summary>
internal static class ReductionAlgorithms
{
    public static ImmutableArray<Algorithm<ReductionProblem>> All { get; } =
    [
        new()
        {
            Name = "simd",
            Source = "vector accumulators over blocks, block results in double",
            Needs = "float32, no product",
            Layouts = "plain or blocked",
            Supports = VectorReduction.Supports,
            Formats = VectorReduction.Formats,
            CostHint = static r => Cost(r, 0.7 / r.Target.Lanes),
            Error = VectorReduction.Error,
            Bind = VectorReduction.Bind,
        },
        new()
        {
            Name = "scalar",
            Source = "one element at a time, in double or 64-bit integers",
            Supports = ScalarReduction.Supports,
            CostHint = static r => Cost(r, 1.5),
            Error = static (p, _) => p.Input.Type == Tensors.DType.Float64 ? ErrorBound.PerElement(p.Count + 4) : ErrorBound.PerElement(4),
            Bind = ScalarReduction.Bind,
        },
        ReferenceAlgorithm.Of<ReductionProblem>(ReductionReference.Evaluate),
    ];

    /// <summary>The rows that can compute a function.</summary>
    public static ImmutableArray<Algorithm<ReductionProblem>> For(ReductionFunction function) =>
        function == ReductionFunction.Prod ? [.. All.Where(row => row.Name != "simd")] : All;

    private static double Cost(Request<ReductionProblem> request, double perElement) =>
        100 + Math.Max(request.Problem.Input.Shape.Count * perElement, request.Problem.Traffic / request.Target.BytesPerNanosecond);
}
