using System.Collections.Immutable;
using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>com.microsoft GatherBlockQuantized: rows of a table quantised in blocks.</summary>
internal sealed class GatherBlockQuantizedOp() : OpDefinition<GatherBlocksProblem>(GatherBlocksAlgorithms.All)
{
    private const long SmallestBlock = 16;

    public static GatherBlockQuantizedOp Definition { get; } = new() { Domain = "com.microsoft", Name = "GatherBlockQuantized", MinInputs = 3, MaxInputs = 4 };

    public override Oracle<GatherBlocksProblem> Oracle => GatherBlocksAlgorithms.Evaluate;

    public override ImmutableArray<ValueFact> Infer(NodeFacts node)
    {
        DType type = node.Tensor(0).Type, scale = node.Tensor(2).Type;
        if (type is not (DType.UInt8 or DType.Int4 or DType.UInt4 or DType.Undefined))
            throw new OpException($"data is {type.ShortName()}, must be u8, i4 or u4");
        if (scale is not (DType.Float32 or DType.Float16 or DType.BFloat16 or DType.Undefined))
            throw new OpException($"scales are {scale.ShortName()}, must be f32, f16 or bf16");
        if (node.Tensor(1).Type is not (DType.Int32 or DType.Int64 or DType.Undefined) and var index)
            throw new OpException($"indices are {index.ShortName()}, must be i32 or i64");
        node.SameType(0, 3);
        (long block, int bits) = Blocks(node);
        if (type != DType.Undefined)
            CheckBlock(type, block, bits);
        if (node.Tensor(0).Shape is not { } data || node.Tensor(1).Shape is not { } indices)
            return [new TensorFact(scale, null)];
        (int gather, int quantize) = Axes(node, data.Rank);
        var dims = data.ToArray();
        if (type == DType.UInt8 && bits == 4)
        {
            if (quantize != data.Rank - 1 || gather == data.Rank - 1)
                throw new OpException($"gather_axis {gather} and quantize_axis {quantize} do not fit codes that share bytes along the last axis");
            dims[^1] *= 2;
        }
        if (data.IsKnown && indices.IsKnown && node.Tensor(2).Shape is { IsKnown: true } && node.OptionalTensor(3) is not { Shape.IsKnown: false })
            GatherBlocksProblem.Create([.. Enumerable.Range(0, node.Inputs.Length).Select(node.Operand)], gather, quantize, block, bits);
        return [new TensorFact(scale, SymbolicShape.Create([.. dims[..gather], .. indices, .. dims[(gather + 1)..]]))];
    }

    public override Problem CreateProblem(NodeFacts node)
    {
        (long block, int bits) = Blocks(node);
        (int gather, int quantize) = Axes(node, node.Operand(0).Shape.Rank);
        return GatherBlocksProblem.Create([.. Enumerable.Range(0, node.Inputs.Length).Select(node.Operand)], gather, quantize, block, bits) with { ConstantInputs = node.ConstantInputs };
    }

    public override Problem? ParseProblem(string key) => GatherBlocksProblem.Parse(key);

    /// <summary>Demands a block size and a number of bits that the type of the codes can have.</summary>
    internal static void CheckBlock(DType type, long block, int bits)
    {
        if (block < SmallestBlock || !long.IsPow2(block))
            throw new OpException($"block_size is {block}, must be a power of 2 from {SmallestBlock}");
        if (bits != 4 && !(bits == 8 && type == DType.UInt8))
            throw new OpException($"bits is {bits}, must be 4{(type == DType.UInt8 ? " or 8" : "")}");
    }

    private static (long Block, int Bits) Blocks(NodeFacts node)
    {
        long bits = node.Attributes.Int("bits", 4);
        return bits is 4 or 8 ? (node.Attributes.Int("block_size", 128), (int)bits) : throw new OpException($"bits is {bits}, must be 4 or 8");
    }

    private static (int Gather, int Quantize) Axes(NodeFacts node, int rank)
    {
        if (rank == 0)
            throw new OpException("data is a scalar, must have at least 1 dimension");
        return (ShapeMath.NormalizeAxis(node.Attributes.Int("gather_axis", 0), rank), ShapeMath.NormalizeAxis(node.Attributes.Int("quantize_axis", 1), rank));
    }
}
