using System.Collections.Immutable;

namespace Ai3.Ops;

/// <summary>Every way to quantise and back.</summary>
internal static class QuantizeAlgorithms
{
    public static ImmutableArray<Algorithm<QuantizeProblem>> All { get; } =
    [
        new()
        {
            Name = "simd",
            Source = "the definition, a vector of one scale or of neighbouring scales at a time",
            Needs = "f32, scales f32, u8 or i8",
            Supports = QuantizeSimd.Supports,
            CostHint = static r => 200 + Math.Max(r.Problem.Input.Shape.Count * 0.1, r.Problem.Traffic / r.Target.BytesPerNanosecond) / r.Target.Threads,
            Error = static (_, _) => ErrorBound.Exact,
            Bind = QuantizeSimd.Bind,
        },
        new()
        {
            Name = "reference",
            Source = "one element at a time",
            IsReference = true,
            Supports = static (_, _) => Applicability.Yes,
            CostHint = static r => 30.0 * r.Problem.Input.Shape.Count + 1e6,
            Error = static (_, _) => ErrorBound.Exact,
            Bind = static (r, _) => new QuantizeReference(r.Problem),
        },
    ];
}
