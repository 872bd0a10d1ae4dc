using System.Collections.Immutable;

namespace Ai3.Ops;

/// <summary>The element-wise operators, every opset version.</summary>
internal static class ElementwiseOps
{
    public static ImmutableArray<OpDefinition> All { get; } =
    [
        .. Activations, .. Functions, .. Arithmetic, .. Tests, .. Conditional, .. CastOp.All, .. DropoutOp.All, BitCastOp.V26,
        .. TransformerActivationOps.All,
    ];

    private static IEnumerable<OpDefinition> Activations =>
    [
        Unary("Relu", TypeSet.FloatOrSigned, "relu"),
        Unary("LeakyRelu", TypeSet.Float, "leaky_relu", a => new("leaky_relu", a.Float("alpha", 0.01f))),
        Unary("ThresholdedRelu", TypeSet.Float, "thresholded_relu", a => new("thresholded_relu", a.Float("alpha", 1))),
        Unary("Elu", TypeSet.Float, "elu", a => new("elu", a.Float("alpha", 1))),
        Unary("Celu", TypeSet.Float, "celu", a => new("celu", CeluAlpha(a))),
        Unary("Selu", TypeSet.Float, "selu", a => new("selu", a.Float("alpha", 1.6732f), a.Float("gamma", 1.0507f)), until: 5),
        Unary("Selu", TypeSet.Float, "selu", a => new("selu", a.Float("alpha", 1.67326319217681884765625f), a.Float("gamma", 1.05070102214813232421875f)), since: 6),
        Unary("Sigmoid", TypeSet.Float, "sigmoid"),
        Unary("HardSigmoid", TypeSet.Float, "hard_sigmoid", a => new("hard_sigmoid", a.Float("alpha", 0.2f), a.Float("beta", 0.5f))),
        Unary("HardSwish", TypeSet.Float, "hard_swish"),
        Unary("Softplus", TypeSet.Float, "softplus"),
        Unary("Softsign", TypeSet.Float, "softsign"),
        Unary("Mish", TypeSet.Float, "mish"),
        Unary("Swish", TypeSet.Float, "swish", a => new("swish", a.Float("alpha", 1))),
        Unary("Shrink", TypeSet.Numeric, "shrink", a => new("shrink", a.Float("lambd", 0.5f), a.Float("bias", 0))),
        Unary("Affine", TypeSet.Float, "affine", a => new("affine", a.Float("alpha", 1), a.Float("beta", 0))),
        Unary("Scale", TypeSet.Float, "affine", a => new("affine", a.Float("scale", 1))),
        Unary("ScaledTanh", TypeSet.Float, "scaled_tanh", a => new("scaled_tanh", a.Float("alpha", 1), a.Float("beta", 1))),
        Unary("ParametricSoftplus", TypeSet.Float, "parametric_softplus", a => new("parametric_softplus", a.Float("alpha", 1), a.Float("beta", 1))),
        new ElementwiseOp(TypeSet.Float, "gelu", "gelu_tanh")
        {
            Name = "Gelu",
            MinInputs = 1,
            MaxInputs = 1,
            Use = static a => a.String("approximate", "none") switch
            {
                "none" => new("gelu"),
                "tanh" => new("gelu_tanh"),
                string other => throw new OpException($"approximate is \"{other}\", must be none or tanh"),
            },
        },
        Unary("Clip", TypeSet.Float, "clip_const", a => new("clip_const", a.Float("min", float.MinValue), a.Float("max", float.MaxValue)), until: 10),
        new ClipOp { Name = "Clip", Since = 11, MinInputs = 1, MaxInputs = 3 },
        Binary("PRelu", TypeSet.Numeric, "prelu", until: 6, rule: BroadcastRule.ChannelSlope),
        Binary("PRelu", TypeSet.Numeric, "prelu", since: 7, rule: BroadcastRule.ToFirst),
    ];

    private static IEnumerable<OpDefinition> Functions =>
    [
        Unary("Abs", TypeSet.Numeric, "abs"),
        Unary("Neg", TypeSet.FloatOrSigned, "neg"),
        Unary("Sign", TypeSet.Numeric, "sign"),
        Unary("Floor", TypeSet.Float, "floor"),
        Unary("Ceil", TypeSet.Float, "ceil"),
        Unary("Round", TypeSet.Float, "round"),
        Unary("Sqrt", TypeSet.Float, "sqrt"),
        Unary("Reciprocal", TypeSet.Float, "reciprocal"),
        Unary("Exp", TypeSet.Float, "exp"),
        Unary("Log", TypeSet.Float, "log"),
        Unary("Erf", TypeSet.Numeric, "erf"),
        Unary("Tanh", TypeSet.Float, "tanh"),
        Unary("Sin", TypeSet.Float, "sin"),
        Unary("Cos", TypeSet.Float, "cos"),
        Unary("Tan", TypeSet.Float, "tan"),
        Unary("Asin", TypeSet.Float, "asin"),
        Unary("Acos", TypeSet.Float, "acos"),
        Unary("Atan", TypeSet.Float, "atan"),
        Unary("Sinh", TypeSet.Float, "sinh"),
        Unary("Cosh", TypeSet.Float, "cosh"),
        Unary("Asinh", TypeSet.Float, "asinh"),
        Unary("Acosh", TypeSet.Float, "acosh"),
        Unary("Atanh", TypeSet.Float, "atanh"),
        Unary("BitwiseNot", TypeSet.Integer, "bitwise_not"),
        Unary("Not", TypeSet.Bool, "not"),
        UnaryTest("IsNaN", "is_nan", static _ => new("is_nan")),
        UnaryTest("IsInf", "is_inf", static a => new("is_inf", a.Flag("detect_negative", true) ? 1 : 0, a.Flag("detect_positive", true) ? 1 : 0)),
    ];

    private static IEnumerable<OpDefinition> Arithmetic =>
    [
        .. Broadcast("Add", TypeSet.Numeric, "add"),
        .. Broadcast("Sub", TypeSet.Numeric, "sub"),
        .. Broadcast("Mul", TypeSet.Numeric, "mul"),
        .. Broadcast("Div", TypeSet.Numeric, "div"),
        .. Broadcast("Pow", TypeSet.FloatOrSigned, "pow", mixes: true),
        Variadic("Sum", "sum", TypeSet.Float),
        Variadic("Mean", "mean", TypeSet.Float),
        Variadic("Min", "min", TypeSet.Numeric),
        Variadic("Max", "max", TypeSet.Numeric),
        new ElementwiseOp(TypeSet.Numeric, "mod", "fmod")
        {
            Name = "Mod",
            MinInputs = 2,
            MaxInputs = 2,
            Use = static a => new(a.Flag("fmod") ? "fmod" : "mod"),
        },
        Binary("BitwiseAnd", TypeSet.Integer, "bitwise_and"),
        Binary("BitwiseOr", TypeSet.Integer, "bitwise_or"),
        Binary("BitwiseXor", TypeSet.Integer, "bitwise_xor"),
        new ElementwiseOp(TypeSet.Unsigned, "shift_left", "shift_right")
        {
            Name = "BitShift",
            MinInputs = 2,
            MaxInputs = 2,
            Use = static a => a.String("direction") switch
            {
                "LEFT" => new("shift_left"),
                "RIGHT" => new("shift_right"),
                string other => throw new OpException($"direction is \"{other}\", must be LEFT or RIGHT"),
            },
        },
    ];

    private static IEnumerable<OpDefinition> Tests =>
    [
        .. Broadcast("Equal", TypeSet.NumericBoolOrString, "equal", test: true),
        .. Broadcast("Greater", TypeSet.Numeric, "greater", test: true),
        .. Broadcast("Less", TypeSet.Numeric, "less", test: true),
        Binary("GreaterOrEqual", TypeSet.Numeric, "greater_or_equal", test: true),
        Binary("LessOrEqual", TypeSet.Numeric, "less_or_equal", test: true),
        .. Broadcast("And", TypeSet.Bool, "and", test: true),
        .. Broadcast("Or", TypeSet.Bool, "or", test: true),
        .. Broadcast("Xor", TypeSet.Bool, "xor", test: true),
    ];

    private static IEnumerable<OpDefinition> Conditional =>
    [
        new ElementwiseOp(TypeSet.Any, "where")
        {
            Name = "Where",
            MinInputs = 3,
            MaxInputs = 3,
            HasCondition = true,
            Use = static _ => new("where"),
        },
    ];

    private static float CeluAlpha(Attributes attributes)
    {
        float alpha = attributes.Float("alpha", 1);
        return alpha != 0 ? alpha : throw new OpException("alpha is 0, must not be");
    }

    private static ElementwiseOp Unary(string name, TypeSet types, string function, Func<Attributes, FunctionUse>? use = null, int since = 1, int until = int.MaxValue) => new(types, function)
    {
        Name = name,
        Since = since,
        Until = until,
        MinInputs = 1,
        MaxInputs = 1,
        Use = use ?? (_ => new(function)),
    };

    private static ElementwiseOp UnaryTest(string name, string function, Func<Attributes, FunctionUse> use) => new(TypeSet.Float, function)
    {
        Name = name,
        MinInputs = 1,
        MaxInputs = 1,
        Use = use,
        IsTest = true,
    };

    private static ElementwiseOp Binary(string name, TypeSet types, string function, bool test = false, bool mixes = false,
        int since = 1, int until = int.MaxValue, BroadcastRule rule = BroadcastRule.Mutual) => new(types, function)
        {
            Name = name,
            Since = since,
            Until = until,
            MinInputs = 2,
            MaxInputs = 2,
            Use = _ => new(function),
            IsTest = test,
            MixesTypes = mixes,
            Rule = rule,
        };

    // Before opset 7 broadcasting was asked for by attributes.
    private static ElementwiseOp[] Broadcast(string name, TypeSet types, string function, bool test = false, bool mixes = false) =>
    [
        Binary(name, types, function, test, mixes, until: 6, rule: BroadcastRule.Attribute),
        Binary(name, types, function, test, mixes, since: 7),
    ];

    private static ElementwiseOp Variadic(string name, string function, TypeSet types) => new(types, function)
    {
        Name = name,
        MinInputs = 1,
        MaxInputs = int.MaxValue,
        Use = _ => new(function),
    };
}
