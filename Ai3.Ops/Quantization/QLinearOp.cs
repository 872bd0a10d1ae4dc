using System.Collections.Immutable;
using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>com.microsoft's operators on quantised tensors, each told by its real form in ai.onnx.</summary>
/// <param name="inner">The real operator.</param>
/// <param name="real">The type the real operator is computed in: float32 where one IEEE operation makes each element, float64 otherwise.</param>
internal sealed class QLinearOp(string inner, DType real) : OpDefinition<QLinearProblem>(QLinearAlgorithms.Of(inner))
{
    private const string Microsoft = "com.microsoft";

    public static ImmutableArray<OpDefinition> All { get; } =
    [
        new QLinearOp("Add", DType.Float32) { Domain = Microsoft, Name = "QLinearAdd", MinInputs = 7, MaxInputs = 8, Quantized = [new(0, 1, 2), new(3, 4, 5)], Result = new(-1, 6, 7) },
        new QLinearOp("Mul", DType.Float32) { Domain = Microsoft, Name = "QLinearMul", MinInputs = 7, MaxInputs = 8, Quantized = [new(0, 1, 2), new(3, 4, 5)], Result = new(-1, 6, 7) },
        new QLinearOp("Where", DType.Float32) { Domain = Microsoft, Name = "QLinearWhere", MinInputs = 9, MaxInputs = 9, Passed = 1, Quantized = [new(1, 2, 3), new(4, 5, 6)], Result = new(-1, 7, 8) },
        new QLinearOp("Concat", DType.Float32) { Domain = Microsoft, Name = "QLinearConcat", MinInputs = 5, MaxInputs = int.MaxValue, Result = new(-1, 0, 1) },
        One("Sigmoid"),
        One("LeakyRelu"),
        One("Softmax"),
        One("AveragePool"),
        One("GlobalAveragePool"),
    ];

    /// <summary>Inputs in front that the real operator takes as they are.</summary>
    public int Passed { get; init; }

    /// <summary>The quantised operands; default for any number of them, three inputs each, after scale and zero point of the output.</summary>
    public ImmutableArray<QLinearOperand> Quantized { get; init; }

    /// <summary>Scale and zero point of the output.</summary>
    public required QLinearOperand Result { get; init; }

    private OpDefinition Inner(int opset) => OpCatalog.Default.Find("", inner, opset)!;

    /// <inheritdoc/>
    public override ImmutableArray<ValueFact> Infer(NodeFacts node)
    {
        DType type = DType.Undefined;
        foreach (QLinearOperand operand in OperandsOf(node))
            type = Check(node, operand, type);
        Check(node, Result, DType.Undefined);
        NodeFacts facts = Real(node);
        return [((TensorFact)Inner(facts.Opset).Infer(facts)[0]) with { Type = OutputType(node), Elements = default }];
    }

    /// <inheritdoc/>
    public override Problem CreateProblem(NodeFacts node)
    {
        NodeFacts facts = Real(node);
        var operands = new TensorType[node.Inputs.Length];
        for (int i = 0; i < operands.Length; i++)
            operands[i] = node.Operand(i);
        var problem = new QLinearProblem
        {
            Op = inner,
            Inner = Inner(facts.Opset).CreateProblem(facts),
            Operands = [.. operands],
            Quantized = OperandsOf(node),
            Result = Result,
            OutputType = OutputType(node),
            ConstantInputs = node.ConstantInputs,
        };
        foreach (QLinearOperand operand in problem.Quantized.Add(Result))
            foreach (int parameter in (int[])[operand.Scale, operand.Zero])
                if (!problem.Operand(parameter).IsAbsent && problem.Operand(parameter).Shape.Count != 1)
                    throw new OpException($"input {parameter} has shape {problem.Operand(parameter).Shape}, must be a scalar");
        return problem;
    }

    /// <inheritdoc/>
    public override Problem? ParseProblem(string key)
    {
        string[] parts = key.Split(" | ");
        string[] words = parts[0].Split(' ');
        if (parts.Length != 2 || words.Length < 5 || words[0] != $"qlinear{inner.ToLowerInvariant()}" || words[^2] != "->"
            || Inner(13).ParseProblem(parts[1]) is not { } problem || DTypes.Parse(words[^1]) is not ((DType.UInt8 or DType.Int8) and var type))
            return null;
        var operands = new TensorType[words.Length - 3];
        for (int i = 0; i < operands.Length; i++)
            if (!TensorTypeText.TryParse(words[i + 1], out operands[i]))
                return null;
        ImmutableArray<QLinearOperand> quantized = OperandsOf(operands.Length);
        bool fits = Passed + quantized.Length <= problem.Inputs.Length && problem.Inputs.Skip(Passed + quantized.Length).All(t => t.IsAbsent)
            && problem.Outputs[0].Type == real && operands.Length > Result.Scale;
        for (int i = 0; fits && i < quantized.Length; i++)
            fits = quantized[i].Scale < operands.Length && operands[quantized[i].Data] is { Type: DType.UInt8 or DType.Int8 } data
                && data.Shape == problem.Inputs[Passed + i].Shape && operands[quantized[i].Scale] is { Type: DType.Float32, Shape.Count: 1 };
        return fits ? new QLinearProblem { Op = inner, Inner = problem, Operands = [.. operands], Quantized = quantized, Result = Result, OutputType = type } : null;
    }

    private static QLinearOp One(string inner) => new(inner, DType.Float64)
    {
        Domain = Microsoft,
        Name = "QLinear" + inner,
        MinInputs = 4,
        MaxInputs = 5,
        Quantized = [new(0, 1, 2)],
        Result = new(-1, 3, 4),
    };

    private ImmutableArray<QLinearOperand> OperandsOf(NodeFacts node)
    {
        if (Quantized.IsDefault && (node.Inputs.Length - 2) % 3 != 0)
            throw new OpException($"{node.Inputs.Length} inputs are given, must be 2 and 3 for each tensor to join");
        return OperandsOf(node.Inputs.Length);
    }

    private ImmutableArray<QLinearOperand> OperandsOf(int inputs) =>
        Quantized.IsDefault ? [.. Enumerable.Range(0, (inputs - 2) / 3).Select(i => new QLinearOperand(2 + 3 * i, 3 + 3 * i, 4 + 3 * i))] : Quantized;

    private DType OutputType(NodeFacts node)
    {
        DType type = node.OptionalTensor(Result.Zero)?.Type ?? node.Tensor(OperandsOf(node)[0].Data).Type;
        return type is DType.UInt8 or DType.Int8 or DType.Undefined ? type : throw new OpException($"zero point of the output is {type.ShortName()}, must be u8 or i8");
    }

    private static DType Check(NodeFacts node, QLinearOperand operand, DType type)
    {
        if (operand.Data >= 0)
        {
            DType data = node.Tensor(operand.Data).Type;
            if (data is not (DType.UInt8 or DType.Int8 or DType.Undefined))
                throw new OpException($"input {operand.Data} is {data.ShortName()}, must be u8 or i8");
            if (type != DType.Undefined && data != DType.Undefined && data != type)
                throw new OpException($"input {operand.Data} is {data.ShortName()}, must be {type.ShortName()} like the others");
            type = data;
            if (node.OptionalTensor(operand.Zero) is { } zero && zero.Type != DType.Undefined && data != DType.Undefined && zero.Type != data)
                throw new OpException($"input {operand.Zero} is {zero.Type.ShortName()}, must be {data.ShortName()} like input {operand.Data}");
        }
        if (node.Tensor(operand.Scale).Type is not (DType.Float32 or DType.Undefined) and var scale)
            throw new OpException($"input {operand.Scale} is {scale.ShortName()}, must be f32");
        return type;
    }

    // The node in its real form.
    private NodeFacts Real(NodeFacts node)
    {
        if (node.Attributes.Flag("channels_last"))
            throw new OpUnsupportedException("channels_last = 1; channels first is supported");
        var facts = ImmutableArray.CreateBuilder<ValueFact?>();
        for (int i = 0; i < Passed; i++)
            facts.Add(new TensorFact(node.Tensor(i).Type, node.Tensor(i).Shape));
        foreach (QLinearOperand operand in OperandsOf(node))
            facts.Add(new TensorFact(real, node.Tensor(operand.Data).Shape));
        long opset = inner == "Softmax" ? node.Attributes.Int("opset", 13) : 13;
        if (opset is < 1 or > 64)
            throw new OpException($"opset is {opset}, must be that of a Softmax of ai.onnx");
        return new NodeFacts(node.Attributes.Without("opset").Without("channels_last"), (int)opset, facts.ToImmutable(), 1, node.Fresh);
    }
}
