namespace Ai3.Ops;

/// <summary>Shorthands for the tables of functions.</summary>
internal static class Define
{
    /// <summary>A function of a real number, computed in double.</summary>
    public static ElementwiseFunction Real<F>(string name, Func<double, double> exact) where F : struct, IRealUnary =>
        Real<F>(name, (x, _, _, _) => exact(x));

    /// <summary>A function of a real number with constants, computed in double.</summary>
    public static ElementwiseFunction Real<F>(string name, ExactFunction exact) where F : struct, IRealUnary => new()
    {
        Name = name,
        Exact = exact,
        Scalar = static p => ScalarRows.Real<F>(p.Operands[0].Type),
        ScalarError = ErrorBound.Ulp(1),
        IsCostly = true,
    };

    /// <summary>A function of one number of any type.</summary>
    public static ElementwiseFunction Unary<F>(string name, Func<double, double> exact) where F : struct, INumberUnary => new()
    {
        Name = name,
        Exact = (x, _, _, _) => exact(x),
        Scalar = static p => ScalarRows.Unary<F>(p.Operands[0].Type),
    };

    /// <summary>A function of two numbers of any type.</summary>
    public static ElementwiseFunction Binary<F>(string name, ExactFunction exact) where F : struct, INumberBinary => new()
    {
        Name = name,
        Exact = exact,
        Scalar = static p => ScalarRows.Binary<F>(p.Operands[0].Type),
    };

    /// <summary>A test of two numbers of any type.</summary>
    public static ElementwiseFunction Test<F>(string name, Func<double, double, bool> exact) where F : struct, INumberTest, IVectorTest => new()
    {
        Name = name,
        Exact = (a, b, _, _) => exact(a, b) ? 1 : 0,
        Scalar = static p => ScalarRows.Test<F>(p.Operands[0].Type),
        Vector = static p => VectorComparisons.Of<F>(p.Operands[0].Type),
    };

    /// <summary>A function of two truth values.</summary>
    public static ElementwiseFunction Logic<F>(string name, Func<bool, bool, bool> exact) where F : struct, ILogicBinary => new()
    {
        Name = name,
        Exact = (a, b, _, _) => exact(a != 0, b != 0) ? 1 : 0,
        Scalar = static _ => ScalarRows.Logic<F>(),
    };

    /// <summary>The function with a vector loop.</summary>
    public static ElementwiseFunction WithSimd<F>(this ElementwiseFunction function, double ulp, F f = default) where F : struct, IFloatUnary => function with
    {
        Simd = static level => Isa.Select<FloatUnaryRows<F>, RowFunction>(level, default),
        SimdError = ulp == 0 ? ErrorBound.Exact : ErrorBound.Ulp(ulp),
    };

    /// <summary>The function of two operands with a vector loop.</summary>
    public static ElementwiseFunction WithSimdBinary<F>(this ElementwiseFunction function, F f = default) where F : struct, IFloatBinary => function with
    {
        Simd = static level => Isa.Select<FloatBinaryRows<F>, RowFunction>(level, default),
    };

    /// <summary>The function of two operands with a loop of portable vectors for integers and float64.</summary>
    public static ElementwiseFunction WithVectors<F>(this ElementwiseFunction function, F f = default) where F : struct, IVectorBinary => function with
    {
        Vector = static p => VectorRows.Binary<F>(p.Output.Type),
    };
}
