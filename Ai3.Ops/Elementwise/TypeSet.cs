using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>The element types an operator takes, as ONNX's type constraints name them.</summary>
[Flags]
internal enum TypeSet
{
    Float = 1,
    Signed = 2,
    Unsigned = 4,
    Bool = 8,
    Complex = 16,
    /// <summary>Computed on the host.</summary>
    String = 32,
    Integer = Signed | Unsigned,
    Numeric = Float | Integer,
    FloatOrSigned = Float | Signed,
    NumericOrBool = Numeric | Bool,
    NumericBoolOrString = NumericOrBool | String,
    Any = Numeric | Bool | Complex | String,
}

internal static class TypeSets
{
    public static bool Has(this TypeSet set, DType type) => type switch
    {
        DType.Float32 or DType.Float64 or DType.Float16 or DType.BFloat16 => set.HasFlag(TypeSet.Float),
        DType.Int8 or DType.Int16 or DType.Int32 or DType.Int64 => set.HasFlag(TypeSet.Signed),
        DType.UInt8 or DType.UInt16 or DType.UInt32 or DType.UInt64 => set.HasFlag(TypeSet.Unsigned),
        DType.Bool => set.HasFlag(TypeSet.Bool),
        DType.Complex64 or DType.Complex128 => set.HasFlag(TypeSet.Complex),
        DType.String => set.HasFlag(TypeSet.String),
        _ => false,
    };

    /// <summary>Checks the element type of an input; an unknown type passes.</summary>
    public static void Check(this TypeSet set, TensorFact fact, int input)
    {
        if (fact.Type != DType.Undefined && !set.Has(fact.Type))
            throw new OpException($"input {input} is {fact.Type.ShortName()}, must be {set.Describe()}");
    }

    private static string Describe(this TypeSet set) => set switch
    {
        TypeSet.Float => "a float type",
        TypeSet.Integer => "an integer type",
        TypeSet.Unsigned => "an unsigned integer type",
        TypeSet.Bool => "bool",
        TypeSet.FloatOrSigned => "a float or signed integer type",
        TypeSet.Numeric => "a numeric type",
        TypeSet.NumericOrBool => "a numeric type or bool",
        TypeSet.NumericBoolOrString => "a numeric type, bool or string",
        _ => "of another type",
    };
}
