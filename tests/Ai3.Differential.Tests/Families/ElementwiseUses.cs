using Ai3.Tensors;
using static Ai3.Differential.Tests.Content;

namespace Ai3.Differential.Tests;

/// <summary>Functions of one element, and those of several that broadcast.</summary>
internal static class ElementwiseUses
{
    // Both sides approximate: a few roundings of the result, and of 1 where the result passes through values near 1.
    private static readonly Tolerance s_function = Tolerance.Roundings(12, 6);

    // Rational approximations over a clamped range leave an error that does not shrink with the result.
    private static readonly Tolerance s_sigmoid = Tolerance.Roundings(16, 16);

    private static readonly Tolerance s_rounded = Tolerance.Roundings(4);

    public static IEnumerable<OperatorUses> All => [.. Activations, .. Functions, .. Arithmetic, .. Tests, .. Others];

    private static IEnumerable<OperatorUses> Activations =>
    [
        Unary("Relu", Types.FloatOrSigned, Tolerance.Exact),
        Unary("LeakyRelu", Types.Float, s_rounded, u => u.Maybe("alpha", () => u.Draw.Pick(0.0, 0.5, -1.5))),
        Unary("ThresholdedRelu", Types.Float, Tolerance.Exact, u => u.Maybe("alpha", () => u.Draw.Pick(0.0, 0.5, -1.5)), since: 10),
        Unary("Elu", Types.Float, s_function, u => u.Maybe("alpha", () => u.Draw.Pick(0.0, 0.5, 3))),
        Unary("Celu", Types.Float, s_function, u => u.Maybe("alpha", () => u.Draw.Pick(0.5, 3)), since: 12),
        Unary("Selu", Types.Float, s_function, u => u.Maybe("alpha", () => u.Draw.Pick(0.5, 3)).Maybe("gamma", () => u.Draw.Pick(0.5, 3))),
        Unary("Sigmoid", Types.Float, s_sigmoid),
        Unary("HardSigmoid", Types.Float, Tolerance.Roundings(4, 4), u => u.Maybe("alpha", () => u.Draw.Pick(0.5, 3)).Maybe("beta", () => u.Draw.Pick(0.0, 0.3))),
        Unary("HardSwish", Types.Float, Tolerance.Roundings(8, 4), since: 14),
        Unary("Softplus", Types.Float, s_function),
        Unary("Softsign", Types.Float, s_rounded),
        Unary("Mish", Types.Float, s_sigmoid, since: 18),
        Unary("Swish", Types.Float, s_sigmoid, u => u.Maybe("alpha", () => u.Draw.Pick(0.5, 3)), since: 24),
        Unary("Shrink", Types.Numeric, s_rounded, u => u.Maybe("lambd", () => u.Draw.Pick(0.0, 1, 1.5)).Maybe("bias", () => u.Draw.Pick(0.0, 1, 0.5)), since: 9),
        Unary("Gelu", Types.Float, s_sigmoid, u => u.Maybe("approximate", () => u.Draw.Pick("none", "tanh")), since: 20),
        new("PRelu", s_rounded, u => Broadcasting(u, u.Draw.Pick(Types.Numeric), 2, toFirst: true)),
        new("Clip", Tolerance.Exact, Clip),
    ];

    private static IEnumerable<OperatorUses> Functions =>
    [
        Unary("Abs", Types.Numeric, Tolerance.Exact),
        Unary("Neg", Types.FloatOrSigned, Tolerance.Exact),
        Unary("Sign", Types.Numeric, Tolerance.Exact, since: 9),
        Unary("Floor", Types.Float, Tolerance.Exact),
        Unary("Ceil", Types.Float, Tolerance.Exact),
        Unary("Round", Types.Float, Tolerance.Exact, since: 11),
        Unary("Sqrt", Types.Float, Tolerance.Roundings(2)),
        Unary("Reciprocal", Types.Float, s_rounded),
        Unary("Exp", Types.Float, Tolerance.Roundings(8)),
        Unary("Log", Types.Float, Tolerance.Roundings(8, 4)),
        Unary("Erf", Types.Float, s_function, since: 9),
        Unary("Tanh", Types.Float, s_sigmoid),
        Unary("Sin", Types.Float, s_function),
        Unary("Cos", Types.Float, s_function),
        Unary("Tan", Types.Float, Tolerance.Roundings(100, 6), contents: [Unit, Small]),
        Unary("Asin", Types.Float, s_function, contents: [Unit]),
        Unary("Acos", Types.Float, s_function, contents: [Unit]),
        Unary("Atan", Types.Float, s_function),
        Unary("Sinh", Types.Float, s_function, since: 9),
        Unary("Cosh", Types.Float, s_function, since: 9),
        Unary("Asinh", Types.Float, s_function, since: 9),
        Unary("Acosh", Types.Float, s_function, since: 9),
        Unary("Atanh", Types.Float, s_function, since: 9, contents: [Unit]),
        Unary("BitwiseNot", Types.Integer, Tolerance.Exact, since: 18, contents: [Wide]),
        Unary("Not", [DType.Bool], Tolerance.Exact),
        Unary("IsNaN", Types.Float, Tolerance.Exact, since: 9, contents: [Specials]),
        Unary("IsInf", Types.Float, Tolerance.Exact, u => u.Flag("detect_negative").Flag("detect_positive"), since: 10, contents: [Specials]),
    ];

    private static IEnumerable<OperatorUses> Arithmetic =>
    [
        Many("Add", Types.Numeric, Tolerance.Roundings(2), 2),
        Many("Sub", Types.Numeric, Tolerance.Roundings(2), 2),
        Many("Mul", Types.Numeric, Tolerance.Roundings(2), 2),
        new("Div", Tolerance.Roundings(2), u => Divided(u, u.Draw.Pick(Types.Numeric))),
        new("Pow", Tolerance.Roundings(16), Power),
        Many("Sum", Types.Float, Tolerance.Roundings(8, 16), 4, since: 8),
        Many("Mean", Types.Float, Tolerance.Roundings(8, 16), 4, since: 8),
        Many("Min", Types.Numeric, Tolerance.Exact, 4, since: 8),
        Many("Max", Types.Numeric, Tolerance.Exact, 4, since: 8),
        new("Mod", Tolerance.Roundings(2), Modulo, Since: 10),
        Many("BitwiseAnd", Types.Integer, Tolerance.Exact, 2, since: 18, contents: [Wide]),
        Many("BitwiseOr", Types.Integer, Tolerance.Exact, 2, since: 18, contents: [Wide]),
        Many("BitwiseXor", Types.Integer, Tolerance.Exact, 2, since: 18, contents: [Wide]),
        new("BitShift", Tolerance.Exact, Shift, Since: 11),
    ];

    private static IEnumerable<OperatorUses> Tests =>
    [
        Many("Equal", [.. Types.Numeric, DType.Bool, DType.String], Tolerance.Exact, 2, contents: [Whole, Specials, Wide]),
        Many("Greater", Types.Numeric, Tolerance.Exact, 2, contents: [Whole, Specials, Wide]),
        Many("Less", Types.Numeric, Tolerance.Exact, 2, contents: [Whole, Specials, Wide]),
        Many("GreaterOrEqual", Types.Numeric, Tolerance.Exact, 2, since: 12, contents: [Whole, Specials, Wide]),
        Many("LessOrEqual", Types.Numeric, Tolerance.Exact, 2, since: 12, contents: [Whole, Specials, Wide]),
        Many("And", [DType.Bool], Tolerance.Exact, 2),
        Many("Or", [DType.Bool], Tolerance.Exact, 2),
        Many("Xor", [DType.Bool], Tolerance.Exact, 2),
    ];

    private static IEnumerable<OperatorUses> Others =>
    [
        new("Where", Tolerance.Exact, Where, Since: 9),
        new("Cast", Tolerance.Exact, u => Cast(u, like: false)),
        new("CastLike", Tolerance.Exact, u => Cast(u, like: true), Since: 15),
        new("Identity", Tolerance.Exact, u => u.In(u.Data(u.Draw.Pick(Types.Any), u.Draw.Shape(), Small, Specials))),
        new("Dropout", Tolerance.Exact, Dropout),
    ];

    private static OperatorUses Unary(string name, DType[] types, Tolerance tolerance, Action<UseBuilder>? attributes = null, int since = 7, Content[]? contents = null) =>
        new(name, tolerance, u =>
        {
            attributes?.Invoke(u);
            u.In(u.Data(u.Draw.Pick(types), u.Draw.Shape(), contents ?? [Small, Small, Whole, Specials]));
        }, since);

    private static OperatorUses Many(string name, DType[] types, Tolerance tolerance, int most, int since = 7, Content[]? contents = null) =>
        new(name, tolerance, u => Broadcasting(u, u.Draw.Pick(types), most == 2 ? 2 : u.Draw.Between(1, most), contents ?? [Small, Small, Whole, Specials]), since);

    private static void Broadcasting(UseBuilder u, DType type, int count, Content[]? contents = null, bool toFirst = false)
    {
        long[] shape = u.Draw.Shape();
        for (int i = 0; i < count; i++)
            u.In(u.Data(type, toFirst && i == 0 ? shape : u.Draw.Broadcast(shape), contents ?? [Small]));
    }

    private static void Divided(UseBuilder u, DType type)
    {
        long[] shape = u.Draw.Shape();
        u.In(u.Data(type, u.Draw.Broadcast(shape), Small, Whole));
        u.In(NotZero(u, type, u.Draw.Broadcast(shape)));
    }

    private static Tensor NotZero(UseBuilder u, DType type, long[] shape)
    {
        bool negative = type.IsFloat() || Types.Signed.Contains(type);
        var random = new Ai3.Testing.TestRandom((ulong)u.Draw.Below(1 << 20));
        return Elements.Of(type, shape, [.. Enumerable.Range(0, (int)ShapeMath.Product(shape)).Select(_ => random.Between(1, 7) * (negative && random.Chance(0.5) ? -1.0 : 1))]);
    }

    private static void Power(UseBuilder u)
    {
        long[] shape = u.Draw.Shape();
        DType type = u.Draw.Pick([.. Types.Common]);
        DType exponent = u.Opset < 12 || u.Draw.OnceIn(2) ? type : u.Draw.Pick([.. Types.Common]);
        if (type.IsFloat())
            u.In(u.Data(type, u.Draw.Broadcast(shape), exponent.IsFloat() ? Positive : Small)).In(u.Data(exponent, u.Draw.Broadcast(shape), Small, Whole));
        else
            u.In(u.Data(type, u.Draw.Broadcast(shape))).In(u.Indices(exponent, u.Draw.Broadcast(shape), 5, negative: false));
    }

    private static void Modulo(UseBuilder u)
    {
        DType type = u.Draw.Pick(Types.Numeric);
        if (type.IsFloat() || u.Draw.OnceIn(3))
            u.With("fmod", 1);
        Divided(u, type);
    }

    private static void Shift(UseBuilder u)
    {
        DType type = u.Draw.Pick(Types.Unsigned);
        long[] shape = u.Draw.Shape();
        u.With("direction", u.Draw.Pick("LEFT", "RIGHT")).In(u.Data(type, u.Draw.Broadcast(shape), Wide))
            .In(u.Indices(type, u.Draw.Broadcast(shape), type.BitsPerElement(), negative: false));
    }

    private static void Clip(UseBuilder u)
    {
        if (u.Opset < 11)
        {
            u.Maybe("min", () => u.Draw.Pick(0.0, -0.5)).Maybe("max", () => u.Draw.Pick(1.0, 0.25)).In(u.Data(u.Draw.Pick(Types.Float), u.Draw.Shape(), Small, Specials));
            return;
        }
        DType type = u.Draw.Pick(u.Opset < 12 ? Types.Float : Types.Numeric);
        u.In(u.Data(type, u.Draw.Shape(), Small, Specials));
        foreach (double limit in (double[])[u.Draw.Pick(0.0, 1, 3), u.Draw.Pick(4.0, 2, 5)])
            if (u.Draw.OnceIn(3))
                u.Skip();
            else
                u.Const(Elements.Of(type, [], limit));
    }

    private static void Where(UseBuilder u)
    {
        DType type = u.Draw.Pick(Types.Any);
        long[] shape = u.Draw.Shape();
        u.In(u.Data(DType.Bool, u.Draw.Broadcast(shape))).In(u.Data(type, u.Draw.Broadcast(shape), Specials)).In(u.Data(type, u.Draw.Broadcast(shape), Specials));
    }

    // Values out of the target's range have no defined result, so the source stays within it.
    private static void Cast(UseBuilder u, bool like)
    {
        DType[] narrow = [DType.Float8E4M3FN, DType.Float8E4M3FNUZ, DType.Float8E5M2, DType.Float8E5M2FNUZ];
        DType[] types = [.. Types.Numeric, DType.Bool];
        DType from = u.Draw.Pick(types);
        DType to = u.Opset >= 19 && from.IsFloat() && u.Draw.OnceIn(4) ? u.Draw.Pick(narrow) : u.Draw.Pick(types);
        bool unsigned = Types.Unsigned.Contains(to);
        Content[] contents = from.IsFloat() ? (to.IsFloat() || to == DType.Bool || narrow.Contains(to) ? [Small, Specials, Wide] : unsigned ? [Positive] : [Small, Whole]) : to.IsInteger() ? [Small, Wide] : [Small];
        u.In(u.Data(from, u.Draw.Shape(), contents));
        if (narrow.Contains(to))
            u.Flag("saturate");
        if (like)
            u.In(Tensor.Zeros(to, [1]));
        else
            u.With("to", (int)to);
    }

    private static void Dropout(UseBuilder u)
    {
        DType type = u.Draw.Pick(DType.Float32, DType.Float64, DType.Float16);
        u.Outputs(u.Draw.Between(1, 2)).In(u.Data(type, u.Draw.Shape(), Small, Specials));
        if (u.Opset < 12)
            u.Maybe("ratio", () => 0.3);
        else if (u.Draw.OnceIn(2))
            u.Const(Elements.Of(DType.Float32, [], 0.3));
    }
}
