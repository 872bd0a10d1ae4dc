using System.Collections.Immutable;

namespace Ai3.Ops;

/// <summary>Each row of features mapped to a row of the same length.</summary>
internal sealed record FeatureProblem : Problem
{
    /// <summary>The operator's word in the key.</summary>
    public required string Name { get; init; }

    /// <summary>The features along the last axis.</summary>
    public required TensorType Input { get; init; }

    public required TensorType Output { get; init; }

    /// <summary>The attributes, for the key.</summary>
    public required Attributes Attributes { get; init; }

    /// <summary>What the attributes say.</summary>
    public required FeatureMap Map { get; init; }

    public long Features => Input.Shape.Rank == 0 ? 1 : Input.Shape[^1];

    public long Rows => Features == 0 ? 0 : Input.Shape.Count / Features;

    public override ImmutableArray<TensorType> Inputs => [Input];

    public override ImmutableArray<TensorType> Outputs => [Output];

    public override string Key => MovementKey.Write(Name, Inputs, Outputs, AttributeText.Write(Attributes));
}
