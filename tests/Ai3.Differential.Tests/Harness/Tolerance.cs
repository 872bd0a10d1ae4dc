using Ai3.Tensors;

namespace Ai3.Differential.Tests;

/// <summary>How far a float of ours may be from the peer's: a bound for each element, from what the operator computes.</summary>
/// <param name="bounds">Of a use, the expected outputs and the side that made them: the bound of an element of an output.</param>
internal sealed class Tolerance(Func<Use, IReadOnlyList<Tensor>, Func<Use, Answer>, Func<int, long, double>> bounds)
{
    /// <summary>Equal values.</summary>
    public static Tolerance Exact { get; } = new(static (_, _, _) => static (_, _) => 0);

    /// <summary>The bound of an element of an output.</summary>
    /// <param name="use">The use.</param>
    /// <param name="expected">Its outputs.</param>
    /// <param name="side">What computed them, to compute more of the kind.</param>
    public Func<int, long, double> Of(Use use, IReadOnlyList<Tensor> expected, Func<Use, Answer> side) => bounds(use, expected, side);

    /// <summary>A bound for each element, from the expected outputs alone.</summary>
    public static Tolerance Of(Func<Use, IReadOnlyList<Tensor>, Func<int, long, double>> bounds) => new((use, expected, _) => bounds(use, expected));

    /// <summary>
    /// Some roundings of the result, and an error that does not shrink with the result (in roundings of 1): both implementations'
    /// errors together.
    /// </summary>
    public static Tolerance Roundings(double relative, double absolute = 0) => new((_, expected, _) => (o, i) =>
    {
        double u = Elements.RoundOff(expected[o].Type);
        return u * (relative * Math.Abs(Elements.At(expected[o], i)) + absolute) + Elements.SmallestNormal(expected[o].Type);
    });

    /// <summary>
    /// A sum of products in any order: 2 (terms + some) roundings of the sum of magnitudes, which the same operator makes of
    /// the magnitudes of the inputs.
    /// </summary>
    /// <param name="terms">The number of terms of an element's sum.</param>
    public static Tolerance Sum(Func<Use, double> terms) => new((use, expected, side) =>
    {
        double count = 2 * (terms(use) + 4);
        IReadOnlyList<Tensor>? magnitudes = side(use.OfMagnitudes()).Tensors;
        return (o, i) => count * Elements.RoundOff(expected[o].Type) * Math.Abs(Elements.At((magnitudes ?? expected)[o], i)) + Elements.SmallestNormal(expected[o].Type);
    });

    /// <summary>A bound computed from the use.</summary>
    public static Tolerance By(Func<Use, double> bound) => new((use, _, _) =>
    {
        double value = bound(use);
        return (_, _) => value;
    });
}
