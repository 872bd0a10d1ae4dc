using System.Collections.Immutable;

namespace Ai3.Ops;

/// <summary>Rows of features to rows of scores, and to labels, by a model that the attributes hold.</summary>
internal sealed record PredictorProblem : Problem
{
    /// <summary>The operator's word in the key.</summary>
    public required string Name { get; init; }

    /// <summary>The features: [rows, features], or [features].</summary>
    public required TensorType Input { get; init; }

    /// <summary>The labels of a classifier, then the scores.</summary>
    public required ImmutableArray<TensorType> Results { get; init; }

    /// <summary>The attributes, for the key.</summary>
    public required Attributes Attributes { get; init; }

    /// <summary>What the attributes say.</summary>
    public required Predictor Model { get; init; }

    public long Rows => Input.Shape.Rank == 2 ? Input.Shape[0] : 1;

    public long Features => Input.Shape[^1];

    /// <summary>The scores.</summary>
    public TensorType Scores => Results[^1];

    public override ImmutableArray<TensorType> Inputs => [Input];

    public override ImmutableArray<TensorType> Outputs => Results;

    public override string Key => MovementKey.Write(Name, Inputs, Outputs, AttributeText.Write(Attributes));
}
