using System.Collections.Immutable;
using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>LinearAttention of ai.onnx (opset 27) and com.microsoft.</summary>
internal sealed class LinearAttentionOp() : OpDefinition<LinearAttentionProblem>(LinearAttentionAlgorithms.All)
{
    public override Oracle<LinearAttentionProblem> Oracle => LinearAttentionOracle.Evaluate;

    public override ImmutableArray<ValueFact> Infer(NodeFacts node)
    {
        DType type = node.SameType(0, 1, 2, 4, 5);
        DType state = node.OptionalTensor(3)?.Type ?? type;
        foreach (DType t in (DType[])[type, state])
            if (t != DType.Undefined && !t.IsFloat())
                throw new OpException($"inputs are {t.ShortName()}, must be f32, f64, f16 or bf16");
        (bool gated, bool delta) = Rule(node);
        long heads = Heads(node, "q_num_heads"), kvHeads = Heads(node, "kv_num_heads");
        if (heads % kvHeads != 0)
            throw new OpException($"{heads} query heads are no multiple of {kvHeads} key heads");
        if (gated && !node.Has(4) || delta && !node.Has(5))
            throw new OpException($"{(gated && !node.Has(4) ? "decay" : "beta")} is missing, which the update rule needs");
        if (node.Tensor(0).Shape is not { } q || node.Tensor(2).Shape is not { } v)
            return [new TensorFact(type, null), new TensorFact(state, null)];
        if (q.Rank != 3 || v.Rank != 3)
            throw new OpException($"query and value have shapes {q} and {v}, must have 3 dimensions");
        Dim dk = Divide(0, q[2], heads), dv = Divide(2, v[2], kvHeads);
        Check(node, 1, [q[0], q[1], dk * kvHeads]);
        Check(node, 2, [q[0], q[1], v[2]]);
        Check(node, 3, [q[0], kvHeads, dk, dv]);
        if (gated && !node.Tensor(4).Shape.IsPerHead(kvHeads))
            Check(node, 4, [q[0], q[1], dk * kvHeads]);
        if (delta && node.Tensor(5).Shape is { } beta)
            Check(node, 5, [q[0], q[1], beta.Rank == 3 && beta[2].Is(1) ? 1 : kvHeads]);
        return [new TensorFact(type, [q[0], q[1], dv * heads]), new TensorFact(state, [q[0], kvHeads, dk, dv])];
    }

    public override Problem CreateProblem(NodeFacts node)
    {
        Infer(node);
        Shape q = node.Operand(0).Shape, v = node.Operand(2).Shape;
        long heads = Heads(node, "q_num_heads"), kvHeads = Heads(node, "kv_num_heads"), dk = q[2] / heads;
        (bool gated, bool delta) = Rule(node);
        float scale = node.Attributes.Float("scale", 0);
        return new LinearAttentionProblem
        {
            Type = node.Operand(0).Type,
            StateType = node.Has(3) ? node.Operand(3).Type : node.Operand(0).Type,
            Batch = q[0],
            Tokens = q[1],
            Heads = heads,
            KvHeads = kvHeads,
            KeySize = dk,
            ValueSize = v[2] / kvHeads,
            Scale = scale != 0 ? scale : (float)(1 / Math.Sqrt(Math.Max(1, dk))),
            Gated = gated,
            Delta = delta,
            HasPast = node.Has(3),
            DecayPerKey = gated && node.Operand(4).Shape[2] != kvHeads,
            BetaPerHead = delta && node.Operand(5).Shape[2] != 1,
            OutputCount = node.OutputCount,
        };
    }

    public override Problem? ParseProblem(string key) => LinearAttentionProblem.Parse(key);

    private static (bool Gated, bool Delta) Rule(NodeFacts node) => node.Attributes.String("update_rule", "gated_delta") switch
    {
        "linear" => (false, false),
        "gated" => (true, false),
        "delta" => (false, true),
        "gated_delta" => (true, true),
        string other => throw new OpException($"update_rule is \"{other}\", must be linear, gated, delta or gated_delta"),
    };

    private static long Heads(NodeFacts node, string name)
    {
        long heads = node.Attributes.Int(name);
        return heads is >= 1 and <= int.MaxValue ? heads : throw new OpException($"attribute {name} is {heads}, must be at least 1");
    }

    private static Dim Divide(int input, Dim width, long heads)
    {
        if (width.TryGetValue(out long value) && value % heads != 0)
            throw new OpException($"input {input} has width {value}, must be a multiple of {heads} heads");
        return Dim.FloorDiv(width, heads);
    }

    private static void Check(NodeFacts node, int input, SymbolicShape expected)
    {
        if (node.OptionalTensor(input)?.Shape is not { } shape)
            return;
        bool fits = shape.Rank == expected.Rank;
        for (int a = 0; fits && a < shape.Rank; a++)
            fits = !shape[a].IsKnown || !expected[a].IsKnown || shape[a] == expected[a];
        if (!fits)
            throw new OpException($"input {input} has shape {shape}, must be {expected}");
    }
}

/// <summary>Facts about the shape of a decay.</summary>
internal static class DecayShape
{
    /// <summary>True if the shape is [.., .., heads], or not known.</summary>
    public static bool IsPerHead(this SymbolicShape? shape, long heads) => shape is null || shape.Rank == 3 && (!shape[2].IsKnown || shape[2].Is(heads));
}
