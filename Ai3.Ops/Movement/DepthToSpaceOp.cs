using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>DepthToSpace: blocks of channels become squares of pixels, block rows outermost (DCR) or channels outermost (CRD).</summary>
internal sealed class DepthToSpaceOp : StridedCopyOp
{
    public static DepthToSpaceOp V1 { get; } = new() { Name = "DepthToSpace", MinInputs = 1, MaxInputs = 1 };

    public override string Word => "depth_to_space";

    protected override SymbolicShape? OutputShape(NodeFacts node)
    {
        SymbolicShape? input = node.Tensor(0).Shape;
        if (input is null)
            return MovementFacts.FreshShape(node, 4);
        long block = SpaceBlock.Of(node, input);
        IsColumnRowDepth(node);
        return [input[0], SpaceBlock.Divide(input[1], ShapeMath.Multiply(block, block), "channels"), input[2] * block, input[3] * block];
    }

    protected override CopyBox Box(NodeFacts node, Shape input, Shape output)
    {
        long block = node.Attributes.Int("blocksize"), channels = output[1];
        return IsColumnRowDepth(node)
            ? CopyBox.Permuted([input[0], channels, block, block, input[2], input[3]], [0, 1, 4, 2, 5, 3])
            : CopyBox.Permuted([input[0], block, block, channels, input[2], input[3]], [0, 3, 4, 1, 5, 2]);
    }

    private static bool IsColumnRowDepth(NodeFacts node) => node.Attributes.String("mode", "DCR") switch
    {
        "DCR" => false,
        "CRD" => true,
        string mode => throw new OpException($"mode is {mode}, must be DCR or CRD"),
    };
}

/// <summary>SpaceToDepth: squares of pixels become blocks of channels.</summary>
internal sealed class SpaceToDepthOp : StridedCopyOp
{
    public static SpaceToDepthOp V1 { get; } = new() { Name = "SpaceToDepth", MinInputs = 1, MaxInputs = 1 };

    public override string Word => "space_to_depth";

    protected override SymbolicShape? OutputShape(NodeFacts node)
    {
        SymbolicShape? input = node.Tensor(0).Shape;
        if (input is null)
            return MovementFacts.FreshShape(node, 4);
        long block = SpaceBlock.Of(node, input);
        return [input[0], input[1] * ShapeMath.Multiply(block, block), SpaceBlock.Divide(input[2], block, "height"), SpaceBlock.Divide(input[3], block, "width")];
    }

    protected override CopyBox Box(NodeFacts node, Shape input, Shape output)
    {
        long block = node.Attributes.Int("blocksize");
        return CopyBox.Permuted([input[0], input[1], output[2], block, output[3], block], [0, 3, 5, 1, 2, 4]);
    }
}

/// <summary>The block size that DepthToSpace and SpaceToDepth share.</summary>
internal static class SpaceBlock
{
    public static long Of(NodeFacts node, SymbolicShape input)
    {
        if (input.Rank != 4)
            throw new OpException($"input is {input}, must have rank 4");
        long block = node.Attributes.Int("blocksize");
        return block >= 1 ? block : throw new OpException($"blocksize is {block}, must be 1 or more");
    }

    public static Dim Divide(Dim dim, long divisor, string what)
    {
        if (dim.TryGetValue(out long value) && value % divisor != 0)
            throw new OpException($"{what} {value} must be a multiple of {divisor}");
        return Dim.FloorDiv(dim, divisor);
    }
}
