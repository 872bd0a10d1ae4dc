using System.Collections.Frozen;
using System.Numerics.Tensors;
using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>
/// float32 loops of System.Numerics.Tensors. Bounds were measured over every exponent; left out are its tanh and sinh, which
/// lose most digits near 0, its sigmoid, which loses denormal results, and its tan, which in a build without fused
/// multiply-add loses digits near the multiples of pi/2.
/// </summary>
internal static unsafe class PrimitiveRows
{
    private static readonly FrozenDictionary<string, (Func<RowFunction> Rows, ErrorBound Error)> Known = new Dictionary<string, (Func<RowFunction>, ErrorBound)>
    {
        ["abs"] = (Unary<Abs>, ErrorBound.Exact),
        ["neg"] = (Unary<Negate>, ErrorBound.Exact),
        ["sqrt"] = (Unary<Sqrt>, ErrorBound.Exact),
        ["reciprocal"] = (Unary<Reciprocal>, ErrorBound.Exact),
        ["floor"] = (Unary<Floor>, ErrorBound.Exact),
        ["ceil"] = (Unary<Ceiling>, ErrorBound.Exact),
        ["round"] = (Unary<Round>, ErrorBound.Exact),
        ["exp"] = (Unary<Exp>, ErrorBound.Ulp(3)),
        ["log"] = (Unary<Log>, ErrorBound.Ulp(3)),
        ["sin"] = (Unary<Sin>, ErrorBound.Ulp(1)),
        ["cos"] = (Unary<Cos>, ErrorBound.Ulp(1)),
        ["asin"] = (Unary<Asin>, ErrorBound.Ulp(1)),
        ["acos"] = (Unary<Acos>, ErrorBound.Ulp(1)),
        ["atan"] = (Unary<Atan>, ErrorBound.Ulp(1)),
        ["cosh"] = (Unary<Cosh>, ErrorBound.Ulp(3)),
        ["asinh"] = (Unary<Asinh>, ErrorBound.Ulp(2)),
        ["acosh"] = (Unary<Acosh>, ErrorBound.Ulp(2)),
        ["atanh"] = (Unary<Atanh>, ErrorBound.Ulp(2)),
        ["add"] = (Binary<Add>, ErrorBound.Exact),
        ["sub"] = (Binary<Subtract>, ErrorBound.Exact),
        ["mul"] = (Binary<Multiply>, ErrorBound.Exact),
        ["div"] = (Binary<Divide>, ErrorBound.Exact),
    }.ToFrozenDictionary();

    /// <summary>The function with its loop from there, if there is an accurate one.</summary>
    public static ElementwiseFunction AddTo(ElementwiseFunction function) => Known.TryGetValue(function.Name, out var known)
        ? function with { TensorPrimitives = known.Rows, TensorPrimitivesError = known.Error } : function;

    private interface ISpanUnary
    {
        static abstract void Apply(ReadOnlySpan<float> x, Span<float> y);
    }

    private interface ISpanBinary
    {
        static abstract void Apply(ReadOnlySpan<float> a, ReadOnlySpan<float> b, Span<float> y);

        static abstract void Apply(ReadOnlySpan<float> a, float b, Span<float> y);

        static abstract void Apply(float a, ReadOnlySpan<float> b, Span<float> y);
    }

    private static RowFunction Unary<F>() where F : struct, ISpanUnary => new(&UnaryLoop<F>, DType.Float32, DType.Float32);

    private static RowFunction Binary<F>() where F : struct, ISpanBinary => new(&BinaryLoop<F>, DType.Float32, DType.Float32, DType.Float32);

    // Rows are at most a grain long, or a row of the output; spans hold 2^31 - 1 elements.
    private static void UnaryLoop<F>(RowArgs* r) where F : struct, ISpanUnary
    {
        for (nint i = 0; i < r->Count; i += 1 << 30)
        {
            int n = (int)nint.Min(r->Count - i, 1 << 30);
            F.Apply(new ReadOnlySpan<float>((float*)r->A + i, n), new Span<float>((float*)r->Y + i, n));
        }
    }

    private static void BinaryLoop<F>(RowArgs* r) where F : struct, ISpanBinary
    {
        for (nint i = 0; i < r->Count; i += 1 << 30)
        {
            int n = (int)nint.Min(r->Count - i, 1 << 30);
            var y = new Span<float>((float*)r->Y + i, n);
            if (r->StepA == 0)
                F.Apply(*(float*)r->A, new ReadOnlySpan<float>((float*)r->B + i * r->StepB, r->StepB == 0 ? 1 : n), r->StepB == 0 ? y[..1] : y);
            else if (r->StepB == 0)
                F.Apply(new ReadOnlySpan<float>((float*)r->A + i, n), *(float*)r->B, y);
            else
                F.Apply(new ReadOnlySpan<float>((float*)r->A + i, n), new ReadOnlySpan<float>((float*)r->B + i, n), y);
        }
    }

    private readonly struct Abs : ISpanUnary
    {
        public static void Apply(ReadOnlySpan<float> x, Span<float> y) => TensorPrimitives.Abs(x, y);
    }

    private readonly struct Negate : ISpanUnary
    {
        public static void Apply(ReadOnlySpan<float> x, Span<float> y) => TensorPrimitives.Negate(x, y);
    }

    private readonly struct Sqrt : ISpanUnary
    {
        public static void Apply(ReadOnlySpan<float> x, Span<float> y) => TensorPrimitives.Sqrt(x, y);
    }

    private readonly struct Reciprocal : ISpanUnary
    {
        public static void Apply(ReadOnlySpan<float> x, Span<float> y) => TensorPrimitives.Reciprocal(x, y);
    }

    private readonly struct Floor : ISpanUnary
    {
        public static void Apply(ReadOnlySpan<float> x, Span<float> y) => TensorPrimitives.Floor(x, y);
    }

    private readonly struct Ceiling : ISpanUnary
    {
        public static void Apply(ReadOnlySpan<float> x, Span<float> y) => TensorPrimitives.Ceiling(x, y);
    }

    private readonly struct Round : ISpanUnary
    {
        public static void Apply(ReadOnlySpan<float> x, Span<float> y) => TensorPrimitives.Round(x, y);
    }

    private readonly struct Exp : ISpanUnary
    {
        public static void Apply(ReadOnlySpan<float> x, Span<float> y) => TensorPrimitives.Exp(x, y);
    }

    private readonly struct Log : ISpanUnary
    {
        public static void Apply(ReadOnlySpan<float> x, Span<float> y) => TensorPrimitives.Log(x, y);
    }

    private readonly struct Sin : ISpanUnary
    {
        public static void Apply(ReadOnlySpan<float> x, Span<float> y) => TensorPrimitives.Sin(x, y);
    }

    private readonly struct Cos : ISpanUnary
    {
        public static void Apply(ReadOnlySpan<float> x, Span<float> y) => TensorPrimitives.Cos(x, y);
    }

    private readonly struct Asin : ISpanUnary
    {
        public static void Apply(ReadOnlySpan<float> x, Span<float> y) => TensorPrimitives.Asin(x, y);
    }

    private readonly struct Acos : ISpanUnary
    {
        public static void Apply(ReadOnlySpan<float> x, Span<float> y) => TensorPrimitives.Acos(x, y);
    }

    private readonly struct Atan : ISpanUnary
    {
        public static void Apply(ReadOnlySpan<float> x, Span<float> y) => TensorPrimitives.Atan(x, y);
    }

    private readonly struct Cosh : ISpanUnary
    {
        public static void Apply(ReadOnlySpan<float> x, Span<float> y) => TensorPrimitives.Cosh(x, y);
    }

    private readonly struct Asinh : ISpanUnary
    {
        public static void Apply(ReadOnlySpan<float> x, Span<float> y) => TensorPrimitives.Asinh(x, y);
    }

    private readonly struct Acosh : ISpanUnary
    {
        public static void Apply(ReadOnlySpan<float> x, Span<float> y) => TensorPrimitives.Acosh(x, y);
    }

    private readonly struct Atanh : ISpanUnary
    {
        public static void Apply(ReadOnlySpan<float> x, Span<float> y) => TensorPrimitives.Atanh(x, y);
    }

    private readonly struct Add : ISpanBinary
    {
        public static void Apply(ReadOnlySpan<float> a, ReadOnlySpan<float> b, Span<float> y) => TensorPrimitives.Add(a, b, y);

        public static void Apply(ReadOnlySpan<float> a, float b, Span<float> y) => TensorPrimitives.Add(a, b, y);

        public static void Apply(float a, ReadOnlySpan<float> b, Span<float> y) => TensorPrimitives.Add(b, a, y);
    }

    private readonly struct Subtract : ISpanBinary
    {
        public static void Apply(ReadOnlySpan<float> a, ReadOnlySpan<float> b, Span<float> y) => TensorPrimitives.Subtract(a, b, y);

        public static void Apply(ReadOnlySpan<float> a, float b, Span<float> y) => TensorPrimitives.Subtract(a, b, y);

        public static void Apply(float a, ReadOnlySpan<float> b, Span<float> y) => TensorPrimitives.Subtract(a, b, y);
    }

    private readonly struct Multiply : ISpanBinary
    {
        public static void Apply(ReadOnlySpan<float> a, ReadOnlySpan<float> b, Span<float> y) => TensorPrimitives.Multiply(a, b, y);

        public static void Apply(ReadOnlySpan<float> a, float b, Span<float> y) => TensorPrimitives.Multiply(a, b, y);

        public static void Apply(float a, ReadOnlySpan<float> b, Span<float> y) => TensorPrimitives.Multiply(b, a, y);
    }

    private readonly struct Divide : ISpanBinary
    {
        public static void Apply(ReadOnlySpan<float> a, ReadOnlySpan<float> b, Span<float> y) => TensorPrimitives.Divide(a, b, y);

        public static void Apply(ReadOnlySpan<float> a, float b, Span<float> y) => TensorPrimitives.Divide(a, b, y);

        public static void Apply(float a, ReadOnlySpan<float> b, Span<float> y) => TensorPrimitives.Divide(a, b, y);
    }
}
