using System.Collections.Immutable;
using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>ai.onnx ConvInteger and QLinearConv, opset 10, and com.microsoft QLinearConv on channels-first tensors. Geometry is that of Conv.</summary>
internal sealed class QuantizedConvOp(bool integer) : OpDefinition<QuantizedConvProblem>(QuantizedConvAlgorithms.All)
{
    public static ImmutableArray<OpDefinition> All { get; } =
    [
        new QuantizedConvOp(true) { Name = "ConvInteger", Since = 10, MinInputs = 2, MaxInputs = 4 },
        new QuantizedConvOp(false) { Name = "QLinearConv", Since = 10, MinInputs = 8, MaxInputs = 9 },
        new QuantizedConvOp(false) { Domain = "com.microsoft", Name = "QLinearConv", MinInputs = 8, MaxInputs = 9 },
    ];

    private int WeightsAt => integer ? 1 : 3;

    /// <inheritdoc/>
    public override ImmutableArray<ValueFact> Infer(NodeFacts node)
    {
        CheckTypes(node);
        if (node.Attributes.Flag("channels_last"))
            throw new OpUnsupportedException("channels_last = 1; channels first is supported");
        return [((TensorFact)ConvOp.Definition.Infer(Real(node))[0]) with { Type = OutputType(node) }];
    }

    /// <inheritdoc/>
    public override Problem CreateProblem(NodeFacts node)
    {
        var operands = new TensorType[node.Inputs.Length];
        for (int i = 0; i < operands.Length; i++)
            operands[i] = node.Operand(i);
        var geometry = (ConvProblem)ConvOp.Definition.CreateProblem(Real(node));
        var problem = new QuantizedConvProblem
        {
            Operands = [.. operands],
            OutputType = OutputType(node),
            Geometry = geometry with { ConstantInputs = node.ConstantInputs >> WeightsAt << 1 & 2 },
            ConstantInputs = node.ConstantInputs,
        };
        Check(problem);
        return problem;
    }

    /// <inheritdoc/>
    public override Problem? ParseProblem(string key) => QuantizedConvProblem.Parse(key) is { } problem && problem.IsInteger == integer ? problem : null;

    /// <summary>Checks scales, zero points and bias against the channels.</summary>
    /// <exception cref="OpException">One has a shape that does not fit.</exception>
    public static void Check(QuantizedConvProblem p)
    {
        long channels = p.Geometry.OutChannels;
        One(p.Operand(p.XZero), "zero point of x");
        OneOrEach(p.Operand(p.WZero), channels, "zero point of w");
        if (p.IsInteger)
            return;
        One(p.Operand(QuantizedConvProblem.XScale), "scale of x");
        OneOrEach(p.Operand(QuantizedConvProblem.WScale), channels, "scale of w");
        One(p.Operand(QuantizedConvProblem.YScale), "scale of y");
        One(p.Operand(QuantizedConvProblem.YZero), "zero point of y");
        TensorType bias = p.Operand(QuantizedConvProblem.Bias);
        if (!bias.IsAbsent && (bias.Shape.Rank != 1 || bias.Shape[0] != channels))
            throw new OpException($"bias has shape {bias.Shape}, must be [{channels}], one for each output channel");
    }

    private static void One(TensorType operand, string name)
    {
        if (!operand.IsAbsent && operand.Shape.Count != 1)
            throw new OpException($"{name} has shape {operand.Shape}, must be a scalar");
    }

    private static void OneOrEach(TensorType operand, long channels, string name)
    {
        if (!operand.IsAbsent && operand.Shape.Count != 1 && (operand.Shape.Rank != 1 || operand.Shape[0] != channels))
            throw new OpException($"{name} has shape {operand.Shape}, must be a scalar or [{channels}], one for each output channel");
    }

    // The node as a convolution of float32.
    private NodeFacts Real(NodeFacts node) => new(node.Attributes, 11,
        [new TensorFact(DType.Float32, node.Tensor(0).Shape), new TensorFact(DType.Float32, node.Tensor(WeightsAt).Shape)], 1, node.Fresh);

    private DType OutputType(NodeFacts node) => integer ? DType.Int32 : node.Tensor(QuantizedConvProblem.YZero).Type;

    private void CheckTypes(NodeFacts node)
    {
        Bytes(node.Tensor(0), "x");
        Bytes(node.Tensor(WeightsAt), "w");
        Like(node, 2, 0, "zero point of x");
        Like(node, integer ? 3 : 5, WeightsAt, "zero point of w");
        if (integer)
            return;
        Bytes(node.Tensor(QuantizedConvProblem.YZero), "zero point of y");
        foreach (int scale in (int[])[QuantizedConvProblem.XScale, QuantizedConvProblem.WScale, QuantizedConvProblem.YScale])
            if (node.Tensor(scale).Type is not (DType.Float32 or DType.Undefined))
                throw new OpException($"input {scale} is {node.Tensor(scale).Type.ShortName()}, must be f32");
        if (node.OptionalTensor(QuantizedConvProblem.Bias) is { Type: not (DType.Int32 or DType.Undefined) } bias)
            throw new OpException($"bias is {bias.Type.ShortName()}, must be i32");
    }

    private static void Bytes(TensorFact fact, string name)
    {
        if (fact.Type is not (DType.UInt8 or DType.Int8 or DType.Undefined))
            throw new OpException($"{name} is {fact.Type.ShortName()}, must be u8 or i8");
    }

    private static void Like(NodeFacts node, int index, int like, string name)
    {
        DType wanted = node.Tensor(like).Type;
        if (node.OptionalTensor(index) is { } fact && fact.Type != DType.Undefined && wanted != DType.Undefined && fact.Type != wanted)
            throw new OpException($"{name} is {fact.Type.ShortName()}, must be {wanted.ShortName()}");
    }
}
