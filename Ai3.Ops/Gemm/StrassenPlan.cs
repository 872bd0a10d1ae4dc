using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>The sizes of a product C [M, N] = A [M, K] * B [K, N] by Strassen's recursion: how often it is halved, and the memory it takes.</summary>
internal sealed class StrassenPlan
{
    /// <summary>The least size of each dimension that is halved at all.</summary>
    public const int LeastSize = 128;

    /// <summary>Decides the levels.</summary>
    /// <param name="m">Rows of C, at least <see cref="LeastSize"/>, as are the others.</param>
    /// <param name="n">Columns of C.</param>
    /// <param name="k">Terms of a sum.</param>
    /// <param name="aRow">Elements from one row of A to the next where A is read in place.</param>
    /// <param name="target">The machine.</param>
    public StrassenPlan(long m, long n, long k, long aRow, Target target)
    {
        (M, N, K) = (m, n, k);
        Levels = LevelsOf(m, n, k, target);
        (LeafM, LeafN, LeafK) = (Leaf(m), Leaf(n), Leaf(k));
        Product = new GemmPlan(LeafM, LeafN, LeafK, aRow, false, target);
        Width = Product.Tiles.Width;

        long Leaf(long size) => ShapeMath.CeilDiv(size, 1L << Levels);
    }

    public long M { get; }

    public long N { get; }

    public long K { get; }

    /// <summary>How often each dimension is halved: 1 or more.</summary>
    public int Levels { get; }

    public long LeafM { get; }

    public long LeafN { get; }

    public long LeafK { get; }

    /// <summary>A product at the end of the recursion.</summary>
    public GemmPlan Product { get; }

    /// <summary>Columns of a panel.</summary>
    public int Width { get; }

    /// <summary>M, N and K rounded up to what halves evenly.</summary>
    public long EvenM => LeafM << Levels;

    public long EvenN => LeafN << Levels;

    public long EvenK => LeafK << Levels;

    /// <summary>Products at the end: 7 to the power of levels.</summary>
    public long Products => (long)Math.Pow(7, Levels);

    /// <summary>Floats of one product's panels of B.</summary>
    public long PanelsCount => ShapeMath.RoundUp(Product.PackedCount, 16);

    /// <summary>Floats of the panels of all products, in the order in which they are computed.</summary>
    public long PreparedCount => ShapeMath.Multiply(Products, PanelsCount);

    /// <summary>Floats for sums of blocks: at each level one of B while B is prepared, then one of A or a product.</summary>
    public long SumsCount
    {
        get
        {
            long count = 0;
            for (int level = 1; level <= Levels; level++)
                count = ShapeMath.Add(count, SumCount(level));
            return count;
        }
    }

    /// <summary>Multiplications and additions of a run with B prepared, an addition counted as what it takes in memory traffic.</summary>
    public double Work(double additionWork)
    {
        double work = 2.0 * LeafM * LeafN * LeafK * Products, calls = 1;
        for (int level = Levels; level >= 1; level--, calls *= 7)
            work += calls * additionWork * (4.0 * Half(LeafM, level) * Half(LeafK, level) + 6.0 * Half(LeafM, level) * Half(LeafN, level));
        return work;
    }

    /// <summary>Half of a dimension at a level, of its size at the end.</summary>
    public static long Half(long leaf, int level) => leaf << (level - 1);

    /// <summary>Floats for the sum of a level.</summary>
    public long SumCount(int level)
    {
        long m = Half(LeafM, level), n = Half(LeafN, level), k = Half(LeafK, level);
        return ShapeMath.RoundUp(Math.Max(ShapeMath.Multiply(k, n), ShapeMath.Multiply(m, Math.Max(k, n))), 16);
    }

    /// <summary>
    /// The error over u times the largest sum of |a||b| that there would be if every element of one operand were as large as its largest: 18 to the power of
    /// levels times the chain of a product at the end and 5 for the sums of blocks, then <paramref name="others"/>. See docs/numerics.md.
    /// </summary>
    public static double Growth(long m, long n, long k, Target target, int others)
    {
        int levels = LevelsOf(m, n, k, target);
        long leaf = ShapeMath.CeilDiv(k, 1L << levels);
        return Math.Pow(18, levels) * (GemmPlan.RoundingChainOf(leaf, GemmPlan.DepthOfBlock(leaf, 2 * target.Lanes, target.Caches)) + 5) + others;
    }

    // Halves that fit in the level 2 cache cost more to add than they save.
    private static int LevelsOf(long m, long n, long k, Target target)
    {
        double side = Math.Sqrt(target.Caches.L2 / (double)sizeof(float));
        int levels = 1;
        for (long least = Math.Min(m, Math.Min(n, k)); least >> (levels + 1) >= side;)
            levels++;
        return levels;
    }
}
