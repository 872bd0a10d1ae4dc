using System.Collections.Immutable;

namespace Ai3.Ops;

internal static class SoftmaxAlgorithms
{
    /// <summary>Every way to compute Softmax and LogSoftmax. Order is the tie-break.</summary>
    public static readonly ImmutableArray<Algorithm<SoftmaxProblem>> All =
    [
        new()
        {
            Name = "three_pass",
            Source = "maximum, exponentials, quotient",
            Needs = "f32, not Hardmax",
            Layouts = "plain; blocked over the channels of single pixels",
            Supports = SoftmaxRows.Supports,
            Formats = SoftmaxRows.Formats,
            CostHint = SoftmaxThreePass.CostHint,
            Error = SoftmaxThreePass.Error,
            InPlace = static _ => [(0, 0)],
            Bind = SoftmaxDriver<SoftmaxThreePass>.Bind,
        },
        new()
        {
            Name = "online",
            Source = "Milakov and Gimelshein 2018, arXiv:1805.02867",
            Needs = "f32, not Hardmax",
            Layouts = "plain; blocked over the channels of single pixels",
            Supports = SoftmaxRows.Supports,
            Formats = SoftmaxRows.Formats,
            CostHint = SoftmaxOnline.CostHint,
            Error = SoftmaxOnline.Error,
            InPlace = static _ => [(0, 0)],
            Bind = SoftmaxDriver<SoftmaxOnline>.Bind,
        },
        new()
        {
            Name = "two_pass",
            Source = "Dukhan and Ablavatski 2020, arXiv:2001.04438",
            Needs = "f32, not Hardmax",
            Layouts = "plain; blocked over the channels of single pixels",
            Supports = SoftmaxRows.Supports,
            Formats = SoftmaxRows.Formats,
            CostHint = SoftmaxTwoPass.CostHint,
            Error = SoftmaxTwoPass.Error,
            InPlace = static _ => [(0, 0)],
            Bind = SoftmaxDriver<SoftmaxTwoPass>.Bind,
        },
        new()
        {
            Name = "scalar",
            Source = "the definition, in double",
            Supports = static (_, _) => Applicability.Yes,
            CostHint = SoftmaxScalar.CostHint,
            Error = SoftmaxScalar.Error,
            InPlace = static r => r.Problem.Kind == SoftmaxKind.Hardmax ? [] : [(0, 0)],
            Bind = SoftmaxScalar.Bind,
        },
        ReferenceAlgorithm.Of<SoftmaxProblem>(SoftmaxOracle.Evaluate),
    ];

    /// <summary>Hardmax adds nothing up.</summary>
    public static readonly ImmutableArray<Algorithm<SoftmaxProblem>> Hardmax = [.. All.Where(a => a.Name is "scalar" or "reference")];
}
