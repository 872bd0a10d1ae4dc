using System.Collections.Immutable;

namespace Ai3.Ops;

/// <summary>Every way to convolve 8-bit integers.</summary>
internal static class QuantizedConvAlgorithms
{
    public static ImmutableArray<Algorithm<QuantizedConvProblem>> All { get; } =
    [
        QuantizedConvDepthwise.Row,
        QuantizedConvPairs.Row,
        new()
        {
            Name = "reference",
            Source = "plain loops",
            IsReference = true,
            Supports = static (_, _) => Applicability.Yes,
            CostHint = static r => 2 * r.Problem.Flops + 1e6,
            Error = static (_, _) => ErrorBound.Exact,
            Bind = static (r, _) => new QuantizedConvReference(r.Problem),
        },
    ];
}
