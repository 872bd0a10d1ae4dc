using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>
/// The <c>strassen</c> row: Y = clamp(alpha A B + beta C + residual) with fewer multiplications (<see cref="StrassenProduct{S, V}"/>), each product at the
/// end of the recursion being that of the <c>gemm</c> row.
/// </summary>
/// <remarks>Memory: <see cref="StrassenLayout"/>. A constant B is prepared once.</remarks>
internal static unsafe class GemmStrassen
{
    public static Algorithm<GemmProblem> Row { get; } = new()
    {
        Name = "strassen",
        Source = "Strassen 1969; Winograd 1971",
        Needs = "float32; M, N, K of at least 128",
        Workspace = "packed B (7/4 of it a level) unless constant, sums of blocks, operands that are transposed or of uneven size",
        PropagatesExactly = false,
        IsByNameOnly = true,
        Supports = Supports,
        Fuses = static (_, _) => FusedParts.Clamp | FusedParts.Residual,
        WorkspaceBytes = static r => Layout(r).WorkspaceBytes,
        PackedBytes = static r => r.Problem.IsConstant(1) ? PackedBytes(r) : 0,
        CostHint = static r => new GemmGeometry(r.Problem).Batches * Layout(r).Nanoseconds,
        Error = static (p, t) => ErrorBound.TileNorm(StrassenPlan.Growth(new GemmGeometry(p).M, p.N, p.K, t, others: 4)),
        PackKey = static r => r.Problem.IsConstant(1)
            ? FormattableString.Invariant($"strassen{Layout(r).Plan.Levels}/{2 * r.Target.Lanes}{(r.Problem.TransB ? "t" : "")} {r.Problem.Alpha:R}") : null,
        Pack = Pack,
        Bind = static (r, packed) => Isa.Select<Maker, PreparedKernel>(r.Target.Isa, new Maker(r, packed)),
    };

    private static Applicability Supports(GemmProblem p, Target target)
    {
        Applicability common = Applicability.If(p.Type == DType.Float32, $"operands are {p.Type.ShortName()}, needs f32")
            .And(Applicability.If(p.ShapeY.Count > 0 && p.K > 0, "an operand is empty"))
            .And(Applicability.If(p.Fusion.Activation.IsClamp, "the activation is no clamp"))
            .And(Applicability.If(!p.Fusion.Prologue, "has a prologue"));
        return common.IsYes ? StrassenLayout.Supports(new GemmGeometry(p).M, p.N, p.K) : common;
    }

    private static StrassenLayout Layout(Request<GemmProblem> r) =>
        new(new GemmGeometry(r.Problem).M, r.Problem.N, r.Problem.K, r.Problem.TransA, r.Problem.TransB, r.Problem.Alpha, r.Problem.IsConstant(1), r.Target);

    private static long PackedBytes(Request<GemmProblem> r) =>
        ShapeMath.Product([sizeof(float), Layout(r).Plan.PreparedCount, new GemmGeometry(r.Problem).MatricesB]);

    private static PackedConstants Pack(Request<GemmProblem> r, IReadOnlyList<Tensor?> constants)
    {
        PackedConstants packed = PackedConstants.Allocate(PackedBytes(r));
        Isa.Select<PackAll, bool>(r.Target.Isa, new PackAll(r, (float*)constants[1]!.Address, (float*)packed.Address));
        GC.KeepAlive(constants);
        return packed;
    }

    private readonly struct PackAll(Request<GemmProblem> r, float* b, float* packed) : IIsaFunc<bool>
    {
        private readonly float* _b = b;
        private readonly float* _packed = packed;

        public bool Create<S, V>() where S : struct, ISimd<V> where V : unmanaged
        {
            StrassenLayout layout = Layout(r);
            var geometry = new GemmGeometry(r.Problem);
            using var memory = new NativeBuffer(ShapeMath.Multiply(sizeof(float), layout.PrepareCount));
            for (long i = 0; i < geometry.MatricesB; i++)
                layout.Prepare<S, V>(WorkerPool.Single, _b + (nint)(i * geometry.K * geometry.N), (nint)geometry.RowB,
                    _packed + (nint)(i * layout.Plan.PreparedCount), (float*)memory.Address);
            return true;
        }
    }

    private readonly struct Maker(Request<GemmProblem> r, PackedConstants? packed) : IIsaFunc<PreparedKernel>
    {
        public PreparedKernel Create<S, V>() where S : struct, ISimd<V> where V : unmanaged => new Kernel<S, V>(r.Problem, Layout(r), packed);
    }

    private sealed class Kernel<S, V>(GemmProblem p, StrassenLayout layout, PackedConstants? packed) : PreparedKernel where S : struct, ISimd<V> where V : unmanaged
    {
        private readonly GemmGeometry _geometry = new(p);

        public override void Run(in KernelArgs args)
        {
            for (long batch = 0; batch < _geometry.Batches; batch++)
            {
                (long offsetA, long matrixB) = _geometry.Of(batch);
                var y = (nint)(batch * _geometry.M * _geometry.N);
                var end = new ProductEnd<S, V>
                {
                    Y = (float*)args.Outputs[0] + y,
                    YRow = (nint)_geometry.N,
                    Columns = (nint)_geometry.N,
                    Addend = (float*)args.Inputs[2],
                    AddendRow = p.Bias switch { GemmBias.Matrix => (nint)_geometry.N, GemmBias.Row => 1, _ => 0 },
                    AddendColumn = p.Bias is GemmBias.Matrix or GemmBias.Column ? 1 : 0,
                    Factor = p.Beta,
                    Residual = p.Fusion.Residual ? (float*)args.Inputs[3] + y : null,
                    Low = p.Fusion.Activation.Low,
                    High = p.Fusion.Activation.High,
                };
                float* panels = packed is null ? null : (float*)packed.Address + (nint)(matrixB * layout.Plan.PreparedCount);
                layout.Run(args.Workers, (float*)args.Inputs[0] + (nint)offsetA, (nint)_geometry.RowA,
                    (float*)args.Inputs[1] + (nint)(matrixB * _geometry.K * _geometry.N), (nint)_geometry.RowB, panels, end, (float*)args.Workspace);
            }
            GC.KeepAlive(packed);
        }
    }
}
