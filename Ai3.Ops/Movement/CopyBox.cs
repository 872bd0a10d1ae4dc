using System.Collections.Immutable;
using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>Which input element each output element is: see <see cref="StridedCopyProblem"/>.</summary>
internal readonly record struct CopyBox(ImmutableArray<long> Walk, ImmutableArray<long> Steps, long Offset)
{
    /// <summary>All elements in the same order.</summary>
    public static CopyBox Same(long count) => new([count], [1], 0);

    /// <summary>The output's own axes, each with a step in the input.</summary>
    public static CopyBox Of(Shape output, ReadOnlySpan<long> steps, long offset = 0) => new([.. output.AsSpan()], [.. steps], offset);

    /// <summary>
    /// An input seen as a box of dimensions whose axes are put in another order: output axis i is axis <c>order[i]</c> of the box.
    /// </summary>
    public static CopyBox Permuted(ReadOnlySpan<long> box, ReadOnlySpan<int> order)
    {
        long[] strides = ShapeMath.RowMajorStrides(box);
        var walk = new long[order.Length];
        var steps = new long[order.Length];
        for (int i = 0; i < order.Length; i++)
            (walk[i], steps[i]) = (box[order[i]], strides[order[i]]);
        return new CopyBox([.. walk], [.. steps], 0);
    }

    /// <summary>The output elements of a small tensor whose elements are known as expressions.</summary>
    public ImmutableArray<Dim> Pick(ImmutableArray<Dim> elements)
    {
        long count = ShapeMath.Product(Walk.AsSpan());
        var picked = ImmutableArray.CreateBuilder<Dim>((int)count);
        for (long i = 0; i < count; i++)
        {
            long rest = i, from = Offset;
            for (int axis = Walk.Length - 1; axis >= 0; axis--)
            {
                from += rest % Walk[axis] * Steps[axis];
                rest /= Walk[axis];
            }
            picked.Add(elements[(int)from]);
        }
        return picked.MoveToImmutable();
    }
}
