using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>
/// The loops of a reduction over row-major storage, neighbouring axes of one kind merged: an output element is a position in
/// the kept dimensions, its inputs are the positions in the reduced ones.
/// </summary>
internal sealed class ReductionPlan
{
    private ReductionPlan(long[] keptDims, long[] keptStrides, long[] reducedDims, long[] reducedStrides, bool innerIsReduced)
    {
        KeptDims = keptDims;
        KeptStrides = keptStrides;
        ReducedDims = reducedDims;
        ReducedStrides = reducedStrides;
        InnerIsReduced = innerIsReduced;
        Outputs = ShapeMath.Product(keptDims);
        Count = ShapeMath.Product(reducedDims);
    }

    /// <summary>Outermost first; at least one.</summary>
    public long[] KeptDims { get; }

    /// <summary>In elements of the input.</summary>
    public long[] KeptStrides { get; }

    /// <summary>Outermost first; at least one.</summary>
    public long[] ReducedDims { get; }

    /// <summary>In elements of the input.</summary>
    public long[] ReducedStrides { get; }

    /// <summary>True if the input's innermost merged axis is reduced: then each output element reads runs of the input.</summary>
    public bool InnerIsReduced { get; }

    /// <summary>Output elements.</summary>
    public long Outputs { get; }

    /// <summary>Input elements of one output element.</summary>
    public long Count { get; }

    public static ReductionPlan Of(ReadOnlySpan<long> dims, Func<int, bool> isReduced)
    {
        long[] strides = ShapeMath.Product(dims) == 0 ? new long[dims.Length] : ShapeMath.RowMajorStrides(dims);
        List<long> keptDims = [], keptStrides = [], reducedDims = [], reducedStrides = [];
        bool? last = null;
        for (int i = 0; i < dims.Length; i++)
        {
            if (dims[i] == 1)
                continue;
            bool reduced = isReduced(i);
            (List<long> d, List<long> s) = reduced ? (reducedDims, reducedStrides) : (keptDims, keptStrides);
            if (last == reduced)
            {
                d[^1] *= dims[i];
                s[^1] = strides[i];
            }
            else
            {
                d.Add(dims[i]);
                s.Add(strides[i]);
            }
            last = reduced;
        }
        if (keptDims.Count == 0)
        {
            keptDims.Add(1);
            keptStrides.Add(1);
        }
        if (reducedDims.Count == 0)
        {
            reducedDims.Add(1);
            reducedStrides.Add(1);
        }
        return new ReductionPlan([.. keptDims], [.. keptStrides], [.. reducedDims], [.. reducedStrides], last ?? false);
    }

    /// <summary>Where in the input the position <paramref name="index"/> of the first <paramref name="rank"/> dimensions is, in elements.</summary>
    public static long Offset(long[] dims, long[] strides, int rank, long index)
    {
        long offset = 0;
        for (int i = rank - 1; i > 0; i--)
        {
            (index, long coordinate) = Math.DivRem(index, dims[i]);
            offset += coordinate * strides[i];
        }
        return rank > 0 ? offset + index * strides[0] : 0;
    }
}
