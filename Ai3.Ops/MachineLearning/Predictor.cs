namespace Ai3.Ops;

/// <summary>A trained model that maps a row of features to scores, and a classifier's to a label: read from attributes once.</summary>
internal abstract class Predictor
{
    /// <summary>The number of features that a row must have, or have at least if <see cref="TakesMoreFeatures"/>.</summary>
    public abstract int Features { get; }

    /// <summary>True if features beyond those that the model knows are left alone.</summary>
    public virtual bool TakesMoreFeatures => false;

    /// <summary>Scores of a row.</summary>
    public abstract int Columns { get; }

    /// <summary>The labels; null for a regressor.</summary>
    public ClassLabels? Labels { get; init; }

    /// <summary>The longest chain of roundings to the output's type.</summary>
    public abstract int Chain { get; }

    /// <summary>Doubles of scratch memory for one row, beside features and scores.</summary>
    public virtual int Scratch => 0;

    /// <summary>The error bound of the model's arithmetic is that of double, but for trees, which add in the input's type.</summary>
    /// <param name="x">The features.</param>
    /// <param name="isDouble">True if sums are kept in double where the model would else round them to float.</param>
    /// <param name="scores">The scores, to be written.</param>
    /// <param name="scratch">Memory.</param>
    /// <returns>The place of the label; 0 for a regressor.</returns>
    public abstract int Predict(ReadOnlySpan<double> x, bool isDouble, Span<double> scores, Span<double> scratch);

    /// <summary>The scores of a row in double and what their errors scale with; plain loops over the attributes' own order.</summary>
    /// <returns>The place of the label; -1 where rounding decides it.</returns>
    public abstract int Evaluate(double[] x, Span<double> scores, Span<double> magnitudes);
}
