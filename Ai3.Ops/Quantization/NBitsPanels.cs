using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>A float32 matrix product whose panels of B are decoded on the way, some panels of one block of K at a time.</summary>
/// <remarks>A [M, K] is read in place. Workspace: a group of panels for each worker. Registers: those of <see cref="Tile"/>.</remarks>
internal static unsafe class NBitsPanels
{
    public static Algorithm<NBitsProblem> Row { get; } = new()
    {
        Name = "panels",
        Source = "Goto and van de Geijn 2008 with panels of B decoded when they are needed",
        Needs = "f32",
        Workspace = "a group of decoded panels a thread",
        Supports = static (p, _) => Applicability.If(p.Type == DType.Float32, $"element type is {p.Type.ShortName()}, needs f32")
            .And(Applicability.If(p.M > 0 && p.N > 0 && p.K > 0, "an operand is empty")),
        WorkspaceBytes = static r => ShapeMath.Product([sizeof(float), ShapeMath.RoundUp(PlanOf(r).SourceScratchCount, 16), r.Target.Threads]),
        CostHint = static r => 1000 + (r.Problem.Flops / r.Target.FlopsPerNanosecond + 1.5 * r.Problem.N * r.Problem.K) / r.Target.Threads,
        // One rounding more in each product: that of the decoded element, of which the zero point has one.
        Error = static (p, t) => ErrorBound.PerElement(GemmPlan.RoundingChainOf(p.K, GemmPlan.DepthOfBlock(p.K, 2 * t.Lanes, t.Caches)) + 2),
        Bind = static (r, _) => new Kernel(r.Problem, PlanOf(r)),
    };

    private static GemmPlan PlanOf(Request<NBitsProblem> r) => new(r.Problem.M, r.Problem.N, r.Problem.K, r.Problem.K, false, r.Target);

    private sealed class Kernel(NBitsProblem p, GemmPlan plan) : PreparedKernel
    {
        private readonly RowPanels _units = ParallelUnits.Of(plan.SourceTasks);

        public override void Run(in KernelArgs args)
        {
            var body = new Body
            {
                Plan = plan,
                Units = _units,
                Source = new Source(new NBitsColumns(p, args)),
                Operands = new GemmOperands
                {
                    A = (float*)args.Inputs[0],
                    ARow = (nint)p.K,
                    C = (float*)args.Outputs[0],
                    CRow = (nint)p.N,
                    Initial = p.HasBias ? (float*)args.Inputs[5] : null,
                },
                Scratch = (float*)args.Workspace,
            };
            args.Workers.For((int)_units.Count, ref body);
        }
    }

    private struct Body : IParallelBody
    {
        public GemmPlan Plan;
        public RowPanels Units;
        public Source Source;
        public GemmOperands Operands;
        public float* Scratch;

        public void Run(int begin, int end, int worker)
        {
            Source source = Source;
            float* scratch = Scratch + worker * (nint)ShapeMath.RoundUp(Plan.SourceScratchCount, 16);
            for (long task = Units.Start(begin); task < Units.Start(end); task++)
                Plan.RunFrom(task, Operands, ref source, scratch);
        }
    }

    private readonly struct Source(NBitsColumns columns) : IPanelSource
    {
        public void Pack(long k0, long depth, long column, int count, int width, float* panel)
        {
            if (count < width)
                new Span<float>(panel, checked((int)depth * width)).Clear();
            for (int j = 0; j < count; j++)
                columns.Decode((nint)column + j, k0, depth, panel + j, width);
        }
    }
}
