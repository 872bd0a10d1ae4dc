using System.Collections.Immutable;
using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>com.microsoft EmbedLayerNormalization.</summary>
internal sealed class EmbedNormOp() : OpDefinition<EmbedNormProblem>(EmbedNormAlgorithms.All)
{
    public override Oracle<EmbedNormProblem> Oracle => EmbedNormAlgorithms.Evaluate;

    public override ImmutableArray<ValueFact> Infer(NodeFacts node)
    {
        DType type = node.SameType(2, 3, 4, 5, 6);
        if (type != DType.Undefined && !type.IsFloat())
            throw new OpException($"tables are {type.ShortName()}, must be f32, f64, f16 or bf16");
        foreach (int i in (int[])[0, 1, 7, 8])
            if (node.OptionalTensor(i)?.Type is { } ids && ids is not (DType.Undefined or DType.Int32))
                throw new OpException($"input {i} is {ids.ShortName()}, must be i32");
        if (node.Has(1) != node.Has(4))
            throw new OpException("segment_ids and segment_embedding are given together or not at all");
        if (node.Tensor(0).Shape is not { } ids0 || node.Tensor(2).Shape is not { } words)
            return [new TensorFact(type, null), new TensorFact(DType.Int32, null), new TensorFact(type, null)];
        if (ids0.Rank != 2)
            throw new OpException($"input_ids has shape {ids0}, must have 2 dimensions");
        if (words.Rank != 2)
            throw new OpException($"word_embedding has shape {words}, must have 2 dimensions");
        Check(node, 1, ids0, ids0);
        Check(node, 3, [node.Fresh(), words[1]], words);
        Check(node, 4, [node.Fresh(), words[1]], words);
        Check(node, 5, [words[1]], words);
        Check(node, 6, [words[1]], words);
        Check(node, 7, ids0, ids0);
        if (node.OptionalTensor(8)?.Shape is { } positions && !(positions.Rank == 2 && positions[0].Is(1)))
            Check(node, 8, ids0, ids0);
        else
            Check(node, 8, [1, ids0[1]], ids0);
        foreach (int i in (int[])[2, 3, 4])
            if (node.OptionalTensor(i)?.Shape is { } table && table[0].Is(0))
                throw new OpException($"input {i} has no rows");
        var y = new TensorFact(type, [ids0[0], ids0[1], words[1]]);
        return [y, new TensorFact(DType.Int32, [ids0[0]]), y];
    }

    public override Problem CreateProblem(NodeFacts node)
    {
        Shape ids = node.Operand(0).Shape, words = node.Operand(2).Shape;
        return new EmbedNormProblem
        {
            Type = node.SameType(2, 3, 4, 5, 6),
            Batch = ids[0],
            Tokens = ids[1],
            Width = words[1],
            Words = words[0],
            Positions = node.Operand(3).Shape[0],
            Segments = node.Has(4) ? node.Operand(4).Shape[0] : 0,
            HasMask = node.Has(7),
            PositionRows = node.Has(8) ? node.Operand(8).Shape[0] : 0,
            Epsilon = node.Attributes.Float("epsilon", 1e-12f),
            OutputCount = node.OutputCount,
            ConstantInputs = node.ConstantInputs,
        };
    }

    public override Problem? ParseProblem(string key) => EmbedNormProblem.Parse(key);

    private static void Check(NodeFacts node, int input, SymbolicShape expected, SymbolicShape source)
    {
        if (node.OptionalTensor(input)?.Shape is not { } shape)
            return;
        bool fits = shape.Rank == expected.Rank;
        for (int a = 0; fits && a < shape.Rank; a++)
            fits = !shape[a].IsKnown || !expected[a].IsKnown || shape[a] == expected[a];
        if (!fits)
            throw new OpException($"input {input} has shape {shape}, does not fit {source}");
    }
}
