using System.Collections.Immutable;
using System.Globalization;
using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>y[n,c,...] = x[n,c,...] * Scale + Bias[c].</summary>
/// <param name="Type">The element type.</param>
/// <param name="Shape">The dimensions [n, c, ...], which stay.</param>
/// <param name="Scale">The factor.</param>
/// <param name="Bias">One number a channel, or empty for none.</param>
public sealed record ImageScalerProblem(DType Type, Shape Shape, float Scale, ImmutableArray<float> Bias) : Problem
{
    private const string Prefix = "imagescaler/";

    /// <inheritdoc/>
    public override ImmutableArray<TensorType> Inputs => [new TensorType(Type, Shape)];

    /// <inheritdoc/>
    public override ImmutableArray<TensorType> Outputs => [new TensorType(Type, Shape)];

    /// <inheritdoc/>
    public override double Flops => 2.0 * Shape.Count;

    /// <summary>Such as <c>imagescaler/f32 1x3x720x720 scale1 bias-1,0.5,2</c>.</summary>
    public override string Key =>
        $"{Prefix}{Type.ShortName()} {string.Join('x', Shape)} scale{Text(Scale)} bias{string.Join(',', Bias.Select(Text))}";

    /// <inheritdoc/>
    public bool Equals(ImageScalerProblem? other) => other is not null && Key == other.Key && ConstantInputs == other.ConstantInputs;

    /// <inheritdoc/>
    public override int GetHashCode() => string.GetHashCode(Key, StringComparison.Ordinal);

    internal static ImageScalerProblem? Parse(string key)
    {
        string[] words = key.Split(' ');
        if (words.Length != 4 || !words[0].StartsWith(Prefix, StringComparison.Ordinal) || !words[2].StartsWith("scale", StringComparison.Ordinal)
            || !words[3].StartsWith("bias", StringComparison.Ordinal) || DTypes.Parse(words[0][Prefix.Length..]) is var type && type == DType.Undefined)
            return null;
        try
        {
            long[] dims = [.. words[1].Split('x').Select(d => long.Parse(d, NumberStyles.None, CultureInfo.InvariantCulture))];
            string[] bias = words[3]["bias".Length..].Split(',', StringSplitOptions.RemoveEmptyEntries);
            return new ImageScalerProblem(type, Shape.Create(dims), Number(words[2]["scale".Length..]), [.. bias.Select(Number)]);
        }
        catch (Exception e) when (e is FormatException or OverflowException or ShapeException)
        {
            return null;
        }
    }

    private static string Text(float value) => value.ToString("R", CultureInfo.InvariantCulture);

    private static float Number(string text) => float.Parse(text, CultureInfo.InvariantCulture);
}
