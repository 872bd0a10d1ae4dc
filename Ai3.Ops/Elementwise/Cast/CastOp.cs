using System.Collections.Immutable;
using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>Cast, to the type an attribute names, and CastLike, to the type of input 1.</summary>
internal sealed class CastOp() : OpDefinition<CastProblem>(CastAlgorithms.All)
{
    public static ImmutableArray<OpDefinition> All { get; } =
    [
        new CastOp { Name = "Cast", MinInputs = 1, MaxInputs = 1 },
        new CastOp { Name = "CastLike", Since = 15, MinInputs = 2, MaxInputs = 2 },
    ];

    /// <inheritdoc/>
    public override ImmutableArray<ValueFact> Infer(NodeFacts node)
    {
        TensorFact input = node.Tensor(0);
        DType to = TargetOf(node);
        if (to.BitsPerElement() > 64 || to == DType.Complex64 || input.Type is DType.Complex64 or DType.Complex128)
            throw new OpException($"{input.Type.ShortName()} cannot be cast to {to.ShortName()}; complex numbers are not cast");
        ImmutableArray<Dim> elements = ShapeArithmetic.ElementsOf(node, 0);
        bool keeps = to == DType.Int64 || to == DType.Int32 && !elements.IsDefault && elements.All(e => !e.IsKnown || e.Value == (int)e.Value);
        return [new TensorFact(to, input.Shape) { Elements = keeps ? elements : default }];
    }

    /// <inheritdoc/>
    public override Problem CreateProblem(NodeFacts node)
    {
        TensorType input = node.Operand(0);
        DType to = TargetOf(node);
        return new CastProblem
        {
            Input = input,
            Output = new TensorType(to, input.Shape),
            // Only float8 and narrower can be told apart by these.
            Saturate = Float8Format.Of(to) is null && to != DType.Float8E8M0 || node.Attributes.Flag("saturate", true),
            Rounding = to != DType.Float8E8M0 ? ScaleRounding.Up : node.Attributes.String("round_mode", "up") switch
            {
                "up" => ScaleRounding.Up,
                "down" => ScaleRounding.Down,
                "nearest" => ScaleRounding.Nearest,
                string other => throw new OpException($"round_mode is \"{other}\", must be up, down or nearest"),
            },
            ConstantInputs = node.ConstantInputs & 1,
        };
    }

    /// <inheritdoc/>
    public override Problem? ParseProblem(string key) => CastProblem.Parse(key);

    /// <inheritdoc/>
    public override bool RunsOnHost(NodeFacts node) =>
        node.OptionalTensor(0) is { Type: DType.String } != (TargetOf(node) == DType.String);

    /// <inheritdoc/>
    public override Value[] RunOnHost(NodeFacts node, IReadOnlyList<Value?> inputs, long maxBytes)
    {
        var input = (Tensor)inputs[0]!;
        DType to = TargetOf(node);
        if (input.Type != DType.String)
            return [StringCast.ToStrings(input)];
        if (to.ByteCount(input.Count) > maxBytes)
            throw new OpException($"output takes {to.ByteCount(input.Count)} bytes, at most {maxBytes} are allowed");
        return [StringCast.FromStrings(input, to)];
    }

    private DType TargetOf(NodeFacts node)
    {
        if (Name == "CastLike")
            return node.Tensor(1).Type;
        // Opset 1 names the type in words.
        DType to = node.Attributes.Values.TryGetValue("to", out object? named) && named is string word ? FromWord(word) : (DType)node.Attributes.Int("to");
        return to.IsDefined() ? to : throw new OpException($"attribute to is {node.Attributes.Values["to"]}, which is no element type");
    }

    private static DType FromWord(string word) => word.ToUpperInvariant() switch
    {
        "FLOAT" => DType.Float32,
        "DOUBLE" => DType.Float64,
        "FLOAT16" => DType.Float16,
        "UINT8" => DType.UInt8,
        "INT8" => DType.Int8,
        "UINT16" => DType.UInt16,
        "INT16" => DType.Int16,
        "UINT32" => DType.UInt32,
        "INT32" => DType.Int32,
        "UINT64" => DType.UInt64,
        "INT64" => DType.Int64,
        "BOOL" => DType.Bool,
        "STRING" => DType.String,
        _ => DType.Undefined,
    };
}
