using Ai3.Tensors;
using static Ai3.Differential.Tests.Content;

namespace Ai3.Differential.Tests;

/// <summary>Losses of classifiers.</summary>
internal static class LossUses
{
    private static readonly Tolerance s_loss = Tolerance.Of(static (use, expected) =>
    {
        double bound = Elements.RoundOff(DType.Float32) * (64 + 4 * use.Tensor(0).Count) * 4;
        return (o, i) => bound * Math.Max(1, Math.Abs(Elements.At(expected[o], i)) / 4);
    });

    public static IEnumerable<OperatorUses> All =>
    [
        new("NegativeLogLikelihoodLoss", s_loss, u => Loss(u), Since: 12),
        new("SoftmaxCrossEntropyLoss", s_loss, u => Loss(u.Outputs(u.Draw.Between(1, 2))), Since: 12),
    ];

    private static void Loss(UseBuilder u)
    {
        long classes = u.Draw.Between(1, 9);
        long[] inner = u.Draw.Shape(0, 2, zero: false);
        long batch = u.Draw.Dim(9);
        u.With("reduction", u.Draw.Pick("mean", "none", "sum")).Maybe("ignore_index", () => u.Draw.Pick(0, 1, -1));
        u.In(u.Data(u.Draw.Pick(DType.Float32, DType.Float32, DType.Float64), [batch, classes, .. inner]));
        u.In(u.Indices(u.Draw.Pick(Types.Index), [batch, .. inner], classes, negative: false));
        if (u.Draw.OnceIn(2))
            u.In(u.Data(u.Draw.Pick(DType.Float32, DType.Float32), [classes], Positive));
    }
}
