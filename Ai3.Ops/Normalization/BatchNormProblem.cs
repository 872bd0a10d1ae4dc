using System.Collections.Immutable;
using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>
/// y = (x - mean[c]) * scale[c] / sqrt(variance[c] + epsilon) + bias[c] over x [n, c, ...]; inputs x, scale, bias, mean, variance.
/// </summary>
public sealed record BatchNormProblem : Problem
{
    /// <summary>The element type of x and y.</summary>
    public required DType Type { get; init; }

    /// <summary>The element type of scale and bias.</summary>
    public required DType ScaleType { get; init; }

    /// <summary>The element type of mean and variance.</summary>
    public required DType StatisticsType { get; init; }

    /// <summary>The shape of x and y.</summary>
    public required Shape Shape { get; init; }

    /// <summary>True if every element of an image has statistics of its own (opsets below 9, <c>spatial</c> = 0).</summary>
    public bool PerElement { get; init; }

    /// <summary>Added to the variance.</summary>
    public required float Epsilon { get; init; }

    /// <summary>
    /// Set in training: the batch's own statistics are used, and the given ones times this plus those times the rest are further outputs.
    /// </summary>
    public float? Momentum { get; init; }

    /// <summary>Images.</summary>
    internal long N => Shape.Rank > 0 ? Shape[0] : 1;

    /// <summary>Sets of statistics.</summary>
    internal long Channels => Shape.Rank < 2 ? 1 : PerElement ? Shape.CountOf(1..) : Shape[1];

    /// <summary>Elements of an image that share statistics.</summary>
    internal long Inner => Shape.Rank < 2 || PerElement ? 1 : Shape.CountOf(2..);

    /// <inheritdoc/>
    public override string Key => $"batchnorm/{Type.ShortName()} in{KeyWords.Join(Shape)} eps={KeyWords.Real(Epsilon)}"
        + (ScaleType == Type ? "" : $" scale={ScaleType.ShortName()}") + (StatisticsType == Type ? "" : $" stat={StatisticsType.ShortName()}")
        + (PerElement ? " each" : "") + (Momentum is { } momentum ? $" train={KeyWords.Real(momentum)}" : "") + (ConstantInputs == 0 ? " dyn" : "");

    /// <inheritdoc/>
    public override ImmutableArray<TensorType> Inputs
    {
        get
        {
            Shape statistics = PerElement ? Shape.Create(Shape.AsSpan()[1..]) : [Channels];
            return
            [
                new TensorType(Type, Shape), new TensorType(ScaleType, statistics), new TensorType(ScaleType, statistics),
                new TensorType(StatisticsType, statistics), new TensorType(StatisticsType, statistics),
            ];
        }
    }

    /// <inheritdoc/>
    public override ImmutableArray<TensorType> Outputs =>
        Momentum is null ? [new TensorType(Type, Shape)] : [new TensorType(Type, Shape), Inputs[3], Inputs[4]];

    /// <inheritdoc/>
    public override double Flops => 3.0 * Shape.Count;

    /// <summary>Reads a key, or gives null.</summary>
    public static BatchNormProblem? Parse(string key)
    {
        if (KeyWords.Parse(key) is not { Name: "batchnorm" } words || !words.Type.IsFloat() || words.Shape("in") is not { } shape
            || words.Float("eps") is not { } epsilon || words.FloatType("scale") is not (var scale and not DType.Undefined)
            || words.FloatType("stat") is not (var statistics and not DType.Undefined) || words.Has("each") && shape.Rank < 2)
            return null;
        return new BatchNormProblem
        {
            Type = words.Type,
            ScaleType = scale,
            StatisticsType = statistics,
            Shape = shape,
            PerElement = words.Has("each"),
            Epsilon = epsilon,
            Momentum = words.Float("train"),
            ConstantInputs = words.Has("dyn") ? 0u : 0b11110u,
        };
    }
}
