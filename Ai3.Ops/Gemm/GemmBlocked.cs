using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>
/// The <c>gemm</c> row: Y [M, N] = F(alpha A B + beta C + residual), B in panels (<see cref="PanelPacking"/>), blocks and tasks of
/// <see cref="GemmPlan"/>. alpha goes into the panels.
/// </summary>
/// <remarks>
/// A constant B is packed once. Another is packed in parts by each task where few rows share it, otherwise whole at the start of each
/// run, by all threads. Workspace: panels of B (if packed whole each run), then beta C (unless C can be read in place), then for each
/// worker its part of B or its block of A (unless read in place). Parts begin at multiples of 64 bytes.
/// </remarks>
internal static unsafe class GemmBlocked
{
    private const int PanelsAtOnce = 8;

    public static Algorithm<GemmProblem> Row { get; } = new()
    {
        Name = "gemm",
        Source = "Goto and van de Geijn 2008; Van Zee and van de Geijn 2015 (BLIS)",
        Needs = "float32; M, N, K of at least 1",
        Workspace = "packed B unless constant, a block of A a thread where A is packed",
        Supports = Supports,
        Fuses = static (_, _) => FusedParts.AnyActivation | FusedParts.Residual,
        WorkspaceBytes = static r => new Layout(r).Bytes,
        PackedBytes = static r => r.Problem.IsConstant(1) ? new Layout(r).PackedB * sizeof(float) : 0,
        CostHint = CostHint,
        Error = static (p, t) => ErrorBound.PerElement(GemmPlan.RoundingChainOf(p.K, GemmPlan.DepthOfBlock(p.K, 2 * t.Lanes, t.Caches))),
        InPlace = static r => r.Problem.Fusion.Residual && new Layout(r).Plan.KBlock == r.Problem.K ? [(0, 3)] : [],
        PackKey = static r => r.Problem.IsConstant(1)
            ? FormattableString.Invariant($"panels{2 * r.Target.Lanes}{(r.Problem.TransB ? "t" : "")} {r.Problem.Alpha:R}") : null,
        Pack = Pack,
        Bind = static (r, packed) => Isa.Select<Factory, PreparedKernel>(r.Target.Isa, new Factory(r, packed)),
    };

    private static Applicability Supports(GemmProblem p, Target target) =>
        Applicability.If(p.Type == DType.Float32, $"operands are {p.Type.ShortName()}, needs f32")
            .And(Applicability.If(p.M > 0 && p.N > 0 && p.K > 0 && p.ShapeY.Count > 0, "an operand is empty"))
            .And(Applicability.If(!p.Fusion.Prologue, "has a prologue"));

    private static double CostHint(Request<GemmProblem> request)
    {
        Layout layout = new(request);
        Target target = request.Target;
        GemmPlan plan = layout.Plan;
        double batches = layout.Geometry.Batches;
        double columns = ShapeMath.RoundUp(plan.N, target.Lanes);
        // Below five rows a tile waits for loads of B; measured 28, 52, 71 and 93 % of peak for 1 to 4.
        double rowsOfTile = (double)plan.M / new RowPanels(plan.M, plan.Tiles.MaxRows).Count;
        double efficiency = Math.Min(0.95, 0.04 + 0.23 * rowsOfTile);
        double threads = Math.Min(target.Threads, batches * layout.Tasks);
        double compute = 2 * batches * plan.M * columns * plan.K / (target.FlopsPerNanosecond * efficiency * threads);
        double packing = request.Problem.IsConstant(1) ? 0 : layout.PackedB * (request.Problem.TransB ? 1.0 : 0.4) / target.Threads;
        return 300 + Math.Max(compute, request.Problem.Traffic / target.BytesPerNanosecond) + packing;
    }

    private static PackedConstants Pack(Request<GemmProblem> request, IReadOnlyList<Tensor?> constants)
    {
        Tensor b = constants[1]!;
        PackedConstants packed = PackedConstants.Allocate(new Layout(request).PackedB * sizeof(float));
        Isa.Select<PackAll, bool>(request.Target.Isa, new PackAll(request, (float*)b.Address, (float*)packed.Address));
        GC.KeepAlive(b);
        return packed;
    }

    private readonly struct PackAll(Request<GemmProblem> request, float* b, float* packed) : IIsaFunc<bool>
    {
        private readonly Request<GemmProblem> _request = request;
        private readonly float* _b = b;
        private readonly float* _packed = packed;

        public bool Create<S, V>() where S : struct, ISimd<V> where V : unmanaged
        {
            var layout = new Layout(_request);
            var body = new PackBody<S, V>(layout, _request.Problem, _b, _packed);
            WorkerPool.Single.For(body.Units, ref body);
            return true;
        }
    }

    private readonly struct Factory(Request<GemmProblem> request, PackedConstants? packed) : IIsaFunc<PreparedKernel>
    {
        private readonly Request<GemmProblem> _request = request;
        private readonly PackedConstants? _packed = packed;

        public PreparedKernel Create<S, V>() where S : struct, ISimd<V> where V : unmanaged => new Kernel<S, V>(_request, _packed);
    }

    /// <summary>The plan and the parts of workspace and packed memory, in floats.</summary>
    private sealed class Layout
    {
        public Layout(Request<GemmProblem> request)
        {
            GemmProblem problem = request.Problem;
            Geometry = new GemmGeometry(problem);
            Plan = new GemmPlan(Geometry.M, Geometry.N, Geometry.K, Geometry.RowA, problem.TransA, request.Target, Geometry.Batches);
            PackedB = ShapeMath.Multiply(Plan.PackedCount, Geometry.MatricesB);
            PacksOnTheWay = !problem.IsConstant(1) && !problem.TransB && Plan.PrefersSource;
            Tasks = PacksOnTheWay ? Plan.SourceTasks : Plan.Tasks;
            Scratch = PacksOnTheWay ? ShapeMath.RoundUp(Plan.SourceScratchCount, 16) : Plan.ScratchCount;
            BiasAt = problem.IsConstant(1) || PacksOnTheWay ? 0 : ShapeMath.RoundUp(PackedB, 16);
            long bias = problem.Bias == GemmBias.Scalar ? Geometry.N : problem.Beta != 1 && problem.ShapeC is { } c ? c.Count : 0;
            ScratchAt = ShapeMath.Add(BiasAt, ShapeMath.RoundUp(bias, 16));
            Bytes = ShapeMath.Multiply(ShapeMath.Add(ScratchAt, ShapeMath.Multiply(Scratch, request.Target.Threads)), sizeof(float));
        }

        public GemmGeometry Geometry { get; }

        public GemmPlan Plan { get; }

        /// <summary>All panels of B.</summary>
        public long PackedB { get; }

        /// <summary>Whether each task makes the panels it needs.</summary>
        public bool PacksOnTheWay { get; }

        /// <summary>Tasks of one product.</summary>
        public long Tasks { get; }

        public long BiasAt { get; }

        public long ScratchAt { get; }

        /// <summary>Scratch of one worker.</summary>
        public long Scratch { get; }

        public long Bytes { get; }
    }

    private sealed class Kernel<S, V> : PreparedKernel where S : struct, ISimd<V> where V : unmanaged
    {
        private readonly GemmProblem _problem;
        private readonly Layout _layout;
        private readonly PackedConstants? _packed;
        private readonly RowPanels _units;
        private readonly ActivationStrip _activation;

        public Kernel(Request<GemmProblem> request, PackedConstants? packed)
        {
            _problem = request.Problem;
            _layout = new Layout(request);
            _packed = packed;
            _activation = ActivationStrip.Of(request.Problem.Fusion.Activation, request.Target.Isa);
            _units = ParallelUnits.Of(ShapeMath.Multiply(_layout.Geometry.Batches, _layout.Tasks));
        }

        public override void Run(in KernelArgs args)
        {
            var workspace = (float*)args.Workspace;
            float* packed;
            if (_packed is not null)
                packed = (float*)_packed.Address;
            else if (_layout.PacksOnTheWay)
                packed = (float*)args.Inputs[1];
            else
            {
                packed = workspace;
                var pack = new PackBody<S, V>(_layout, _problem, (float*)args.Inputs[1], packed);
                args.Workers.For(pack.Units, ref pack);
            }
            var operands = new GemmOperands
            {
                A = (float*)args.Inputs[0],
                ARow = (nint)_layout.Geometry.RowA,
                B = packed,
                C = (float*)args.Outputs[0],
                CRow = (nint)_layout.Geometry.N,
                Residual = _problem.Fusion.Residual ? (float*)args.Inputs[3] : null,
                ResidualRow = (nint)_layout.Geometry.N,
                Clamp = _problem.Fusion.Activation is { IsClamp: true, Kind: not ActivationKind.None },
                Low = _problem.Fusion.Activation.Low,
                High = _problem.Fusion.Activation.High,
                Activation = _activation,
            };
            SetBias(ref operands, (float*)args.Inputs[2], workspace + _layout.BiasAt);
            var body = new ComputeBody<S, V>(_layout, _problem.Alpha, _units, operands, workspace + _layout.ScratchAt);
            args.Workers.For((int)_units.Count, ref body);
        }

        private void SetBias(ref GemmOperands operands, float* c, float* scaled)
        {
            GemmBias bias = _problem.Bias;
            if (bias == GemmBias.Scalar)
                new Span<float>(scaled, (int)_layout.Geometry.N).Fill(_problem.Beta * *c);
            else if (bias != GemmBias.None && _problem.Beta != 1)
                for (long i = 0; i < _problem.ShapeC!.Value.Count; i++)
                    scaled[i] = _problem.Beta * c[i];
            else
                scaled = c;
            if (bias == GemmBias.Row)
                operands.RowBias = scaled;
            else if (bias != GemmBias.None)
            {
                operands.Initial = scaled;
                operands.InitialRow = bias == GemmBias.Matrix ? (nint)_layout.Geometry.N : 0;
            }
        }
    }

    /// <summary>Packs panels of B: one iteration a panel (or several, if there are very many).</summary>
    private readonly struct PackBody<S, V>(Layout layout, GemmProblem problem, float* b, float* packed) : IParallelBody
        where S : struct, ISimd<V> where V : unmanaged
    {
        private readonly Layout _layout = layout;
        private readonly float* _b = b;
        private readonly float* _packed = packed;
        private readonly float _alpha = problem.Alpha;
        private readonly bool _transposed = problem.TransB;
        private readonly RowPanels _units = ParallelUnits.Of(ShapeMath.Multiply(layout.Plan.Panels, layout.Geometry.MatricesB));

        public int Units => (int)_units.Count;

        public void Run(int begin, int end, int worker)
        {
            GemmPlan plan = _layout.Plan;
            int width = 2 * S.Lanes;
            var row = (nint)_layout.Geometry.RowB;
            long end1 = _units.Start(end);
            for (long i = _units.Start(begin), next; i < end1; i = next)
            {
                (long matrix, long panel) = Math.DivRem(i, plan.Panels);
                next = Math.Min(Math.Min(end1, i + PanelsAtOnce), i + plan.Panels - panel);
                float* b = _b + (nint)(matrix * plan.K * plan.N), target = _packed + (nint)(i * plan.K * width);
                long column = panel * width, columns = Math.Min((next - i) * width, plan.N - column);
                if (!_transposed)
                    PanelPacking.PackGroup<S, V>(b, row, 0, plan.K, column, columns, _alpha, target, (nint)plan.K * width);
                else
                    for (; columns > 0; column += width, columns -= width, target += (nint)plan.K * width)
                        PanelPacking.PackTransposed(b, row, 0, plan.K, column, (int)Math.Min(columns, width), width, _alpha, target);
            }
        }
    }

    private readonly struct ComputeBody<S, V>(Layout layout, float alpha, RowPanels units, GemmOperands operands, float* scratch) : IParallelBody
        where S : struct, ISimd<V> where V : unmanaged
    {
        private readonly Layout _layout = layout;
        private readonly float _alpha = alpha;
        private readonly RowPanels _units = units;
        private readonly GemmOperands _operands = operands;
        private readonly float* _scratch = scratch;

        public void Run(int begin, int end, int worker)
        {
            GemmPlan plan = _layout.Plan;
            float* scratch = _scratch + (nint)(worker * _layout.Scratch);
            for (long i = _units.Start(begin); i < _units.Start(end); i++)
            {
                (long batch, long task) = Math.DivRem(i, _layout.Tasks);
                (long offsetA, long matrixB) = _layout.Geometry.Of(batch);
                GemmOperands operands = _operands;
                operands.A += (nint)offsetA;
                operands.B += (nint)(matrixB * (_layout.PacksOnTheWay ? plan.K * plan.N : plan.PackedCount));
                var offsetC = (nint)(batch * plan.M * plan.N);
                operands.C += offsetC;
                if (operands.Residual != null)
                    operands.Residual += offsetC;
                if (_layout.PacksOnTheWay)
                    plan.RunMatrix<S, V>(task, operands, (nint)_layout.Geometry.RowB, _alpha, scratch);
                else
                    plan.Run(task, operands, scratch);
            }
        }
    }
}

/// <summary>Numbers the iterations of a parallel loop when there may be more of them than an int counts.</summary>
internal static class ParallelUnits
{
    /// <summary>At most 2^30 ranges that cover [0, total): range i is [Start(i), Start(i + 1)).</summary>
    public static RowPanels Of(long total) => new(total, (int)Math.Min(int.MaxValue, (total >> 30) + 1));
}
