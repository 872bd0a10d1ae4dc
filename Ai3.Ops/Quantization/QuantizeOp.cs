using System.Collections.Immutable;
using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>QuantizeLinear and DequantizeLinear, of ai.onnx from opset 10 on and of com.microsoft.</summary>
/// <param name="dequantize">Whether this is the way back.</param>
internal sealed class QuantizeOp(bool dequantize) : OpDefinition<QuantizeProblem>(QuantizeAlgorithms.All)
{
    public static ImmutableArray<OpDefinition> All { get; } =
    [
        new QuantizeOp(false) { Name = "QuantizeLinear", Since = 10, MinInputs = 2, MaxInputs = 3 },
        new QuantizeOp(true) { Name = "DequantizeLinear", Since = 10, MinInputs = 2, MaxInputs = 3 },
        new QuantizeOp(false) { Domain = "com.microsoft", Name = "QuantizeLinear", MinInputs = 2, MaxInputs = 3 },
        new QuantizeOp(true) { Domain = "com.microsoft", Name = "DequantizeLinear", MinInputs = 2, MaxInputs = 3 },
    ];

    /// <inheritdoc/>
    public override ImmutableArray<ValueFact> Infer(NodeFacts node)
    {
        TensorFact x = node.Tensor(0), scale = node.Tensor(1);
        CheckTypes(node);
        if (scale.Shape is { } s)
        {
            if (Domain.Length == 0 && node.Opset < 13 && !QuantizeChecks.IsPerTensor(s) && !(s.Rank == 1 && !s[0].IsKnown))
                throw new OpException($"scale has shape {s}, must be a scalar before opset 13");
            if (x.Shape is { } shape)
                QuantizeChecks.Layout(shape, s, Axis(node), Block(node));
            if (node.OptionalTensor(2)?.Shape is { } zero && !Fits(zero, s))
                throw new OpException($"zero point has shape {zero}, must be {s} like the scale");
        }
        return [new TensorFact(OutputType(node), x.Shape)];
    }

    /// <inheritdoc/>
    public override Problem CreateProblem(NodeFacts node)
    {
        TensorType x = node.Operand(0), scale = node.Operand(1), zero = node.Operand(2);
        (int axis, long block) = QuantizeChecks.Layout(x.Shape, scale.Shape, Axis(node), Block(node));
        if (!zero.IsAbsent && zero.Shape.Count != scale.Shape.Count)
            throw new OpException($"zero point has shape {zero.Shape}, must be {scale.Shape} like the scale");
        DType output = OutputType(node);
        return new QuantizeProblem
        {
            Dequantize = dequantize,
            Input = x,
            Scale = scale,
            ZeroPoint = zero,
            OutputType = output,
            Axis = axis,
            Block = block,
            Precision = dequantize ? DType.Float32 : Precision(node, scale.Type),
            Saturate = dequantize || Float8Format.Of(output) is null || node.Attributes.Flag("saturate", true),
            ConstantInputs = node.ConstantInputs,
        };
    }

    /// <inheritdoc/>
    public override Problem? ParseProblem(string key) => QuantizeProblem.Parse(key) is { } problem && problem.Dequantize == dequantize ? problem : null;

    private static long Axis(NodeFacts node) => node.Attributes.Int("axis", 1);

    private static long Block(NodeFacts node) => node.Attributes.Int("block_size", 0);

    // A zero point of one element may lack or have the axis that the scale has.
    private static bool Fits(SymbolicShape zero, SymbolicShape scale)
    {
        if (QuantizeChecks.IsPerTensor(zero) && (QuantizeChecks.IsPerTensor(scale) || scale.Rank == 1 && !scale[0].IsKnown))
            return true;
        if (zero.Rank != scale.Rank)
            return zero.Rank == 1 && !zero[0].IsKnown && scale.Rank == 0;
        for (int i = 0; i < zero.Rank; i++)
            if (zero[i].IsKnown && scale[i].IsKnown && zero[i] != scale[i])
                return false;
        return true;
    }

    private void CheckTypes(NodeFacts node)
    {
        DType x = node.Tensor(0).Type, scale = node.Tensor(1).Type;
        bool known = dequantize ? QuantizeChecks.IsQuantized(x) || x == DType.Int32 : QuantizeChecks.IsReal(x) || x == DType.Int32;
        if (x != DType.Undefined && !known)
            throw new OpException($"input 0 is {x.ShortName()}, must be {(dequantize ? "an integer of up to 16 bits, i32, float8 or float4" : "f32, f16, bf16 or i32")}");
        if (scale != DType.Undefined && !QuantizeChecks.IsScale(scale) && (dequantize || scale != DType.Int32))
            throw new OpException($"scale is {scale.ShortName()}, must be f32, f16, bf16 or f8e8m0");
        if (node.OptionalTensor(2) is not { } zero || zero.Type == DType.Undefined)
            return;
        if (dequantize ? x != DType.Undefined && zero.Type != x : !QuantizeChecks.IsQuantized(zero.Type))
            throw new OpException($"zero point is {zero.Type.ShortName()}, must be {(dequantize ? $"{x.ShortName()} like the input" : "an integer of up to 16 bits, float8 or float4")}");
    }

    private DType OutputType(NodeFacts node)
    {
        var named = (DType)node.Attributes.Int("output_dtype", 0);
        if (dequantize)
        {
            if (named != DType.Undefined && !QuantizeChecks.IsReal(named))
                throw new OpException($"output_dtype is {(int)named}, must be f32, f16 or bf16");
            DType scale = node.Tensor(1).Type;
            return named != DType.Undefined ? named : scale == DType.Float8E8M0 ? DType.Float32 : scale;
        }
        if (named != DType.Undefined && !QuantizeChecks.IsQuantized(named))
            throw new OpException($"output_dtype is {(int)named}, must be an integer of up to 16 bits, float8 or float4");
        DType zero = node.OptionalTensor(2)?.Type ?? DType.Undefined;
        if (named != DType.Undefined && zero != DType.Undefined && named != zero)
            throw new OpException($"output_dtype is {named.ShortName()}, must be {zero.ShortName()} like the zero point");
        return named != DType.Undefined ? named : node.Has(2) ? zero : DType.UInt8;
    }

    private static DType Precision(NodeFacts node, DType scale)
    {
        var named = (DType)node.Attributes.Int("precision", 0);
        if (named != DType.Undefined && !QuantizeChecks.IsReal(named))
            throw new OpException($"precision is {(int)named}, must be f32, f16 or bf16");
        return named != DType.Undefined ? named : scale switch { DType.Int32 => DType.Float64, DType.Float8E8M0 => DType.Float32, _ => scale };
    }
}
