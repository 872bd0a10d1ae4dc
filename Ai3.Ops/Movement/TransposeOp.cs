using System.Collections.Immutable;
using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>Transpose: output axis i is input axis perm[i]; reversed if perm is not given.</summary>
internal sealed class TransposeOp : StridedCopyOp
{
    public static TransposeOp V1 { get; } = new() { Name = "Transpose", MinInputs = 1, MaxInputs = 1 };

    public override string Word => "transpose";

    protected override SymbolicShape? OutputShape(NodeFacts node)
    {
        SymbolicShape? input = node.Tensor(0).Shape;
        if (input is null)
        {
            ImmutableArray<long> perm = node.Attributes.Ints("perm");
            return perm.IsDefault ? null : MovementFacts.FreshShape(node, perm.Length);
        }
        return SymbolicShape.Create([.. Permutation(node, input.Rank).Select(axis => input[axis])]);
    }

    protected override CopyBox Box(NodeFacts node, Shape input, Shape output) => CopyBox.Permuted(input.AsSpan(), Permutation(node, input.Rank));

    private static int[] Permutation(NodeFacts node, int rank)
    {
        ImmutableArray<long> perm = node.Attributes.Ints("perm");
        if (perm.IsDefault)
            return [.. Enumerable.Range(0, rank).Reverse()];
        if (perm.Length != rank)
            throw new OpException($"perm [{string.Join(",", perm)}] has {perm.Length} entries, must have {rank} for an input of rank {rank}");
        return ShapeMath.NormalizeAxes(perm.AsSpan(), rank);
    }
}
