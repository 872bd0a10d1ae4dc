using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>
/// A problem's matrices as kernels see them: one size, a number of products, and where each product's operands begin.
/// Rows of several products that share one B become rows of one product.
/// </summary>
internal sealed class GemmGeometry
{
    private readonly long[] _dims;
    private readonly long[] _stridesA;
    private readonly long[] _stridesB;

    public GemmGeometry(GemmProblem problem)
    {
        (M, N, K) = (problem.M, problem.N, problem.K);
        _dims = problem.Batch;
        Batches = ShapeMath.Product(_dims);
        MatricesB = ShapeMath.Product(problem.BatchB);
        long matricesA = ShapeMath.Product(problem.BatchA);
        if (Batches > 1 && MatricesB == 1 && matricesA == Batches && !problem.TransA && problem.Bias is not (GemmBias.Row or GemmBias.Matrix))
        {
            M = ShapeMath.Multiply(M, Batches);
            (Batches, _dims) = (1, []);
        }
        RowA = problem.TransA ? M : K;
        RowB = problem.TransB ? K : N;
        _stridesA = Strides(problem.BatchA, ShapeMath.Multiply(problem.M, K), _dims.Length);
        _stridesB = Strides(problem.BatchB, 1, _dims.Length);
    }

    public long M { get; }

    public long N { get; }

    public long K { get; }

    /// <summary>Elements from a row of A, as stored, to the next.</summary>
    public long RowA { get; }

    /// <summary>Elements from a row of B, as stored, to the next.</summary>
    public long RowB { get; }

    /// <summary>Products to compute.</summary>
    public long Batches { get; }

    /// <summary>Different matrices B.</summary>
    public long MatricesB { get; }

    /// <summary>Where product <paramref name="index"/> finds A (in elements), and which matrix B.</summary>
    public (long OffsetA, long MatrixB) Of(long index)
    {
        long a = 0, b = 0;
        for (int i = _dims.Length - 1; i >= 0 && index > 0; i--)
        {
            (index, long coordinate) = Math.DivRem(index, _dims[i]);
            a += coordinate * _stridesA[i];
            b += coordinate * _stridesB[i];
        }
        return (a, b);
    }

    private static long[] Strides(ReadOnlySpan<long> own, long unit, int rank)
    {
        var strides = new long[rank];
        for (int i = 1; i <= Math.Min(rank, own.Length); i++)
        {
            strides[^i] = own[^i] == 1 ? 0 : unit;
            unit = ShapeMath.Multiply(unit, own[^i]);
        }
        return strides;
    }
}
