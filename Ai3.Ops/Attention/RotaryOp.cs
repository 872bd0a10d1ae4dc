using System.Collections.Immutable;
using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>ai.onnx RotaryEmbedding (opset 23) and com.microsoft RotaryEmbedding, whose inputs come in another order.</summary>
internal sealed class RotaryOp(bool positionsFirst) : OpDefinition<RotaryProblem>(RotaryAlgorithms.All)
{
    /// <summary>True for com.microsoft.</summary>
    public bool PositionsFirst => positionsFirst;

    public override Oracle<RotaryProblem> Oracle => RotaryAlgorithms.Evaluate;

    public override ImmutableArray<ValueFact> Infer(NodeFacts node)
    {
        int cos = positionsFirst ? 2 : 1, ids = positionsFirst ? 1 : 3;
        DType type = node.SameType(0, cos, cos + 1);
        if (type != DType.Undefined && !type.IsFloat())
            throw new OpException($"input 0 is {type.ShortName()}, must be f32, f64, f16 or bf16");
        if (node.OptionalTensor(ids)?.Type is { } id && id is not (DType.Undefined or DType.Int64))
            throw new OpException($"position ids are {id.ShortName()}, must be i64");
        if (node.Attributes.Flag("is_packed_batching"))
            throw new OpUnsupportedException("is_packed_batching is not supported");
        if (node.Tensor(0).Shape is not { } x)
            return [new TensorFact(type, null)];
        if (x.Rank is not (3 or 4))
            throw new OpException($"input 0 has shape {x}, must have 3 or 4 dimensions");
        Check(node, x, cos, ids);
        return [new TensorFact(type, x)];
    }

    public override Problem CreateProblem(NodeFacts node)
    {
        int cos = positionsFirst ? 2 : 1, ids = positionsFirst ? 1 : 3;
        Shape shape = node.Operand(0).Shape, table = node.Operand(cos).Shape;
        return new RotaryProblem
        {
            Type = node.Operand(0).Type,
            Shape = shape,
            Heads = HeadsOf(node, shape.Rank == 4 ? shape[1] : shape[2], shape.Rank, table[^1])!.Value,
            Table = table,
            Positions = node.Has(ids) ? node.Operand(ids).Shape : null,
            Interleaved = node.Attributes.Flag("interleaved"),
            PositionsFirst = positionsFirst,
        };
    }

    public override Problem? ParseProblem(string key) => RotaryProblem.Parse(key) is { } problem && problem.PositionsFirst == positionsFirst ? problem : null;

    private void Check(NodeFacts node, SymbolicShape x, int cos, int ids)
    {
        Dim batch = x[0], length = x[x.Rank == 4 ? 2 : 1];
        SymbolicShape? table = node.Tensor(cos).Shape;
        if (node.OptionalTensor(ids)?.Shape is { } positions)
        {
            bool fits = positions.Rank == 2 && Agree(positions[0], batch) && Agree(positions[1], length)
                || positionsFirst && positions.Rank <= 1 && Agree(positions.CountOf(..), 1);
            if (!fits)
                throw new OpException($"position ids have shape {positions}, must be [{batch},{length}]{(positionsFirst ? " or [1]" : "")}");
        }
        if (table is null)
            return;
        if (table.Rank != (node.Has(ids) ? 2 : 3) || table.Rank == 3 && !(Agree(table[0], batch) && Agree(table[1], length)))
            throw new OpException($"input {cos} has shape {table}, must be {(node.Has(ids) ? "[positions,half]" : $"[{batch},{length},half]")}");
        if (table.Rank == 2 && table[0].Is(0) && !length.Is(0))
            throw new OpException($"input {cos} has no rows");
        if (node.Tensor(cos + 1).Shape is { } sin && (sin.Rank != table.Rank || Enumerable.Range(0, sin.Rank).Any(a => !Agree(sin[a], table[a]))))
            throw new OpException($"input {cos + 1} has shape {sin}, must be {table} like input {cos}");
        Dim width = x.Rank == 4 ? x[1] : x[2];
        if (!width.TryGetValue(out long known) || !table[^1].TryGetValue(out long half))
            return;
        long heads = HeadsOf(node, known, x.Rank, half)!.Value;
        if (x.Rank == 3 && known % heads != 0)
            throw new OpException($"input 0 has width {known}, must be a multiple of {heads} heads");
        Dim size = x.Rank == 4 ? x[3] : known / heads;
        long rotated = node.Attributes.Int("rotary_embedding_dim", 0);
        if (rotated < 0 || rotated > 0 && rotated != 2 * half)
            throw new OpException($"attribute rotary_embedding_dim is {rotated}, must be twice the {half} columns of input {cos}");
        if (size.TryGetValue(out long whole) && (2 * half > whole || rotated == 0 && !positionsFirst && 2 * half != whole))
            throw new OpException($"input {cos} has {half} columns, must be half of the head size {whole}");
    }

    // com.microsoft leaves num_heads out where the tables tell the head size.
    private long? HeadsOf(NodeFacts node, long width, int rank, long half)
    {
        if (rank == 4)
            return width;
        long heads = node.Attributes.Int("num_heads", 0);
        if (heads == 0 && positionsFirst && half > 0 && width % (2 * half) == 0)
            return width / (2 * half);
        return heads >= 1 ? heads : throw new OpException($"attribute num_heads is {heads}, must be at least 1");
    }

    private static bool Agree(Dim a, Dim b) => !a.IsKnown || !b.IsKnown || a == b;
}
