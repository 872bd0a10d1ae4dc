using System.Collections.Immutable;
using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>com.microsoft MatMulNBits: a matrix times a matrix of codes of 2, 4 or 8 bits, quantised in blocks along K.</summary>
internal sealed class NBitsOp() : OpDefinition<NBitsProblem>(NBitsAlgorithms.All)
{
    public static NBitsOp Definition { get; } = new() { Domain = "com.microsoft", Name = "MatMulNBits", MinInputs = 3, MaxInputs = 6 };

    /// <inheritdoc/>
    public override Oracle<NBitsProblem> Oracle => NBitsOracle.Evaluate;

    /// <inheritdoc/>
    public override ImmutableArray<ValueFact> Infer(NodeFacts node)
    {
        (long k, long n, int bits, long block) = Numbers(node);
        TensorFact a = node.Tensor(0);
        DType type = node.SameType(0, 2, 5);
        if (type is not (DType.Undefined or DType.Float32 or DType.Float16 or DType.BFloat16))
            throw new OpException($"A is {type.ShortName()}, must be f32, f16 or bf16");
        if (node.Tensor(1).Type is not (DType.UInt8 or DType.Undefined))
            throw new OpException($"B is {node.Tensor(1).Type.ShortName()}, must be u8");
        if (node.Has(4))
            throw new OpUnsupportedException("input g_idx (an order of the rows of B)");
        if (node.Has(3) && node.Tensor(3).Type is var zero && zero != DType.Undefined && zero != DType.UInt8 && zero != type)
            throw new OpException($"zero points are {zero.ShortName()}, must be u8 or {type.ShortName()} like A");
        long blocks = ShapeMath.CeilDiv(k, block);
        Count(node, 1, ShapeMath.Product([n, blocks, block * bits / 8]), "B");
        Count(node, 2, ShapeMath.Multiply(n, blocks), "scales");
        if (node.Has(3))
            Count(node, 3, ShapeMath.Multiply(n, node.Tensor(3).Type == DType.UInt8 ? ShapeMath.CeilDiv(ShapeMath.Multiply(blocks, bits), 8) : blocks), "zero points");
        if (node.Has(5))
            Count(node, 5, n, "bias");
        if (a.Shape is not { } shape)
            return [new TensorFact(type, null)];
        if (shape.Rank == 0 || shape[^1].IsKnown && !shape[^1].Is(k))
            throw new OpException($"A has shape {shape}, its last axis must be K = {k}");
        return [new TensorFact(type, SymbolicShape.Create([.. shape.AsSpan()[..^1], n]))];
    }

    /// <inheritdoc/>
    public override Problem CreateProblem(NodeFacts node)
    {
        // What symbols hid from the first look.
        Infer(node);
        (long k, long n, int bits, long block) = Numbers(node);
        TensorType a = node.Operand(0);
        if (a.Shape[^1] != k)
            throw new OpException($"A has shape {a.Shape}, its last axis must be K = {k}");
        return new NBitsProblem
        {
            Type = a.Type,
            ShapeA = a.Shape,
            N = n,
            K = k,
            Bits = bits,
            Block = block,
            ZeroType = node.Has(3) ? node.Operand(3).Type : DType.Undefined,
            HasBias = node.Has(5),
            ConstantInputs = node.ConstantInputs,
        };
    }

    /// <inheritdoc/>
    public override Problem? ParseProblem(string key) => NBitsProblem.Parse(key);

    private static (long K, long N, int Bits, long Block) Numbers(NodeFacts node)
    {
        long k = node.Attributes.Int("K"), n = node.Attributes.Int("N"), bits = node.Attributes.Int("bits", 4), block = node.Attributes.Int("block_size");
        if (k < 1 || n < 1)
            throw new OpException($"K is {k} and N is {n}, must be 1 or more");
        if (block is < 16 or > 1 << 20 || !long.IsPow2(block))
            throw new OpException($"block_size is {block}, must be a power of two, 16 or more");
        if (bits is < 2 or > 8)
            throw new OpException($"bits is {bits}, must be between 2 and 8");
        if (bits is not (2 or 4 or 8))
            throw new OpUnsupportedException($"codes of {bits} bits; 2, 4 and 8 are supported");
        return (k, n, (int)bits, block);
    }

    // Shapes differ between exporters; the count and the order of elements do not.
    private static void Count(NodeFacts node, int input, long wanted, string name)
    {
        if (node.Tensor(input).Shape is { } shape && shape.TryGetShape(out Shape known) && known.Count != wanted)
            throw new OpException($"{name} has shape {known}, must have {wanted} elements");
    }
}
