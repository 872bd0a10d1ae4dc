using System.Collections.Immutable;
using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>com.microsoft NGramRepeatBlock: scores of tokens that would repeat an n-gram of their sequence become minus infinity.</summary>
internal sealed class NGramRepeatBlockOp() : OpDefinition<NGramBlockProblem>(NGramBlockAlgorithms.All)
{
    public static NGramRepeatBlockOp Definition { get; } = new() { Domain = "com.microsoft", Name = "NGramRepeatBlock", MinInputs = 2, MaxInputs = 2 };

    public override Oracle<NGramBlockProblem> Oracle => NGramBlockAlgorithms.Evaluate;

    public override ImmutableArray<ValueFact> Infer(NodeFacts node)
    {
        if (node.Tensor(0).Type is not (DType.Int64 or DType.Undefined) and var ids)
            throw new OpException($"input_ids are {ids.ShortName()}, must be i64");
        if (node.Tensor(1).Type is not (DType.Float32 or DType.Undefined) and var scores)
            throw new OpException($"scores are {scores.ShortName()}, must be f32");
        if (node.Attributes.Int("ngram_size") is (< 1 or > int.MaxValue) and var size)
            throw new OpException($"ngram_size is {size}, must be 1 to {int.MaxValue}");
        SymbolicShape? sequence = node.Tensor(0).Shape, vocabulary = node.Tensor(1).Shape;
        bool fits = sequence is null or { Rank: 2 };
        fits &= vocabulary is null or { Rank: 2 };
        if (!fits || sequence is not null && vocabulary is not null && sequence[0].IsKnown && vocabulary[0].IsKnown && sequence[0] != vocabulary[0])
            throw new OpException($"inputs have shapes {sequence} and {vocabulary}, must be [batch,length] and [batch,tokens]");
        return [new TensorFact(DType.Float32, node.Tensor(1).Shape)];
    }

    public override Problem CreateProblem(NodeFacts node) => new NGramBlockProblem
    {
        Ids = node.Operand(0).Shape,
        Scores = node.Operand(1).Shape,
        Size = node.Attributes.Int("ngram_size"),
        ConstantInputs = node.ConstantInputs,
    };

    public override Problem? ParseProblem(string key) => NGramBlockProblem.Parse(key);
}

/// <summary>Scores [batch, tokens] after sequences of token ids [batch, length]; a token that would complete an n-gram again gets minus infinity.</summary>
public sealed record NGramBlockProblem : Problem
{
    private const string Name = "ngramblock";

    /// <summary>[batch, length].</summary>
    public required Shape Ids { get; init; }

    /// <summary>[batch, tokens].</summary>
    public required Shape Scores { get; init; }

    /// <summary>Tokens of an n-gram.</summary>
    public required long Size { get; init; }

    /// <inheritdoc/>
    public override ImmutableArray<TensorType> Inputs => [new TensorType(DType.Int64, Ids), new TensorType(DType.Float32, Scores)];

    /// <inheritdoc/>
    public override ImmutableArray<TensorType> Outputs => [new TensorType(DType.Float32, Scores)];

    /// <inheritdoc/>
    public override double Flops => Ids.Count;

    /// <inheritdoc/>
    public override string Key => MovementKey.Write(Name, Inputs, Outputs, MovementKey.Word("size", Size));

    /// <summary>Reads a key, or gives null.</summary>
    public static NGramBlockProblem? Parse(string key) => MovementKeyReader.Read(key, Name, static r =>
        r.Input(0) is { Type: DType.Int64, Shape: { Rank: 2 } ids } && r.Input(1) is { Type: DType.Float32, Shape: { Rank: 2 } scores } && ids[0] == scores[0] && r.Int("size") is > 0 and <= int.MaxValue and var size
            ? new NGramBlockProblem { Ids = ids, Scores = scores, Size = size } : throw new FormatException("operands do not fit"));
}
