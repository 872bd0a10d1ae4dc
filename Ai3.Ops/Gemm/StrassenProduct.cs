namespace Ai3.Ops;

/// <summary>
/// C = A B by Strassen's recursion in Winograd's form: 7 products of halves and 15 sums, down to products of panels. B's sums are made, and its
/// blocks put into panels, before.
/// </summary>
/// <remarks>
/// <code>
/// S1 = A21 + A22   S2 = S1 - A11    S3 = A11 - A21   S4 = A12 - S2
/// T1 = B12 - B11   T2 = B22 - T1    T3 = B22 - B12   T4 = T2 - B21
/// P1 = A11 B11  P2 = A12 B21  P3 = S4 B22  P4 = A22 T4  P5 = S1 T1  P6 = S2 T2  P7 = S3 T3
/// C11 = P1 + P2   C12 = P1 + P6 + P5 + P3   C21 = P1 + P6 + P7 - P4   C22 = P1 + P6 + P7 + P5
/// </code>
/// Products are computed in the order P7 P5 P6 P3 P1 P4 P2, in the blocks of C and one more, so that a level takes one block of scratch memory
/// beside C. All matrices are row-major with even sizes (<see cref="StrassenPlan.EvenM"/>); threads share each sum and each product at the end.
/// Strassen 1969; Winograd 1971; Douglas, Heroux, Slishman and Smith 1994 (the order).
/// </remarks>
internal unsafe struct StrassenProduct<S, V>(StrassenPlan plan, WorkerPool workers, float* panels, float* sums, float* scratch)
    where S : struct, ISimd<V> where V : unmanaged
{
    private readonly StrassenPlan _plan = plan;
    private readonly WorkerPool _workers = workers;
    private readonly float* _sums = sums;
    private readonly float* _scratch = scratch;
    private float* _panels = panels;

    /// <summary>Makes the panels of all products from B, in their order.</summary>
    public void Prepare(float* b, nint row) => Prepare(_plan.Levels, b, row, _sums);

    /// <summary>C = A B with the panels of <see cref="Prepare(float*, nint)"/>.</summary>
    public void Multiply(float* a, nint aRow, float* c, nint cRow) => Multiply(_plan.Levels, a, aRow, c, cRow, _sums, null, 0);

    private void Prepare(int level, float* b, nint row, float* sums)
    {
        if (level == 0)
        {
            var pack = new PanelBody { Plan = _plan.Product, B = b, Row = row, Panels = _panels };
            _workers.For((int)_plan.Product.Panels, ref pack);
            _panels += (nint)_plan.PanelsCount;
            return;
        }
        long k = StrassenPlan.Half(_plan.LeafK, level), n = StrassenPlan.Half(_plan.LeafN, level);
        float* b12 = b + (nint)n, b21 = b + (nint)k * row, b22 = b21 + (nint)n, t = sums, below = sums + (nint)_plan.SumCount(level);
        var tRow = (nint)n;
        Sum(b22, row, b12, row, t, tRow, k, n, subtract: true);
        Prepare(level - 1, t, tRow, below);
        Sum(b12, row, b, row, t, tRow, k, n, subtract: true);
        Prepare(level - 1, t, tRow, below);
        Sum(b22, row, t, tRow, t, tRow, k, n, subtract: true);
        Prepare(level - 1, t, tRow, below);
        Prepare(level - 1, b22, row, below);
        Prepare(level - 1, b, row, below);
        Sum(t, tRow, b21, row, t, tRow, k, n, subtract: true);
        Prepare(level - 1, t, tRow, below);
        Prepare(level - 1, b21, row, below);
    }

    // C = A B + addend.
    private void Multiply(int level, float* a, nint aRow, float* c, nint cRow, float* sums, float* addend, nint addendRow)
    {
        if (level == 0)
        {
            MultiplyPanels(a, aRow, c, cRow, addend, addendRow);
            return;
        }
        long m = StrassenPlan.Half(_plan.LeafM, level), n = StrassenPlan.Half(_plan.LeafN, level), k = StrassenPlan.Half(_plan.LeafK, level);
        float* a12 = a + (nint)k, a21 = a + (nint)m * aRow, a22 = a21 + (nint)k;
        float* c12 = c + (nint)n, c21 = c + (nint)m * cRow, c22 = c21 + (nint)n, x = sums, below = sums + (nint)_plan.SumCount(level);
        nint sRow = (nint)k, pRow = (nint)n;
        Sum(a, aRow, a21, aRow, x, sRow, m, k, subtract: true);
        Multiply(level - 1, x, sRow, c21, cRow, below, null, 0);
        Sum(a21, aRow, a22, aRow, x, sRow, m, k, subtract: false);
        Multiply(level - 1, x, sRow, c22, cRow, below, null, 0);
        Sum(x, sRow, a, aRow, x, sRow, m, k, subtract: true);
        Multiply(level - 1, x, sRow, c12, cRow, below, null, 0);
        Sum(a12, aRow, x, sRow, x, sRow, m, k, subtract: true);
        Multiply(level - 1, x, sRow, c, cRow, below, null, 0);
        Multiply(level - 1, a, aRow, x, pRow, below, null, 0);
        var combine = new BlockCombination<S, V>(x, pRow, c, c12, c21, c22, cRow, n);
        _workers.For((int)m, ref combine);
        Multiply(level - 1, a22, aRow, c, cRow, below, null, 0);
        Sum(c21, cRow, c, cRow, c21, cRow, m, n, subtract: true);
        Multiply(level - 1, a12, aRow, c, cRow, below, x, pRow);
        if (addend != null)
            Sum(c, cRow, addend, addendRow, c, cRow, 2 * m, 2 * n, subtract: false);
    }

    private readonly void Sum(float* left, nint leftRow, float* right, nint rightRow, float* target, nint targetRow, long rows, long columns, bool subtract)
    {
        var body = new BlockSum<S, V>(left, leftRow, right, rightRow, target, targetRow, columns, subtract);
        _workers.For((int)rows, ref body);
    }

    private void MultiplyPanels(float* a, nint aRow, float* c, nint cRow, float* addend, nint addendRow)
    {
        var body = new ProductBody
        {
            Plan = _plan.Product,
            Operands = new GemmOperands { A = a, ARow = aRow, B = _panels, C = c, CRow = cRow, Initial = addend, InitialRow = addendRow },
            Scratch = _scratch,
        };
        _workers.For((int)_plan.Product.Tasks, ref body);
        _panels += (nint)_plan.PanelsCount;
    }

    private struct PanelBody : IParallelBody
    {
        public GemmPlan Plan;
        public float* B, Panels;
        public nint Row;

        public readonly void Run(int begin, int end, int worker)
        {
            long column = (long)begin * Plan.Tiles.Width, columns = Math.Min((long)end * Plan.Tiles.Width, Plan.N) - column;
            nint stride = (nint)Plan.K * Plan.Tiles.Width;
            PanelPacking.PackGroup<S, V>(B, Row, 0, Plan.K, column, columns, 1, Panels + begin * stride, stride);
        }
    }

    private struct ProductBody : IParallelBody
    {
        public GemmPlan Plan;
        public GemmOperands Operands;
        public float* Scratch;

        public readonly void Run(int begin, int end, int worker)
        {
            for (int task = begin; task < end; task++)
                Plan.Run(task, Operands, Scratch + worker * (nint)Plan.ScratchCount);
        }
    }
}
