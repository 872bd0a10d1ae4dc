using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>One call of a row function: y[i] = f(a[i], b[i], c[i]) for <see cref="Count"/> elements.</summary>
/// <remarks>An operand steps by 1 element or by 0: then its one element serves the whole row. y may be the memory of a stepping operand.</remarks>
internal unsafe struct RowArgs
{
    public nint Count;
    public void* Y;
    public void* A;
    public void* B;
    public void* C;
    public nint StepA;
    public nint StepB;
    public nint StepC;

    /// <summary>The function's constants.</summary>
    public double Alpha;
    public double Beta;
}

/// <summary>An inner loop and the element types it works on; an operand of another type is converted before or after it.</summary>
internal readonly unsafe struct RowFunction(delegate*<RowArgs*, void> run, DType y, DType a, DType b = DType.Undefined, DType c = DType.Undefined)
{
    public delegate*<RowArgs*, void> Run { get; } = run;

    public DType Y { get; } = y;

    public DType A { get; } = a;

    public DType B { get; } = b;

    public DType C { get; } = c;

    /// <summary>True if there is a loop.</summary>
    public bool Exists => Run != null;

    /// <summary>The type of operand 0, 1 or 2.</summary>
    public DType Operand(int index) => index switch { 0 => A, 1 => B, _ => C };
}
