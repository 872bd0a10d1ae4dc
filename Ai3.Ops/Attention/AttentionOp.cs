using System.Collections.Immutable;
using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>What the operators that compute attention share: checks and the making of problems.</summary>
internal abstract class AttentionOp() : OpDefinition<AttentionProblem>(AttentionAlgorithms.All)
{
    // Windows beyond this reach every key.
    private const long FarthestWindow = 1L << 40;

    protected abstract AttentionForm Form { get; }

    public override Oracle<AttentionProblem> Oracle => AttentionOracle.Evaluate;

    public override Problem? ParseProblem(string key) => AttentionProblem.Parse(key) is { } problem && problem.Form == Form && AttentionKeyCheck.IsConsistent(problem) ? problem : null;

    /// <summary>The problem with operands, results and heads; the rest is the operator's.</summary>
    protected AttentionProblem Start(NodeFacts node, int heads, int kvHeads, long size)
    {
        ImmutableArray<ValueFact> facts = Infer(node);
        // A scale of 0 asks for the default where the attribute cannot be left out.
        float scale = node.Attributes.Float("scale", 0);
        return new AttentionProblem
        {
            Form = Form,
            Operands = [.. Enumerable.Range(0, node.Inputs.Length).Select(node.Operand)],
            Results = [.. facts.Take(node.OutputCount).Select(f => new TensorType(((TensorFact)f).Type, ((TensorFact)f).KnownShape))],
            Heads = heads,
            KvHeads = kvHeads,
            Scale = scale != 0 ? scale : size > 0 ? (float)(1 / Math.Sqrt(size)) : 1,
            ConstantInputs = node.ConstantInputs,
        };
    }

    protected static int Heads(NodeFacts node, string name)
    {
        long heads = node.Attributes.Int(name);
        return heads is >= 1 and <= int.MaxValue ? (int)heads : throw new OpException($"attribute {name} is {heads}, must be at least 1");
    }

    protected static long Window(NodeFacts node, string name)
    {
        long window = node.Attributes.Int(name, -1);
        return window >= -1 ? Math.Min(window, FarthestWindow) : throw new OpException($"attribute {name} is {window}, must be -1 or more");
    }

    protected static float Softcap(NodeFacts node)
    {
        float cap = node.Attributes.Float("softcap", 0);
        return cap >= 0 ? cap : throw new OpException($"attribute softcap is {cap}, must not be negative");
    }

    protected static DType FloatType(NodeFacts node, params ReadOnlySpan<int> inputs)
    {
        DType type = node.SameType(inputs);
        return type == DType.Undefined || type.IsFloat() ? type : throw new OpException($"input {inputs[0]} is {type.ShortName()}, must be f32, f64, f16 or bf16");
    }

    protected static void Type(NodeFacts node, int input, params ReadOnlySpan<DType> types)
    {
        if (node.OptionalTensor(input)?.Type is { } type && type != DType.Undefined && !types.Contains(type))
            throw new OpException($"input {input} is {type.ShortName()}, must be {string.Join(" or ", types.ToArray().Select(t => t.ShortName()))}");
    }

    /// <summary>Demands equal dimensions where both are known.</summary>
    protected static void Same(int input, string what, Dim is1, Dim must)
    {
        if (is1.IsKnown && must.IsKnown && is1 != must)
            throw new OpException($"input {input} has {what} {is1}, must be {must}");
    }

    /// <summary>A dimension divided by the heads that share it.</summary>
    protected static Dim PerHead(int input, Dim width, int heads)
    {
        if (width.TryGetValue(out long value) && value % heads != 0)
            throw new OpException($"input {input} has width {value}, must be a multiple of {heads} heads");
        return Dim.FloorDiv(width, heads);
    }

    protected static SymbolicShape Rank(NodeFacts node, int input, SymbolicShape shape, params ReadOnlySpan<int> ranks) =>
        ranks.Contains(shape.Rank) ? shape : throw new OpException($"input {input} has shape {shape}, must have rank {string.Join(" or ", ranks.ToArray())}");

    /// <summary>Checks a bias of [batch or 1, heads or 1, queries, keys].</summary>
    protected static void ScoreBias(NodeFacts node, int input, Dim batch, int heads, Dim queries, Dim keys)
    {
        if (node.OptionalTensor(input)?.Shape is not { } shape)
            return;
        Rank(node, input, shape, 4);
        if (!shape[0].Is(1))
            Same(input, "batch", shape[0], batch);
        if (!shape[1].Is(1))
            Same(input, "heads", shape[1], heads);
        Same(input, "queries", shape[2], queries);
        Same(input, "keys", shape[3], keys);
    }

    /// <summary>Checks a vector.</summary>
    protected static void Vector(NodeFacts node, int input, Dim length)
    {
        if (node.OptionalTensor(input)?.Shape is { } shape && (shape.Rank != 1 || shape[0].IsKnown && length.IsKnown && shape[0] != length))
            throw new OpException($"input {input} has shape {shape}, must be [{length}]");
    }

    /// <summary>Checks a cache of [batch, heads, rows, size] and gives its rows; 0 if it is absent.</summary>
    protected static Dim Past(NodeFacts node, int input, Dim batch, Dim heads, Dim size)
    {
        if (node.OptionalTensor(input) is not { } fact)
            return 0;
        if (fact.Shape is not { } shape)
            return node.Fresh();
        Rank(node, input, shape, 4);
        Same(input, "batch", shape[0], batch);
        Same(input, "heads", shape[1], heads);
        Same(input, "size", shape[3], size);
        return shape[2];
    }

    protected static void Together(NodeFacts node, int one, int other)
    {
        if (node.Has(one) != node.Has(other))
            throw new OpException($"input {(node.Has(one) ? other : one)} is missing; inputs {one} and {other} are given together or not at all");
    }
}
