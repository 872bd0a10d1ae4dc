using System.Collections.Immutable;
using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>
/// ai.onnx MatMulInteger and QLinearMatMul; com.microsoft MatMulIntegerToFloat, DynamicQuantizeMatMul and QGemm. Shapes are those of
/// MatMul.
/// </summary>
internal sealed class QuantizedMatMulOp(QuantizedMatMulKind kind) : OpDefinition<QuantizedMatMulProblem>(QuantizedMatMulAlgorithms.All)
{
    private readonly QuantizedMatMulRoles _roles = QuantizedMatMulRoles.Of(kind);

    public static ImmutableArray<OpDefinition> All { get; } =
    [
        new QuantizedMatMulOp(QuantizedMatMulKind.MatMulInteger) { Name = "MatMulInteger", Since = 10, MinInputs = 2, MaxInputs = 4 },
        new QuantizedMatMulOp(QuantizedMatMulKind.QLinearMatMul) { Name = "QLinearMatMul", Since = 10, MinInputs = 8, MaxInputs = 8 },
        new QuantizedMatMulOp(QuantizedMatMulKind.MatMulIntegerToFloat) { Domain = "com.microsoft", Name = "MatMulIntegerToFloat", MinInputs = 4, MaxInputs = 7 },
        new QuantizedMatMulOp(QuantizedMatMulKind.DynamicQuantizeMatMul) { Domain = "com.microsoft", Name = "DynamicQuantizeMatMul", MinInputs = 3, MaxInputs = 5 },
        new QuantizedMatMulOp(QuantizedMatMulKind.QGemm) { Domain = "com.microsoft", Name = "QGemm", MinInputs = 6, MaxInputs = 9 },
    ];

    /// <inheritdoc/>
    public override ImmutableArray<ValueFact> Infer(NodeFacts node)
    {
        CheckTypes(node);
        TensorFact a = node.Tensor(_roles.A), b = node.Tensor(_roles.B);
        QuantizedMatMulChecks.Parameter(Optional(node, _roles.AScale), a.Shape, TransA(node), rows: true, "scale of A");
        QuantizedMatMulChecks.Parameter(Optional(node, _roles.AZero), a.Shape, TransA(node), rows: true, "zero point of A");
        QuantizedMatMulChecks.Parameter(Optional(node, _roles.BScale), b.Shape, TransB(node), rows: false, "scale of B");
        QuantizedMatMulChecks.Parameter(Optional(node, _roles.BZero), b.Shape, TransB(node), rows: false, "zero point of B");
        OpDefinition product = kind == QuantizedMatMulKind.QGemm ? GemmOp.Instance : MatMulOp.Instance;
        var shapes = new NodeFacts(kind == QuantizedMatMulKind.QGemm ? node.Attributes.Without("alpha") : Attributes.Empty, 13,
            [new TensorFact(DType.Int32, a.Shape), new TensorFact(DType.Int32, b.Shape)], 1, node.Fresh);
        return [((TensorFact)product.Infer(shapes)[0]) with { Type = OutputType(node) }];
    }

    /// <inheritdoc/>
    public override Problem CreateProblem(NodeFacts node)
    {
        var operands = new TensorType[node.Inputs.Length];
        for (int i = 0; i < operands.Length; i++)
            operands[i] = node.Operand(i);
        var problem = new QuantizedMatMulProblem
        {
            Kind = kind,
            Operands = [.. operands],
            OutputType = OutputType(node),
            Product = new GemmProblem
            {
                Type = DType.Int32,
                ShapeA = operands[_roles.A].Shape,
                ShapeB = operands[_roles.B].Shape,
                TransA = TransA(node),
                TransB = TransB(node),
            },
            Alpha = kind == QuantizedMatMulKind.QGemm ? node.Attributes.Float("alpha", 1) : 1,
            ConstantInputs = node.ConstantInputs,
        };
        QuantizedMatMulChecks.Check(problem);
        return problem;
    }

    /// <inheritdoc/>
    public override Problem? ParseProblem(string key) => QuantizedMatMulProblem.Parse(key) is { } problem && problem.Kind == kind ? problem : null;

    private static TensorFact? Optional(NodeFacts node, int index) => index < 0 ? null : node.OptionalTensor(index);

    private bool TransA(NodeFacts node) => kind == QuantizedMatMulKind.QGemm && node.Attributes.Flag("transA");

    private bool TransB(NodeFacts node) => kind == QuantizedMatMulKind.QGemm && node.Attributes.Flag("transB");

    private DType OutputType(NodeFacts node)
    {
        switch (kind)
        {
            case QuantizedMatMulKind.MatMulInteger:
                return DType.Int32;
            case QuantizedMatMulKind.MatMulIntegerToFloat or QuantizedMatMulKind.DynamicQuantizeMatMul:
                return DType.Float32;
            case QuantizedMatMulKind.QGemm when !node.Has(_roles.YScale):
                return DType.Float32;
            default:
                DType type = Optional(node, _roles.YZero)?.Type ?? node.Tensor(_roles.A).Type;
                if (type is DType.UInt8 or DType.Int8 or DType.Undefined)
                    return type;
                throw Float8Format.Of(type) is not null ? new OpUnsupportedException($"output of type {type.ShortName()}; u8 and i8 are supported")
                    : new OpException($"zero point of Y is {type.ShortName()}, must be u8 or i8");
        }
    }

    private void CheckTypes(NodeFacts node)
    {
        DType a = node.Tensor(_roles.A).Type, b = node.Tensor(_roles.B).Type;
        if (kind == QuantizedMatMulKind.DynamicQuantizeMatMul)
            Require(a, a == DType.Float32, "A", "f32");
        else
            Bytes(a, "A");
        Bytes(b, "B");
        Like(Optional(node, _roles.AZero), a, "zero point of A");
        Like(Optional(node, _roles.BZero), b, "zero point of B");
        bool anyScale = kind == QuantizedMatMulKind.QLinearMatMul;
        foreach (int scale in (int[])[_roles.AScale, _roles.BScale, _roles.YScale])
            if (Optional(node, scale) is { } fact)
                Require(fact.Type, fact.Type == DType.Float32 || anyScale && QuantizeChecks.IsReal(fact.Type), $"input {scale}", anyScale ? "f32, f16 or bf16" : "f32");
        if (Optional(node, _roles.C) is { } c)
            Require(c.Type, c.Type == DType.Int32, "C", "i32");
        if (Optional(node, _roles.Bias) is { } bias)
            Require(bias.Type, bias.Type == DType.Float32, "bias", "f32");
    }

    private static void Bytes(DType type, string name)
    {
        if (Float8Format.Of(type) is not null)
            throw new OpUnsupportedException($"{name} of type {type.ShortName()}; u8 and i8 are supported");
        Require(type, type is DType.UInt8 or DType.Int8, name, "u8 or i8");
    }

    private static void Like(TensorFact? fact, DType type, string name)
    {
        if (fact is not null && type != DType.Undefined)
            Require(fact.Type, fact.Type == type, name, type.ShortName());
    }

    private static void Require(DType type, bool fits, string name, string wanted)
    {
        if (type != DType.Undefined && !fits)
            throw new OpException($"{name} is {type.ShortName()}, must be {wanted}");
    }
}
