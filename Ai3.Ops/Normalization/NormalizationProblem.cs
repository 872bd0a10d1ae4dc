using System.Collections.Immutable;
using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>What elements are divided by, and whether their mean is subtracted first.</summary>
public enum NormalizationKind
{
    /// <summary>(x - mean) / sqrt(variance + epsilon): LayerNormalization.</summary>
    Layer,
    /// <summary>As <see cref="Layer"/>, over groups of channels.</summary>
    Group,
    /// <summary>As <see cref="Layer"/>, over each channel.</summary>
    Instance,
    /// <summary>x / sqrt(mean of x^2 + epsilon).</summary>
    Rms,
    /// <summary>(x - mean) / (sqrt(variance) + epsilon): MeanVarianceNormalization.</summary>
    MeanVariance,
    /// <summary>x / (sum of |x|), or 0 where the sum is 0.</summary>
    L1,
    /// <summary>x / sqrt(sum of x^2), or 0 where the sum is 0.</summary>
    L2,
}

/// <summary>
/// Elements normalised by statistics of their own row: x is seen as <see cref="View"/>, a row is all elements that differ only along
/// <see cref="Reduced"/> axes, and y = normalised * scale + bias, both broadcast to the view. Inputs x, scale, bias; outputs y, mean, 1/deviation.
/// </summary>
public sealed record NormalizationProblem : Problem
{
    /// <summary>What is divided by.</summary>
    public required NormalizationKind Kind { get; init; }

    /// <summary>The element type of x.</summary>
    public required DType Type { get; init; }

    /// <summary>The element type of scale, bias and y.</summary>
    public required DType OutputType { get; init; }

    /// <summary>The shape of x and y.</summary>
    public required Shape Shape { get; init; }

    /// <summary>The same elements under other dimensions.</summary>
    public required Shape View { get; init; }

    /// <summary>Which axes of the view statistics are taken over.</summary>
    public required ImmutableArray<bool> Reduced { get; init; }

    /// <summary>Added below the division.</summary>
    public required float Epsilon { get; init; }

    /// <summary>The scale's shape as the operator has it; null for none.</summary>
    public Shape? Scale { get; init; }

    /// <summary>The scale's dimensions along the axes of the view, each 1 or the view's.</summary>
    public Shape ScaleView { get; init; }

    /// <summary>The bias's shape as the operator has it; null for none.</summary>
    public Shape? Bias { get; init; }

    /// <summary>The bias's dimensions along the axes of the view, each 1 or the view's.</summary>
    public Shape BiasView { get; init; }

    /// <summary>Whether the mean is an output.</summary>
    public bool GivesMean { get; init; }

    /// <summary>Whether the inverse deviation is an output.</summary>
    public bool GivesInverse { get; init; }

    /// <summary>The element type of mean and inverse deviation.</summary>
    public DType StatisticsType { get; init; } = DType.Float32;

    /// <summary>The output that is the mean; -1 where none is subtracted.</summary>
    internal int MeanOutput => Centers ? 1 : -1;

    /// <summary>The output that is the inverse deviation.</summary>
    internal int InverseOutput => Centers ? 2 : 1;

    /// <summary>True if the mean is subtracted.</summary>
    internal bool Centers => Kind is not (NormalizationKind.Rms or NormalizationKind.L1 or NormalizationKind.L2);

    /// <summary>Elements of a row.</summary>
    internal long Length => Product(reduced: true);

    /// <summary>Rows.</summary>
    internal long Rows => Product(reduced: false);

    /// <inheritdoc/>
    public override string Key => $"{Name(Kind)}/{Type.ShortName()} in{KeyWords.Join(Shape)} view{KeyWords.Join(View)}"
        + $" over{KeyWords.Join(Enumerable.Range(0, View.Rank).Where(a => Reduced[a]).Select(a => (long)a))} eps={KeyWords.Real(Epsilon)}"
        + (Scale is { } s ? $" scale{KeyWords.Join(s)} scaleview{KeyWords.Join(ScaleView)}" : "")
        + (Bias is { } b ? $" bias{KeyWords.Join(b)} biasview{KeyWords.Join(BiasView)}" : "")
        + (OutputType == Type ? "" : $" to={OutputType.ShortName()}") + (GivesMean ? " mean" : "") + (GivesInverse ? " inverse" : "")
        + (StatisticsType == DType.Float32 ? "" : $" stat={StatisticsType.ShortName()}") + (Scale is not null && ConstantInputs == 0 ? " dyn" : "");

    /// <inheritdoc/>
    public override ImmutableArray<TensorType> Inputs => [new TensorType(Type, Shape), Operand(Scale), Operand(Bias)];

    /// <inheritdoc/>
    public override ImmutableArray<TensorType> Outputs
    {
        get
        {
            if (!GivesMean && !GivesInverse)
                return [new TensorType(OutputType, Shape)];
            Shape rows = Shape.Create([.. View.Select((d, a) => Reduced[a] ? 1 : d)]);
            var statistics = new TensorType(StatisticsType, rows);
            if (!Centers)
                return [new TensorType(OutputType, Shape), statistics];
            return [new TensorType(OutputType, Shape), GivesMean ? statistics : TensorType.Absent, GivesInverse ? statistics : TensorType.Absent];
        }
    }

    /// <inheritdoc/>
    public override double Flops => 8.0 * Shape.Count;

    /// <summary>Reads a key, or gives null.</summary>
    public static NormalizationProblem? Parse(string key)
    {
        if (KeyWords.Parse(key) is not { } words || !words.Type.IsFloat() || words.Shape("in") is not { } shape || words.Shape("view") is not { } view
            || view.Count != shape.Count || words.Ints("over", 0) is not { } over || over.Any(a => a >= view.Rank) || words.Float("eps") is not { } epsilon
            || words.FloatType("to") is not (var to and not DType.Undefined))
            return null;
        DType statistics = words.Has("stat") ? words.FloatType("stat") : DType.Float32;
        if (statistics == DType.Undefined || !Affine(words, "scale", view, out Shape? scale, out Shape scaleView) || !Affine(words, "bias", view, out Shape? bias, out Shape biasView))
            return null;
        foreach (NormalizationKind kind in Enum.GetValues<NormalizationKind>())
            if (words.Name == Name(kind))
                return new NormalizationProblem
                {
                    Kind = kind,
                    Type = words.Type,
                    OutputType = to,
                    Shape = shape,
                    View = view,
                    Reduced = [.. Enumerable.Range(0, view.Rank).Select(a => over.Contains(a))],
                    Epsilon = epsilon,
                    Scale = scale,
                    ScaleView = scaleView,
                    Bias = bias,
                    BiasView = biasView,
                    GivesMean = words.Has("mean"),
                    GivesInverse = words.Has("inverse"),
                    StatisticsType = statistics,
                    ConstantInputs = words.Has("dyn") || scale is null ? 0u : bias is null ? 0b10u : 0b110u,
                };
        return null;
    }

    private static bool Affine(KeyWords words, string name, Shape view, out Shape? shape, out Shape broadcast)
    {
        shape = null;
        broadcast = default;
        if (!words.Has(name))
            return true;
        shape = words.Shape(name);
        if (shape is null || words.Shape(name + "view") is not { } dims || dims.Rank != view.Rank || dims.Count != shape.Value.Count)
            return false;
        broadcast = dims;
        for (int a = 0; a < view.Rank; a++)
            if (dims[a] != 1 && dims[a] != view[a])
                return false;
        return true;
    }

    private static string Name(NormalizationKind kind) => kind switch
    {
        NormalizationKind.Layer => "layernorm",
        NormalizationKind.Group => "groupnorm",
        NormalizationKind.Instance => "instancenorm",
        NormalizationKind.Rms => "rmsnorm",
        NormalizationKind.MeanVariance => "mvn",
        NormalizationKind.L1 => "lonenorm",
        _ => "ltwonorm",
    };

    private TensorType Operand(Shape? shape) => shape is { } s ? new TensorType(OutputType, s) : TensorType.Absent;

    private long Product(bool reduced)
    {
        long product = 1;
        for (int a = 0; a < View.Rank; a++)
            if (Reduced[a] == reduced)
                product = ShapeMath.Multiply(product, View[a]);
        return product;
    }
}
