using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>
/// One product by <see cref="StrassenProduct{S, V}"/> with operands as they come: one that is transposed, scaled or of uneven size is copied first,
/// and C is written after.
/// </summary>
/// <remarks>Workspace: panels of B and its copy (unless B is prepared once), copies of A and C where they are needed, sums of blocks, a block of A for each worker.</remarks>
internal sealed unsafe class StrassenLayout
{
    // An estimate: an addition of two blocks takes as long as so many multiplications and additions of a product.
    private const double AdditionWork = 12;

    private readonly bool _transposedA;
    private readonly bool _transposedB;
    private readonly float _scale;
    private readonly bool _copiesA;
    private readonly bool _copiesB;
    private readonly bool _copiesC;
    private readonly long _copyAt;
    private readonly long _aAt;
    private readonly long _cAt;
    private readonly long _sumsAt;
    private readonly long _scratchAt;

    /// <summary>Decides what is copied and where everything is.</summary>
    /// <param name="m">Rows of C.</param>
    /// <param name="n">Columns of C.</param>
    /// <param name="k">Terms of a sum.</param>
    /// <param name="transposedA">Whether A is stored as [K, M].</param>
    /// <param name="transposedB">Whether B is stored as [N, K].</param>
    /// <param name="scale">The factor of the product; goes into B.</param>
    /// <param name="isPrepared">Whether B's panels are made once, outside the workspace.</param>
    /// <param name="target">The machine.</param>
    public StrassenLayout(long m, long n, long k, bool transposedA, bool transposedB, float scale, bool isPrepared, Target target)
    {
        (_transposedA, _transposedB, _scale) = (transposedA, transposedB, scale);
        Plan = new StrassenPlan(m, n, k, k, target);
        _copiesA = transposedA || Plan.EvenM != m || Plan.EvenK != k;
        _copiesB = transposedB || Plan.EvenN != n || Plan.EvenK != k || scale != 1;
        _copiesC = Plan.EvenM != m || Plan.EvenN != n;
        _copyAt = isPrepared ? 0 : Plan.PreparedCount;
        _aAt = ShapeMath.Add(_copyAt, isPrepared ? 0 : CopyCount);
        _cAt = ShapeMath.Add(_aAt, _copiesA ? CountOf(Plan.EvenM, Plan.EvenK) : 0);
        _sumsAt = ShapeMath.Add(_cAt, _copiesC ? CountOf(Plan.EvenM, Plan.EvenN) : 0);
        _scratchAt = ShapeMath.Add(_sumsAt, Plan.SumsCount);
        WorkspaceBytes = ShapeMath.Multiply(sizeof(float), ShapeMath.Add(_scratchAt, ShapeMath.Multiply(Plan.Product.ScratchCount, target.Threads)));
        double copied = (_copiesA ? (double)m * k : 0) + (_copiesC ? (double)m * n : 0) + (isPrepared ? 0 : 2.0 * Plan.PreparedCount);
        Nanoseconds = 1000 + (Plan.Work(AdditionWork) + AdditionWork * copied) / (target.FlopsPerNanosecond * 0.95) / target.Threads;
    }

    public StrassenPlan Plan { get; }

    public long WorkspaceBytes { get; }

    /// <summary>What one product takes.</summary>
    public double Nanoseconds { get; }

    /// <summary>Floats of memory that preparing takes beside the panels.</summary>
    public long PrepareCount => ShapeMath.Add(CopyCount, Plan.SumsCount);

    private long CopyCount => _copiesB ? CountOf(Plan.EvenK, Plan.EvenN) : 0;

    /// <summary>float32, large enough, and no larger than loops count.</summary>
    public static Applicability Supports(long m, long n, long k)
    {
        long least = Math.Min(m, Math.Min(n, k)), most = Math.Max(m, Math.Max(n, k));
        return Applicability.If(least >= StrassenPlan.LeastSize && most <= int.MaxValue / 2,
            $"M x N x K is {m} x {n} x {k}, needs {StrassenPlan.LeastSize} to {int.MaxValue / 2} of each");
    }

    /// <summary>Makes B's panels.</summary>
    /// <param name="workers">Who computes.</param>
    /// <param name="b">B as stored.</param>
    /// <param name="row">Elements from one of its rows to the next.</param>
    /// <param name="panels"><see cref="StrassenPlan.PreparedCount"/> floats.</param>
    /// <param name="memory"><see cref="PrepareCount"/> floats.</param>
    public void Prepare<S, V>(WorkerPool workers, float* b, nint row, float* panels, float* memory) where S : struct, ISimd<V> where V : unmanaged =>
        Prepare<S, V>(workers, b, row, panels, memory, memory + (nint)CopyCount);

    /// <summary>Computes one product.</summary>
    /// <param name="workers">Who computes.</param>
    /// <param name="a">A as stored.</param>
    /// <param name="aRow">Elements from one of its rows to the next; K unless transposed.</param>
    /// <param name="b">B as stored; not read if there are panels.</param>
    /// <param name="bRow">Elements from one of its rows to the next.</param>
    /// <param name="panels">B's panels, or null.</param>
    /// <param name="end">What follows, with Y.</param>
    /// <param name="workspace">Workspace.</param>
    public void Run<S, V>(WorkerPool workers, float* a, nint aRow, float* b, nint bRow, float* panels, ProductEnd<S, V> end, float* workspace)
        where S : struct, ISimd<V> where V : unmanaged
    {
        float* sums = workspace + (nint)_sumsAt;
        if (panels == null)
            Prepare<S, V>(workers, b, bRow, panels = workspace, workspace + (nint)_copyAt, sums);
        if (_copiesA)
        {
            float* copy = workspace + (nint)_aAt;
            var even = new EvenCopy(a, aRow, _transposedA, Plan.M, Plan.K, copy, (nint)Plan.EvenK, 1);
            workers.For((int)Plan.EvenM, ref even);
            a = copy;
            aRow = (nint)Plan.EvenK;
        }
        end.C = _copiesC ? workspace + (nint)_cAt : end.Y;
        end.CRow = _copiesC ? (nint)Plan.EvenN : end.YRow;
        new StrassenProduct<S, V>(Plan, workers, panels, sums, workspace + (nint)_scratchAt).Multiply(a, aRow, end.C, end.CRow);
        if (end.IsNeeded)
            workers.For((int)Plan.M, ref end);
    }

    private static long CountOf(long rows, long columns) => ShapeMath.RoundUp(ShapeMath.Multiply(rows, columns), 16);

    private void Prepare<S, V>(WorkerPool workers, float* b, nint row, float* panels, float* copy, float* sums) where S : struct, ISimd<V> where V : unmanaged
    {
        if (_copiesB)
        {
            var even = new EvenCopy(b, row, _transposedB, Plan.K, Plan.N, copy, (nint)Plan.EvenN, _scale);
            workers.For((int)Plan.EvenK, ref even);
            b = copy;
            row = (nint)Plan.EvenN;
        }
        new StrassenProduct<S, V>(Plan, workers, panels, sums, null).Prepare(b, row);
    }
}
