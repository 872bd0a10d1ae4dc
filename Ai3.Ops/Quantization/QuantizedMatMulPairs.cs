using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>
/// Y = finish(sum over k of (A[m,k] - za[m]) (B[k,n] - zb[n])): both operands less their zero points are widened to int16, and pairs along K are
/// multiplied and added in int32, which is exact. Rows of A are widened into workspace; B is packed once where it is constant.
/// </summary>
/// <remarks>
/// Workspace: quantised A and its ranges (DynamicQuantizeMatMul), rows of A [rows, 2*pairs] int16, panels of B unless packed, row scales,
/// column scales. Registers: <see cref="PairTile"/>.
/// </remarks>
internal static unsafe class QuantizedMatMulPairs
{
    public static Algorithm<QuantizedMatMulProblem> Row { get; } = new()
    {
        Name = "pairs",
        Source = "Goto and van de Geijn 2008 on int16 pairs",
        Workspace = "A, and B where it is no constant, in int16",
        Supports = static (p, _) => Applicability.If(p.Product.ShapeY.Count > 0, "the output is empty"),
        WorkspaceBytes = static r => new Plan(r.Problem, r.Target).WorkspaceBytes,
        PackedBytes = static r => r.Problem.HasConstantB ? new Plan(r.Problem, r.Target).PanelBytes : 0,
        PackKey = static r => r.Problem.HasConstantB ? $"pairs{2 * r.Target.Lanes}{(r.Problem.Product.TransB ? "t" : "")}" : null,
        Pack = Pack,
        CostHint = Cost,
        Error = static (_, _) => ErrorBound.Exact,
        Bind = static (r, packed) => Isa.Select<Binder, PreparedKernel>(r.Target.Isa, new Binder(new Plan(r.Problem, r.Target), packed)),
    };

    private static double Cost(Request<QuantizedMatMulProblem> r)
    {
        GemmProblem g = r.Problem.Product;
        double widened = g.ShapeA.Count * 0.1 + (r.Problem.HasConstantB ? 0 : g.ShapeB.Count * 0.6);
        double rows = Math.Max(g.M, 3);
        return 500 + (g.Flops * rows / g.M / (r.Target.FlopsPerNanosecond * 1.6) + widened + g.ShapeY.Count * 0.15) / r.Target.Threads;
    }

    private static PackedConstants Pack(Request<QuantizedMatMulProblem> r, IReadOnlyList<Tensor?> constants)
    {
        var plan = new Plan(r.Problem, r.Target);
        PackedConstants packed = PackedConstants.Allocate(plan.PanelBytes);
        QuantizedMatMulRoles roles = r.Problem.Roles;
        Tensor? zero = roles.BZero < constants.Count ? constants[roles.BZero] : null;
        for (long panel = 0; panel < plan.Geometry.MatricesB * plan.Panels; panel++)
            plan.PackPanel(panel, (byte*)constants[roles.B]!.Address, zero is null ? null : (byte*)zero.Address, (short*)packed.Address);
        GC.KeepAlive(constants);
        return packed;
    }

    private readonly struct Binder(Plan plan, PackedConstants? packed) : IIsaFunc<PreparedKernel>
    {
        public PreparedKernel Create<S, V>() where S : struct, ISimd<V> where V : unmanaged => new Kernel<S, V>(plan, packed);
    }

    /// <summary>Sizes, and where things are in the workspace.</summary>
    private sealed class Plan
    {
        public Plan(QuantizedMatMulProblem p, Target target)
        {
            Problem = p;
            Geometry = new GemmGeometry(p.Product);
            Width = 2 * target.Lanes;
            Panels = ShapeMath.CeilDiv(Geometry.N, Width);
            Pairs = (nint)PairPacking.Pairs(Geometry.K);
            RowsA = ShapeMath.Multiply(ShapeMath.Product(p.Product.BatchA), p.Product.M);
            long wanted = target.Threads == 1 ? 1 : ShapeMath.CeilDiv(4L * target.Threads, ShapeMath.Multiply(Panels, Geometry.Batches));
            RowBlocks = Math.Min(ShapeMath.CeilDiv(Geometry.M, PairTile.Rows), wanted);
            bool dynamic = p.Kind == QuantizedMatMulKind.DynamicQuantizeMatMul;
            QuantizedMatMulRoles roles = p.Roles;
            RowScales = p.Operand(roles.AScale).IsAbsent || p.Operand(roles.AScale).Shape.Count == 1 ? 1 : RowsA;
            ColumnScales = p.Operand(roles.BScale).IsAbsent || p.Operand(roles.BScale).Shape.Count == 1 ? 1 : ShapeMath.Multiply(Geometry.MatricesB, Geometry.N);
            Quantized = Place(dynamic ? p.Product.ShapeA.Count : 0);
            Ranges = Place(dynamic ? DynamicQuantize.WorkspaceBytes(p.Product.ShapeA.Count) : 0);
            Rows = Place(ShapeMath.Product([2 * sizeof(short), RowsA, Pairs]));
            PanelsAt = Place(p.HasConstantB ? 0 : PanelBytes);
            RowScaleAt = Place(ShapeMath.Multiply(sizeof(float), RowScales));
            ColumnScaleAt = Place(ShapeMath.Multiply(sizeof(float), ColumnScales));
        }

        public QuantizedMatMulProblem Problem { get; }

        public GemmGeometry Geometry { get; }

        public int Width { get; }

        public long Panels { get; }

        public nint Pairs { get; }

        public long RowsA { get; }

        public long RowBlocks { get; }

        public long RowScales { get; }

        public long ColumnScales { get; }

        public nint Quantized { get; }

        public nint Ranges { get; }

        public nint Rows { get; }

        public nint PanelsAt { get; }

        public nint RowScaleAt { get; }

        public nint ColumnScaleAt { get; }

        public long WorkspaceBytes { get; private set; }

        public long PanelBytes => ShapeMath.Product([sizeof(short), PairPacking.PanelCount(Geometry.K, Geometry.N, Width), Geometry.MatricesB]);

        public long Tasks => ShapeMath.Product([Geometry.Batches, Panels, RowBlocks]);

        public nint PanelCount => 2 * Pairs * Width;

        /// <summary>Packs one panel of one matrix B, counted over all matrices, into its place.</summary>
        public void PackPanel(long panel, byte* b, byte* zeros, short* panels)
        {
            QuantizedMatMulRoles roles = Problem.Roles;
            TensorType operand = Problem.Operand(roles.B), zero = Problem.Operand(roles.BZero);
            (long matrix, long p) = Math.DivRem(panel, Panels);
            nint k = (nint)Geometry.K, n = (nint)Geometry.N, column = (nint)p * Width;
            bool transposed = Problem.Product.TransB, shared = zero.IsAbsent || zero.Shape.Count == 1;
            byte* own = zeros == null || shared || zero.Shape.Rank == 1 ? zeros : zeros + (nint)matrix * n;
            PairPacking.Panel(b + (nint)matrix * k * n, transposed ? 1 : n, transposed ? k : 1, k, column, (int)Math.Min(Width, n - column), Width,
                operand.Type == DType.Int8, own, shared ? 0 : 1, panels + (nint)panel * PanelCount);
        }

        private nint Place(long bytes)
        {
            long at = WorkspaceBytes;
            WorkspaceBytes = ShapeMath.RoundUp(ShapeMath.Add(at, bytes), NativeBuffer.Alignment);
            return (nint)at;
        }
    }

    private sealed class Kernel<S, V>(Plan plan, PackedConstants? packed) : PreparedKernel where S : struct, ISimd<V> where V : unmanaged
    {
        private readonly RowPanels _rows = ParallelUnits.Of(plan.RowsA);
        private readonly RowPanels _panels = ParallelUnits.Of(ShapeMath.Multiply(plan.Geometry.MatricesB, plan.Panels));
        private readonly RowPanels _tasks = ParallelUnits.Of(plan.Tasks);

        public override void Run(in KernelArgs args)
        {
            QuantizedMatMulProblem p = plan.Problem;
            QuantizedMatMulRoles roles = p.Roles;
            var workspace = (byte*)args.Workspace;
            var a = (byte*)args.Inputs[roles.A];
            float scale = 1;
            int zero = 0;
            if (p.Kind == QuantizedMatMulKind.DynamicQuantizeMatMul)
            {
                (scale, byte z) = DynamicQuantize.Run<S, V>((float*)a, workspace + plan.Quantized, p.Product.ShapeA.Count, (float*)(workspace + plan.Ranges), args.Workers);
                a = workspace + plan.Quantized;
                zero = z;
            }
            var rows = new WidenRows { Plan = plan, Units = _rows, A = a, Zeros = Input(args, roles.AZero), Zero = zero, Rows = (short*)(workspace + plan.Rows) };
            args.Workers.For((int)_rows.Count, ref rows);
            short* panels = packed is null ? (short*)(workspace + plan.PanelsAt) : (short*)packed.Address;
            if (packed is null)
            {
                var pack = new PackPanels { Plan = plan, Units = _panels, B = (byte*)args.Inputs[roles.B], Zeros = Input(args, roles.BZero), Panels = panels };
                args.Workers.For((int)_panels.Count, ref pack);
            }
            var rowScales = (float*)(workspace + plan.RowScaleAt);
            var columnScales = (float*)(workspace + plan.ColumnScaleAt);
            Scales(args, roles.AScale, rowScales, plan.RowScales, p.Product.M, scale, p.Alpha);
            Scales(args, roles.BScale, columnScales, plan.ColumnScales, p.Product.N, 1, 1);
            var tiles = new Tiles<S, V>
            {
                Plan = plan,
                Units = _tasks,
                Rows = rows.Rows,
                Panels = panels,
                Y = (byte*)args.Outputs[0],
                Finish = new SumsToOutput
                {
                    Kind = p.Output,
                    RowScale = rowScales,
                    RowScaleStep = plan.RowScales == 1 ? 0 : 1,
                    ColumnScale = columnScales,
                    ColumnScaleStep = plan.ColumnScales == 1 ? 0 : 1,
                    OutScale = p.Operand(roles.YScale).IsAbsent ? 1 : (float)QuantizedElement.Read((void*)args.Inputs[roles.YScale], p.Operand(roles.YScale).Type, 0),
                    Zero = p.Operand(roles.YZero).IsAbsent ? 0 : (int)QuantizedElement.Read((void*)args.Inputs[roles.YZero], p.OutputType, 0),
                    Addend = (int*)Input(args, roles.C),
                    AddendRow = RowStep(p.Operand(roles.C)),
                    AddendColumn = p.Operand(roles.C) is { IsAbsent: false, Shape: { Rank: > 0 } shape } && shape[^1] != 1 ? 1 : 0,
                    FloatBias = (float*)Input(args, roles.Bias),
                },
            };
            args.Workers.For((int)_tasks.Count, ref tiles);
        }

        private static nint RowStep(TensorType c) => !c.IsAbsent && c.Shape.Rank == 2 && c.Shape[0] != 1 ? (nint)c.Shape[1] : 0;

        private static byte* Input(in KernelArgs args, int index) => index >= 0 && index < args.Inputs.Length ? (byte*)args.Inputs[index] : null;

        // One for all, one a line of every matrix, or one a line of each.
        private void Scales(in KernelArgs args, int role, float* scales, long count, long lines, float fallback, float factor)
        {
            TensorType operand = plan.Problem.Operand(role);
            for (long i = 0; i < count; i++)
                scales[i] = factor * (operand.IsAbsent ? fallback
                    : (float)QuantizedElement.Read((void*)args.Inputs[role], operand.Type, operand.Shape.Count == 1 ? 0 : operand.Shape.Rank == 1 ? i % lines : i));
        }
    }

    private struct WidenRows : IParallelBody
    {
        public Plan Plan;
        public RowPanels Units;
        public byte* A, Zeros;
        public int Zero;
        public short* Rows;

        public readonly void Run(int begin, int end, int worker)
        {
            QuantizedMatMulProblem p = Plan.Problem;
            TensorType zero = p.Operand(p.Roles.AZero);
            bool signed = p.Operand(p.Roles.A).Type == DType.Int8;
            nint k = (nint)Plan.Geometry.K;
            for (long row = Units.Start(begin); row < Units.Start(end); row++)
            {
                int z = Zero;
                if (Zeros != null)
                {
                    nint at = zero.Shape.Count == 1 ? 0 : (nint)(zero.Shape.Rank == 1 ? row % p.Product.M : row);
                    z = signed ? (sbyte)Zeros[at] : Zeros[at];
                }
                byte* x = p.Product.TransA ? A + (nint)row : A + (nint)row * k;
                PairPacking.Row(x, p.Product.TransA ? (nint)Plan.RowsA : 1, k, signed, z, Rows + (nint)row * 2 * Plan.Pairs);
            }
        }
    }

    private struct PackPanels : IParallelBody
    {
        public Plan Plan;
        public RowPanels Units;
        public byte* B, Zeros;
        public short* Panels;

        public readonly void Run(int begin, int end, int worker)
        {
            for (long panel = Units.Start(begin); panel < Units.Start(end); panel++)
                Plan.PackPanel(panel, B, Zeros, Panels);
        }
    }

    // A task is a panel of B times a block of the rows that meet it.
    private struct Tiles<S, V> : IParallelBody where S : struct, ISimd<V> where V : unmanaged
    {
        public Plan Plan;
        public RowPanels Units;
        public short* Rows, Panels;
        public byte* Y;
        public SumsToOutput Finish;

        public readonly void Run(int begin, int end, int worker)
        {
            int* sums = stackalloc int[PairTile.TileCount<S, V>()];
            for (long task = Units.Start(begin); task < Units.Start(end); task++)
                Task(task, sums);
        }

        private readonly void Task(long task, int* sums)
        {
            GemmGeometry g = Plan.Geometry;
            (long product, long block) = Math.DivRem(task, Plan.RowBlocks);
            (long batch, long panel) = Math.DivRem(product, Plan.Panels);
            (long offsetA, long matrixB) = g.Of(batch);
            nint firstRow = g.K == 0 ? 0 : (nint)(offsetA / g.K);
            nint column = (nint)panel * Plan.Width, columns = nint.Min(Plan.Width, (nint)g.N - column), aRow = 2 * Plan.Pairs;
            SumsToOutput finish = Finish;
            finish.RowScale += firstRow * finish.RowScaleStep;
            finish.ColumnScale += (nint)matrixB * (nint)g.N * finish.ColumnScaleStep;
            short* b = Panels + ((nint)matrixB * (nint)Plan.Panels + (nint)panel) * Plan.PanelCount;
            nint tiles = (nint)ShapeMath.CeilDiv(g.M, PairTile.Rows);
            nint last = nint.Min((nint)g.M, tiles * (nint)(block + 1) / (nint)Plan.RowBlocks * PairTile.Rows);
            for (nint m = tiles * (nint)block / (nint)Plan.RowBlocks * PairTile.Rows; m < last; m += PairTile.Rows)
            {
                int rows = (int)nint.Min(PairTile.Rows, last - m);
                PairTile.Run<S, V>(Plan.Pairs, Rows + (firstRow + m) * aRow, aRow, rows, b, sums);
                for (int r = 0; r < rows; r++)
                    finish.Row<S, V>(sums + r * Plan.Width, m + r, column, columns, Y + (((nint)batch * (nint)g.M + m + r) * (nint)g.N + column) * finish.ElementSize);
            }
        }
    }
}
