using System.Collections.Immutable;
using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>
/// Local response normalisation over channels of x [n, c, ...]: y = x / (bias + alpha / size * sum of x^2 over channels
/// c - floor((size-1)/2) to c + ceil((size-1)/2))^beta.
/// </summary>
public sealed record LrnProblem : Problem
{
    /// <summary>The element type.</summary>
    public required DType Type { get; init; }

    /// <summary>The shape of x and y.</summary>
    public required Shape Shape { get; init; }

    /// <summary>Channels in the sum.</summary>
    public required long Size { get; init; }

    /// <summary>The factor of the mean square.</summary>
    public required float Alpha { get; init; }

    /// <summary>The exponent.</summary>
    public required float Beta { get; init; }

    /// <summary>The constant below the exponent.</summary>
    public required float Bias { get; init; }

    internal long N => Shape[0];

    internal long Channels => Shape[1];

    internal long Inner => Shape.CountOf(2..);

    /// <summary>Channels in front of c in its sum, at most all.</summary>
    internal long Before => Math.Min((Size - 1) / 2, Channels);

    /// <summary>Channels behind c in its sum, at most all.</summary>
    internal long After => Math.Min(Size / 2, Channels);

    /// <inheritdoc/>
    public override string Key => $"lrn/{Type.ShortName()} in{KeyWords.Join(Shape)} size{Size}"
        + $" alpha={KeyWords.Real(Alpha)} beta={KeyWords.Real(Beta)} bias={KeyWords.Real(Bias)}";

    /// <inheritdoc/>
    public override ImmutableArray<TensorType> Inputs => [new TensorType(Type, Shape)];

    /// <inheritdoc/>
    public override ImmutableArray<TensorType> Outputs => [new TensorType(Type, Shape)];

    /// <inheritdoc/>
    public override double Flops => Shape.Count * (2.0 * Math.Min(Size, Channels) + 6);

    /// <summary>Reads a key, or gives null.</summary>
    public static LrnProblem? Parse(string key) =>
        KeyWords.Parse(key) is { Name: "lrn" } words && words.Type.IsFloat() && words.Shape("in") is { Rank: >= 2 } shape && words.Int("size") is >= 1 and var size
        && words.Float("alpha") is { } alpha && words.Float("beta") is { } beta && words.Float("bias") is { } bias
            ? new LrnProblem { Type = words.Type, Shape = shape, Size = size, Alpha = alpha, Beta = beta, Bias = bias } : null;
}
