using System.Numerics;
using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>A function of a real number, in double whatever the element type.</summary>
internal interface IRealUnary
{
    static abstract double Apply(double x, double alpha, double beta);
}

/// <summary>A function of one number of any type.</summary>
internal interface INumberUnary
{
    static abstract T Apply<T>(T x) where T : unmanaged, INumber<T>;
}

/// <summary>A function of two numbers of any type.</summary>
internal interface INumberBinary
{
    static abstract T Apply<T>(T a, T b) where T : unmanaged, INumber<T>;
}

/// <summary>A test of two numbers of any type.</summary>
internal interface INumberTest
{
    static abstract bool Apply<T>(T a, T b) where T : unmanaged, INumber<T>;
}

/// <summary>A function of the bits of integers.</summary>
internal interface IBitsBinary
{
    static abstract T Apply<T>(T a, T b) where T : unmanaged, IBinaryInteger<T>;
}

/// <summary>A function of two truth values.</summary>
internal interface ILogicBinary
{
    static abstract bool Apply(bool a, bool b);
}

/// <summary>
/// Loops over a row, one element at a time. float16 and bfloat16 run in float32: the driver converts, and since 24 bits are
/// more than twice 11 and two, a rounded sum, product, quotient or root rounds again to the right result.
/// </summary>
internal static unsafe class ScalarRows
{
    /// <summary>The float types in float32 or float64; other numbers through float64.</summary>
    public static RowFunction Real<F>(DType type) where F : struct, IRealUnary => type switch
    {
        DType.Float32 or DType.Float16 or DType.BFloat16 => new(&RealLoop<F, float>, DType.Float32, DType.Float32),
        _ => new(&RealLoop<F, double>, DType.Float64, DType.Float64),
    };

    public static RowFunction Unary<F>(DType type) where F : struct, INumberUnary => type switch
    {
        DType.Float32 or DType.Float16 or DType.BFloat16 => new(&UnaryLoop<F, float>, DType.Float32, DType.Float32),
        DType.Float64 => new(&UnaryLoop<F, double>, type, type),
        DType.Int8 => new(&UnaryLoop<F, sbyte>, type, type),
        DType.Int16 => new(&UnaryLoop<F, short>, type, type),
        DType.Int32 => new(&UnaryLoop<F, int>, type, type),
        DType.Int64 => new(&UnaryLoop<F, long>, type, type),
        DType.UInt8 => new(&UnaryLoop<F, byte>, type, type),
        DType.UInt16 => new(&UnaryLoop<F, ushort>, type, type),
        DType.UInt32 => new(&UnaryLoop<F, uint>, type, type),
        DType.UInt64 => new(&UnaryLoop<F, ulong>, type, type),
        _ => default,
    };

    public static RowFunction Binary<F>(DType type) where F : struct, INumberBinary => type switch
    {
        DType.Float32 or DType.Float16 or DType.BFloat16 => new(&BinaryLoop<F, float>, DType.Float32, DType.Float32, DType.Float32),
        DType.Float64 => new(&BinaryLoop<F, double>, type, type, type),
        DType.Int8 => new(&BinaryLoop<F, sbyte>, type, type, type),
        DType.Int16 => new(&BinaryLoop<F, short>, type, type, type),
        DType.Int32 => new(&BinaryLoop<F, int>, type, type, type),
        DType.Int64 => new(&BinaryLoop<F, long>, type, type, type),
        DType.UInt8 => new(&BinaryLoop<F, byte>, type, type, type),
        DType.UInt16 => new(&BinaryLoop<F, ushort>, type, type, type),
        DType.UInt32 => new(&BinaryLoop<F, uint>, type, type, type),
        DType.UInt64 => new(&BinaryLoop<F, ulong>, type, type, type),
        _ => default,
    };

    public static RowFunction Test<F>(DType type) where F : struct, INumberTest => type switch
    {
        DType.Float32 or DType.Float16 or DType.BFloat16 => new(&TestLoop<F, float>, DType.Bool, DType.Float32, DType.Float32),
        DType.Float64 => new(&TestLoop<F, double>, DType.Bool, type, type),
        DType.Int8 => new(&TestLoop<F, sbyte>, DType.Bool, type, type),
        DType.Int16 => new(&TestLoop<F, short>, DType.Bool, type, type),
        DType.Int32 => new(&TestLoop<F, int>, DType.Bool, type, type),
        DType.Int64 => new(&TestLoop<F, long>, DType.Bool, type, type),
        DType.UInt8 => new(&TestLoop<F, byte>, DType.Bool, type, type),
        DType.UInt16 => new(&TestLoop<F, ushort>, DType.Bool, type, type),
        DType.UInt32 => new(&TestLoop<F, uint>, DType.Bool, type, type),
        DType.UInt64 => new(&TestLoop<F, ulong>, DType.Bool, type, type),
        // Through a conversion, since any byte but 0 is a true.
        DType.Bool => new(&TestLoop<F, byte>, DType.Bool, DType.UInt8, DType.UInt8),
        _ => default,
    };

    public static RowFunction Bits<F>(DType type) where F : struct, IBitsBinary => type switch
    {
        DType.Int8 => new(&BitsLoop<F, sbyte>, type, type, type),
        DType.Int16 => new(&BitsLoop<F, short>, type, type, type),
        DType.Int32 => new(&BitsLoop<F, int>, type, type, type),
        DType.Int64 => new(&BitsLoop<F, long>, type, type, type),
        DType.UInt8 => new(&BitsLoop<F, byte>, type, type, type),
        DType.UInt16 => new(&BitsLoop<F, ushort>, type, type, type),
        DType.UInt32 => new(&BitsLoop<F, uint>, type, type, type),
        DType.UInt64 => new(&BitsLoop<F, ulong>, type, type, type),
        _ => default,
    };

    public static RowFunction Logic<F>() where F : struct, ILogicBinary => new(&LogicLoop<F>, DType.Bool, DType.Bool, DType.Bool);

    private static void RealLoop<F, T>(RowArgs* r) where F : struct, IRealUnary where T : unmanaged, INumber<T>
    {
        T* x = (T*)r->A, y = (T*)r->Y;
        double alpha = r->Alpha, beta = r->Beta;
        for (nint i = 0; i < r->Count; i++)
            y[i] = T.CreateTruncating(F.Apply(double.CreateTruncating(x[i]), alpha, beta));
    }

    private static void UnaryLoop<F, T>(RowArgs* r) where F : struct, INumberUnary where T : unmanaged, INumber<T>
    {
        T* x = (T*)r->A, y = (T*)r->Y;
        nint n = r->Count;
        for (nint i = 0; i < n; i++)
            y[i] = F.Apply(x[i]);
    }

    private static void BinaryLoop<F, T>(RowArgs* r) where F : struct, INumberBinary where T : unmanaged, INumber<T>
    {
        T* a = (T*)r->A, b = (T*)r->B, y = (T*)r->Y;
        nint n = r->Count, stepA = r->StepA, stepB = r->StepB;
        for (nint i = 0; i < n; i++, a += stepA, b += stepB)
            y[i] = F.Apply(*a, *b);
    }

    private static void TestLoop<F, T>(RowArgs* r) where F : struct, INumberTest where T : unmanaged, INumber<T>
    {
        T* a = (T*)r->A, b = (T*)r->B;
        var y = (bool*)r->Y;
        nint n = r->Count, stepA = r->StepA, stepB = r->StepB;
        for (nint i = 0; i < n; i++, a += stepA, b += stepB)
            y[i] = F.Apply(*a, *b);
    }

    private static void BitsLoop<F, T>(RowArgs* r) where F : struct, IBitsBinary where T : unmanaged, IBinaryInteger<T>
    {
        T* a = (T*)r->A, b = (T*)r->B, y = (T*)r->Y;
        nint n = r->Count, stepA = r->StepA, stepB = r->StepB;
        for (nint i = 0; i < n; i++, a += stepA, b += stepB)
            y[i] = F.Apply(*a, *b);
    }

    private static void LogicLoop<F>(RowArgs* r) where F : struct, ILogicBinary
    {
        byte* a = (byte*)r->A, b = (byte*)r->B;
        var y = (bool*)r->Y;
        nint n = r->Count, stepA = r->StepA, stepB = r->StepB;
        for (nint i = 0; i < n; i++, a += stepA, b += stepB)
            y[i] = F.Apply(*a != 0, *b != 0);
    }
}
