using System.Collections.Immutable;
using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>How losses become one.</summary>
internal enum LossReduction
{
    /// <summary>They do not.</summary>
    None,
    /// <summary>Divided by the sum of the weights, or by how many count.</summary>
    Mean,
    Sum,
}

/// <summary>
/// loss[n, d] = -weight[t] x[n, t, d] with t = target[n, d], or with log_softmax(x) over the classes in place of x; 0 where t is the ignored index.
/// </summary>
internal sealed record LossProblem : Problem
{
    /// <summary>Whether x are scores of which log_softmax is taken: SoftmaxCrossEntropyLoss.</summary>
    public required bool Softmax { get; init; }

    /// <summary>[N, C, D...].</summary>
    public required TensorType X { get; init; }

    /// <summary>[N, D...], i32 or i64.</summary>
    public required TensorType Target { get; init; }

    /// <summary>[C], or absent for ones.</summary>
    public TensorType Weight { get; init; }

    public required LossReduction Reduction { get; init; }

    /// <summary>The target that does not count; null if all do.</summary>
    public long? Ignored { get; init; }

    /// <summary>Whether log_softmax(x) is an output too.</summary>
    public bool WithLogProb { get; init; }

    public long Classes => X.Shape[1];

    /// <summary>Positions of one sample.</summary>
    public long Inner => X.Shape.CountOf(2..);

    /// <summary>Losses before reduction.</summary>
    public long Count => Target.Shape.Count;

    public override ImmutableArray<TensorType> Inputs => [X, Target, Weight];

    public override ImmutableArray<TensorType> Outputs
    {
        get
        {
            TensorType loss = new(X.Type, Reduction == LossReduction.None ? Target.Shape : Shape.Scalar);
            return WithLogProb ? [loss, X] : [loss];
        }
    }

    public override double Flops => Softmax ? 20.0 * X.Shape.Count : 4.0 * Count;

    public override string Key => MovementKey.Write(NameOf(Softmax), Inputs, Outputs, Reduction.ToString().ToLowerInvariant(),
        Ignored is { } index ? MovementKey.Word("ignore", index) : "all");

    public static string NameOf(bool softmax) => softmax ? "softmax_cross_entropy" : "nll_loss";

    public static LossProblem? Parse(string key, bool softmax) => MovementKeyReader.Read(key, NameOf(softmax), r => new LossProblem
    {
        Softmax = softmax,
        X = r.Input(0),
        Target = r.Input(1),
        Weight = r.Input(2),
        Reduction = r.Has("mean") ? LossReduction.Mean : r.Has("sum") ? LossReduction.Sum : LossReduction.None,
        Ignored = r.Has("all") ? null : r.Int("ignore"),
        WithLogProb = r.Outputs.Length > 1,
    }.Checked());

    /// <summary>This problem, if its shapes agree.</summary>
    /// <exception cref="OpException">They do not.</exception>
    public LossProblem Checked()
    {
        Shape x = X.Shape, target = Target.Shape;
        if (x.Rank < 2)
            throw new OpException($"input has shape {x}, must be [samples, classes, ...]");
        if (target.Rank != x.Rank - 1 || target[0] != x[0] || !target.AsSpan()[1..].SequenceEqual(x.AsSpan()[2..]))
            throw new OpException($"target has shape {target}, must be that of the input, {x}, without its classes");
        if (Target.Type is not (DType.Int32 or DType.Int64))
            throw new OpException($"target is {Target.Type.ShortName()}, must be i32 or i64");
        if (!Weight.IsAbsent && (Weight.Shape.Rank != 1 || Weight.Shape[0] != x[1] || Weight.Type != X.Type))
            throw new OpException($"weight is {Weight}, must be {X.Type.ShortName()}[{x[1]}]");
        return this;
    }
}
