using System.Collections.Immutable;
using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>
/// y[b,c,t] = act(bias[c] + sum over i of w[c,0,i] z[b,c,t+i]), z = past (or zeros) of K - 1 elements, then x. Inputs x [B, C, T], w [C, 1, K], bias,
/// past [B, C, K-1]; outputs y and the last K - 1 elements of z.
/// </summary>
public sealed record CausalConvProblem : Problem
{
    /// <summary>The element type of all operands.</summary>
    public required DType Type { get; init; }

    /// <summary>The shape of x and y.</summary>
    public required Shape Shape { get; init; }

    /// <summary>Elements of a kernel.</summary>
    public required long Kernel { get; init; }

    /// <summary>Whether y is passed through x sigmoid(x).</summary>
    public bool Silu { get; init; }

    /// <summary>Whether a bias is given.</summary>
    public bool HasBias { get; init; }

    /// <summary>Whether a past state is given.</summary>
    public bool HasPast { get; init; }

    /// <summary>Outputs, 1 or 2.</summary>
    public int OutputCount { get; init; } = 2;

    /// <inheritdoc/>
    public override string Key => $"causalconv/{Type.ShortName()} in{KeyWords.Join(Shape)} k{Kernel} out{OutputCount}"
        + (Silu ? " silu" : "") + (HasBias ? " bias" : "") + (HasPast ? " past" : "");

    /// <inheritdoc/>
    public override ImmutableArray<TensorType> Inputs =>
    [
        new TensorType(Type, Shape), new TensorType(Type, [Shape[1], 1, Kernel]), HasBias ? new TensorType(Type, [Shape[1]]) : TensorType.Absent,
        HasPast ? State : TensorType.Absent,
    ];

    /// <inheritdoc/>
    public override ImmutableArray<TensorType> Outputs => OutputCount == 1 ? [new TensorType(Type, Shape)] : [new TensorType(Type, Shape), State];

    /// <inheritdoc/>
    public override double Flops => 2.0 * Kernel * Shape.Count;

    private TensorType State => new(Type, [Shape[0], Shape[1], Kernel - 1]);

    /// <summary>Reads a key, or gives null.</summary>
    public static CausalConvProblem? Parse(string key)
    {
        if (KeyWords.Parse(key) is not { Name: "causalconv" } words || !words.Type.IsFloat() || words.Shape("in") is not { Rank: 3 } shape
            || words.Int("k") is not { } kernel || kernel < 1 || words.Int("out") is not (1 or 2))
            return null;
        return new CausalConvProblem
        {
            Type = words.Type,
            Shape = shape,
            Kernel = kernel,
            Silu = words.Has("silu"),
            HasBias = words.Has("bias"),
            HasPast = words.Has("past"),
            OutputCount = (int)words.Int("out")!.Value,
        };
    }
}
