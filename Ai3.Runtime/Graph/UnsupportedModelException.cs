using System.Collections.Immutable;

namespace Ai3.Runtime;

/// <summary>Something a model needs that is valid but not ours yet.</summary>
/// <param name="Node">The node's name, or empty if it is not about one node.</param>
/// <param name="Op">The operator, domain included.</param>
/// <param name="Opset">The version of the operator's domain that the model imports.</param>
/// <param name="Reason">What is missing.</param>
public sealed record UnsupportedFeature(string Node, string Op, int Opset, string Reason)
{
    /// <inheritdoc/>
    public override string ToString() => $"node '{Node}': {Op} (opset {Opset}): {Reason}";
}

/// <summary>A valid model that needs things we lack, all of them listed.</summary>
/// <param name="features">What is missing, in node order.</param>
public sealed class UnsupportedModelException(ImmutableArray<UnsupportedFeature> features) : Exception(OneLine.Of(Describe(features)))
{
    /// <summary>What is missing, in node order.</summary>
    public ImmutableArray<UnsupportedFeature> Features { get; } = features;

    private static string Describe(ImmutableArray<UnsupportedFeature> features)
    {
        IEnumerable<string> groups = features.GroupBy(f => (f.Op, f.Opset, f.Reason)).Select(g =>
            $"{g.Key.Op} (opset {g.Key.Opset}): {g.Key.Reason}, {(g.Count() == 1 ? "node" : $"{g.Count()} nodes, first")} '{g.First().Node}'");
        return $"the model needs what is not supported: {string.Join("; ", groups)}";
    }
}
