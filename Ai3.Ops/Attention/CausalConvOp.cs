using System.Collections.Immutable;
using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>CausalConvWithState of ai.onnx (opset 27) and com.microsoft, over one axis.</summary>
internal sealed class CausalConvOp() : OpDefinition<CausalConvProblem>(CausalConvAlgorithms.All)
{
    public override Oracle<CausalConvProblem> Oracle => CausalConvAlgorithms.Evaluate;

    public override ImmutableArray<ValueFact> Infer(NodeFacts node)
    {
        DType type = node.SameType(0, 1, 2, 3);
        if (type != DType.Undefined && !type.IsFloat())
            throw new OpException($"inputs are {type.ShortName()}, must be f32, f64, f16 or bf16");
        Silu(node);
        if (node.Attributes.Int("ndim", 1) != 1 || node.Attributes.Flag("channels_last"))
            throw new OpUnsupportedException("only one axis behind the channels is supported");
        if (node.Tensor(0).Shape is not { } x || node.Tensor(1).Shape is not { } w)
            return [new TensorFact(type, null), new TensorFact(type, null)];
        if (x.Rank != 3)
            throw new OpException($"input 0 has shape {x}, must have 3 dimensions");
        if (w.Rank != 3 || !Agree(w[0], x[1]) || !Agree(w[1], 1) || w[2].Is(0))
            throw new OpException($"input 1 has shape {w}, must be [{x[1]},1,k] with k of at least 1");
        Check(node, 2, [x[1]]);
        SymbolicShape state = [x[0], x[1], w[2] - 1];
        Check(node, 3, state);
        return [new TensorFact(type, x), new TensorFact(type, state)];
    }

    public override Problem CreateProblem(NodeFacts node) => new CausalConvProblem
    {
        Type = node.Operand(0).Type,
        Shape = node.Operand(0).Shape,
        Kernel = node.Operand(1).Shape[2],
        Silu = Silu(node),
        HasBias = node.Has(2),
        HasPast = node.Has(3),
        OutputCount = node.OutputCount,
        ConstantInputs = node.ConstantInputs,
    };

    public override Problem? ParseProblem(string key) => CausalConvProblem.Parse(key);

    private static bool Silu(NodeFacts node) => node.Attributes.String("activation", "none") switch
    {
        "none" => false,
        "silu" or "swish" => true,
        string other => throw new OpException($"activation is \"{other}\", must be none, silu or swish"),
    };

    private static void Check(NodeFacts node, int input, SymbolicShape expected)
    {
        if (node.OptionalTensor(input)?.Shape is not { } shape)
            return;
        if (shape.Rank != expected.Rank || Enumerable.Range(0, shape.Rank).Any(a => !Agree(shape[a], expected[a])))
            throw new OpException($"input {input} has shape {shape}, must be {expected}");
    }

    private static bool Agree(Dim a, Dim b) => !a.IsKnown || !b.IsKnown || a == b;
}
