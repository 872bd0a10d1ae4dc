using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>What Scaler, Normalizer, Imputer or Binarizer do to the features of a row.</summary>
internal abstract class FeatureMap
{
    /// <summary>The number of features that a row must have; 0 for any.</summary>
    public virtual int Features => 0;

    /// <summary>The type of the outputs.</summary>
    public virtual DType Output(DType input) => DType.Float32;

    /// <summary>The longest chain of roundings; 0 if the result is exact.</summary>
    public virtual int Chain => 2;

    /// <summary>Maps rows.</summary>
    /// <param name="x">The features.</param>
    /// <param name="y">The outputs.</param>
    /// <param name="type">The features' type.</param>
    /// <param name="features">Features of a row.</param>
    /// <param name="begin">The first row.</param>
    /// <param name="end">One past the last.</param>
    public abstract unsafe void Run(void* x, void* y, DType type, long features, long begin, long end);

    /// <summary>A row in double, and what its errors scale with.</summary>
    public abstract void Evaluate(ReadOnlySpan<double> x, Span<double> y, Span<double> magnitudes);
}
