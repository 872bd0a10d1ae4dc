using System.Collections.Immutable;
using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>
/// y = normalised(x + skip + bias) * gamma + beta over the last axis. Inputs x, skip, gamma, then beta (unless by root mean square) and
/// bias; outputs y, mean, 1/deviation, x + skip + bias.
/// </summary>
public sealed record SkipNormProblem : Problem
{
    /// <summary><see cref="NormalizationKind.Layer"/> or <see cref="NormalizationKind.Rms"/>.</summary>
    public required NormalizationKind Kind { get; init; }

    /// <summary>The element type of all inputs, of y and of the sum.</summary>
    public required DType Type { get; init; }

    /// <summary>The shape of x, y and the sum.</summary>
    public required Shape Shape { get; init; }

    /// <summary>The shape of skip: the last axes of x's, perhaps with a 1 in front; its rows repeat.</summary>
    public required Shape Skip { get; init; }

    /// <summary>Added below the division.</summary>
    public required float Epsilon { get; init; }

    /// <summary>Whether beta is given.</summary>
    public bool HasBeta { get; init; }

    /// <summary>Whether bias is given.</summary>
    public bool HasBias { get; init; }

    /// <summary>Outputs, 1 to 4.</summary>
    public int OutputCount { get; init; } = 1;

    /// <summary>Elements of a row.</summary>
    internal long Length => Shape[^1];

    /// <summary>Rows.</summary>
    internal long Rows => Shape.CountOf(..^1);

    /// <summary>Rows of skip.</summary>
    internal long SkipRows => Skip.CountOf(..^1);

    /// <summary>The input that is beta; -1 for none.</summary>
    internal int BetaInput => Kind == NormalizationKind.Layer && HasBeta ? 3 : -1;

    /// <summary>The input that is bias; -1 for none.</summary>
    internal int BiasInput => !HasBias ? -1 : Kind == NormalizationKind.Layer ? 4 : 3;

    /// <inheritdoc/>
    public override string Key => $"skip{(Kind == NormalizationKind.Rms ? "rms" : "layer")}norm/{Type.ShortName()} in{KeyWords.Join(Shape)} skip{KeyWords.Join(Skip)}"
        + $" eps={KeyWords.Real(Epsilon)} out{OutputCount}" + (HasBeta ? " beta" : "") + (HasBias ? " bias" : "") + (ConstantInputs == 0 ? " dyn" : "");

    /// <inheritdoc/>
    public override ImmutableArray<TensorType> Inputs
    {
        get
        {
            var vector = new TensorType(Type, [Length]);
            TensorType beta = HasBeta ? vector : TensorType.Absent, bias = HasBias ? vector : TensorType.Absent;
            var x = new TensorType(Type, Shape);
            var skip = new TensorType(Type, Skip);
            return Kind == NormalizationKind.Layer ? [x, skip, vector, beta, bias] : [x, skip, vector, bias];
        }
    }

    /// <inheritdoc/>
    public override ImmutableArray<TensorType> Outputs
    {
        get
        {
            var x = new TensorType(Type, Shape);
            var row = new TensorType(DType.Float32, Tensors.Shape.Create([.. Shape.AsSpan()[..^1], 1]));
            ImmutableArray<TensorType> all = [x, row, row, x];
            return all[..OutputCount];
        }
    }

    /// <inheritdoc/>
    public override double Flops => 9.0 * Shape.Count;

    /// <summary>Reads a key, or gives null.</summary>
    public static SkipNormProblem? Parse(string key)
    {
        if (KeyWords.Parse(key) is not { Name: "skiprmsnorm" or "skiplayernorm" } words || !words.Type.IsFloat() || words.Shape("in") is not { Rank: > 0 } shape
            || words.Shape("skip") is not { Rank: > 0 } skip || words.Float("eps") is not { } epsilon || words.Int("out") is not { } outputs || outputs is < 1 or > 4
            || skip[^1] != shape[^1] || skip.Rank > shape.Rank || skip.Count > 0 && shape.Count % skip.Count != 0)
            return null;
        var problem = new SkipNormProblem
        {
            Kind = words.Name == "skiprmsnorm" ? NormalizationKind.Rms : NormalizationKind.Layer,
            Type = words.Type,
            Shape = shape,
            Skip = skip,
            Epsilon = epsilon,
            HasBeta = words.Has("beta"),
            HasBias = words.Has("bias"),
            OutputCount = (int)outputs,
            ConstantInputs = words.Has("dyn") ? 0 : 0b11100u,
        };
        return problem;
    }
}
