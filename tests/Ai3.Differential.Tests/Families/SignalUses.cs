using Ai3.Tensors;
using static Ai3.Differential.Tests.Content;

namespace Ai3.Differential.Tests;

/// <summary>Transforms of signals and the windows they use.</summary>
internal static class SignalUses
{
    // The peer's transform accumulates angles and sums in the element type: an error of terms times the largest term.
    private static readonly Tolerance s_transform = Tolerance.Of(static (use, expected) =>
    {
        double largest = 1;
        for (long i = 0; i < use.Tensor(0).Count; i++)
            largest = Math.Max(largest, Math.Abs(Elements.At(use.Tensor(0), i)));
        double terms = use.Tensor(0).Shape.Max();
        terms = Math.Max(terms, use.Inputs.Length > 1 && use.Inputs[1] is { Value: Tensor { Count: 1 } } ? Elements.At(use.Tensor(1), 0) : 0);
        double bound = 16 * Elements.RoundOff(DType.Float32) * terms * Math.Log2(terms + 2) * largest;
        return (_, _) => bound;
    });

    private static readonly Tolerance s_window = Tolerance.Roundings(16, 32);

    public static IEnumerable<OperatorUses> All =>
    [
        new("DFT", s_transform, Dft, Since: 17),
        new("STFT", s_transform, Stft, Since: 17),
        new("HannWindow", s_window, Window, Since: 17),
        new("HammingWindow", s_window, Window, Since: 17),
        new("BlackmanWindow", s_window, Window, Since: 17),
        new("MelWeightMatrix", Tolerance.Roundings(64, 64), Mel, Since: 17),
    ];

    private static void Dft(UseBuilder u)
    {
        bool complex = u.Draw.OnceIn(2), inverse = complex && u.Draw.OnceIn(2), oneSided = !complex && u.Draw.OnceIn(2);
        long[] shape = [u.Draw.Dim(3), u.Draw.Dim(40), u.Draw.Dim(6)];
        int axis = u.Draw.Pick(1, 2);
        u.With("inverse", inverse).With("onesided", oneSided).In(u.Data(u.Draw.Pick(DType.Float32, DType.Float32, DType.Float64), [.. shape, complex ? 2 : 1]));
        if (u.Draw.OnceIn(3))
            u.Const(Elements.Of(DType.Int64, [], u.Draw.Between(1, 40)));
        else
            u.Skip();
        if (u.Opset < 20)
            u.With("axis", axis);
        else
            u.Const(Elements.Of(DType.Int64, [], axis));
    }

    private static void Stft(UseBuilder u)
    {
        bool complex = u.Draw.OnceIn(3);
        int frame = u.Draw.Between(2, 16);
        u.With("onesided", !complex && u.Draw.OnceIn(2)).In(u.Data(DType.Float32, [u.Draw.Dim(3), frame + u.Draw.Between(0, 50), complex ? 2 : 1]));
        u.Const(Elements.Of(DType.Int64, [], u.Draw.Between(1, 9)));
        if (u.Draw.OnceIn(2))
            u.Const(u.Data(DType.Float32, [frame], Positive));
        else
            u.Skip().Const(Elements.Of(DType.Int64, [], frame));
    }

    private static void Window(UseBuilder u) => u.Flag("periodic").Maybe("output_datatype", () => (int)u.Draw.Pick(DType.Float32, DType.Float64))
        .Const(Elements.Of(u.Draw.Pick(Types.Index), [], u.Draw.Between(2, 70)));

    private static void Mel(UseBuilder u) => u.Const(Elements.Of(DType.Int64, [], u.Draw.Between(1, 10))).Const(Elements.Of(DType.Int64, [], u.Draw.Pick(64, 16, 100)))
        .Const(Elements.Of(DType.Int64, [], u.Draw.Pick(8000, 16000))).Const(Elements.Of(DType.Float32, [], u.Draw.Pick(0.0, 20, 125)))
        .Const(Elements.Of(DType.Float32, [], u.Draw.Pick(4000.0, 3800, 2000)));
}
