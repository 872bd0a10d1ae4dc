using System.Collections.Immutable;

namespace Ai3.Ops;

/// <summary>Every way to compute a convolution.</summary>
public static class ConvAlgorithms
{
    /// <summary>The rows, in tie-break order, the reference last.</summary>
    public static ImmutableArray<Algorithm<ConvProblem>> All { get; } =
    [
        ConvDepthwise.Row,
        ConvWinograd<WinogradF2>.Row,
        ConvWinograd<WinogradF4>.Row,
        ConvWinograd<WinogradF6>.Row,
        ConvFftTiled.Row,
        ConvStrassenPointwise.Row,
        ConvPointwise.Row,
        ConvDirectNchwc.Row,
        ConvImplicitGemm.Row,
        ConvImplicitPrecompGemm.Row,
        ConvGemm.Row,
        ConvIm2win.Row,
        ConvMec.Row,
        ConvKn2row.Row,
        ConvDirect.Row,
        ReferenceAlgorithm.Of<ConvProblem>(ConvReference.Evaluate),
    ];
}
