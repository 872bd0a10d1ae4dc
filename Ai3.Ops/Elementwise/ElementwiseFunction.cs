using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>f(a, b, c) in double; operands that the function lacks are 0.</summary>
internal delegate double ExactFunction(double a, double b, double c, ElementwiseProblem problem);

/// <summary>A function of elements: its definition in double and its loops.</summary>
internal sealed record ElementwiseFunction
{
    /// <summary>The word in problem keys.</summary>
    public required string Name { get; init; }

    /// <summary>The definition, in double.</summary>
    public required ExactFunction Exact { get; init; }

    /// <summary>The loop for a problem's element types, one element at a time; it does not exist for types without one.</summary>
    public required Func<ElementwiseProblem, RowFunction> Scalar { get; init; }

    /// <summary>The float32 loop of an instruction set, if there is one.</summary>
    public Func<IsaLevel, RowFunction>? Simd { get; init; }

    /// <summary>The float32 loop of System.Numerics.Tensors, if it is accurate enough.</summary>
    public Func<RowFunction>? TensorPrimitives { get; init; }

    /// <summary>The loop with portable vectors for a problem's element types; it does not exist for types without one.</summary>
    public Func<ElementwiseProblem, RowFunction>? Vector { get; init; }

    /// <summary>True if any number of operands folds into one result, two at a time.</summary>
    public bool Folds { get; init; }

    /// <summary>Runs over the result of a fold.</summary>
    public Func<DType, RowFunction>? Finish { get; init; }

    /// <summary>The bound of the scalar loop.</summary>
    public ErrorBound ScalarError { get; init; } = ErrorBound.Exact;

    /// <summary>
    /// The bound of the scalar loop in float64 where that and the definition go by different steps: the sum of the errors of both,
    /// derived from 1 unit in the last place for each library function and u for each operation. u of a value is at most one such unit.
    /// </summary>
    public ErrorBound? Float64Error { get; init; }

    /// <summary>The bound of the vector loop.</summary>
    public ErrorBound SimdError { get; init; } = ErrorBound.Exact;

    /// <summary>The bound of the loop of System.Numerics.Tensors.</summary>
    public ErrorBound TensorPrimitivesError { get; init; } = ErrorBound.Exact;

    /// <summary>What errors of the vector loop are relative to, if not to the result: operands and problem to S.</summary>
    public ExactFunction? Magnitude { get; init; }

    /// <summary>True if an element takes some nanoseconds rather than a fraction of one.</summary>
    public bool IsCostly { get; init; }

    /// <summary>Nanoseconds an element of the scalar loop.</summary>
    public double ScalarCost => IsCostly ? 15 : 0.6;

    /// <summary>Nanoseconds an element of the vector loop at 16 lanes.</summary>
    public double SimdCost => IsCostly ? 0.3 : 0.05;
}
