using System.Collections.Immutable;
using Ai3.Tensors;

namespace Ai3.Ops;

internal static class AttentionAlgorithms
{
    /// <summary>Every way to compute an attention. Order is the tie-break.</summary>
    public static readonly ImmutableArray<Algorithm<AttentionProblem>> All =
    [
        new()
        {
            Name = "online_softmax",
            Source = "Dao et al. 2022, arXiv:2205.14135",
            Needs = "f32, no output of scores",
            Workspace = "a block of scores, sums, keys and values a thread; queries and keys where they change first",
            Supports = static (p, _) => Single(p).And(Applicability.If(!AttentionWorkspace.Gives(p, AttentionRoles.Of(p.Form).Scores), "scores are an output")),
            WorkspaceBytes = static r => Workspace(r, AttentionOnline.ScratchBytes(new AttentionGeometry(r.Problem), r.Target)),
            PackedBytes = PackedBytes,
            CostHint = static r => Cost(r, g =>
            {
                // Below five query rows a tile waits for its loads.
                double rows = Math.Min(g.Queries, 14), efficiency = Math.Min(0.8, 0.03 + 0.2 * rows);
                double blocks = g.Batch * g.KvHeads * Math.Ceiling(g.Queries * (double)g.Group / 128);
                return r.Problem.Flops / (r.Target.FlopsPerNanosecond * efficiency) + blocks * g.Capacity * g.Size * 0.3 + Rows(g) * g.Capacity * 5.0 / r.Target.Lanes;
            }),
            Error = static (p, _) => ErrorBound.Relative(p.Chain),
            PackKey = PackKey,
            Pack = Pack,
            Bind = static (r, packed) => Kernel(r, AttentionOnline.Rows(r.Problem, r.Target), packed),
        },
        new()
        {
            Name = "decode",
            Source = "matrix-vector products and a softmax a query",
            Needs = "f32",
            Workspace = "scores of a row a thread; queries and keys where they change first",
            Supports = static (p, _) => Single(p),
            WorkspaceBytes = static r => Workspace(r, AttentionScalar.ScratchBytes(new AttentionGeometry(r.Problem))),
            PackedBytes = PackedBytes,
            CostHint = static r => Cost(r, g => Rows(g) * (60 + g.Capacity * ((g.Size + g.ValueSize) * 1.2 + 30) / r.Target.Lanes)),
            Error = static (p, _) => ErrorBound.Relative(p.Chain),
            PackKey = PackKey,
            Pack = Pack,
            Bind = static (r, packed) => Kernel(r, AttentionDecode.Rows(r.Problem, r.Target.Isa), packed),
        },
        new()
        {
            Name = "scalar",
            Source = "the definition, in double",
            Workspace = "scores of a row a thread; queries and keys where they change first",
            Supports = static (p, _) => Applicability.Yes,
            WorkspaceBytes = static r => Workspace(r, AttentionScalar.ScratchBytes(new AttentionGeometry(r.Problem))),
            PackedBytes = PackedBytes,
            CostHint = static r => Cost(r, g => Rows(g) * (100 + g.Capacity * (g.Size + g.ValueSize) * 1.5)),
            Error = static (p, _) => ErrorBound.Relative(p.Chain),
            PackKey = PackKey,
            Pack = Pack,
            Bind = static (r, packed) => Kernel(r, AttentionScalar.Rows(r.Problem), packed),
        },
        ReferenceAlgorithm.Of<AttentionProblem>(AttentionOracle.Evaluate) with { Error = static (p, _) => ErrorBound.Relative(p.Chain) },
    ];

    private static Applicability Single(AttentionProblem p)
    {
        var g = new AttentionGeometry(p);
        AttentionRoles roles = AttentionRoles.Of(p.Form);
        bool added = AddsOnlySingles(p, roles.Mask) && AddsOnlySingles(p, roles.ScoreBias);
        return Applicability.If(p.Type == DType.Float32, $"element type is {p.Type.ShortName()}, needs f32")
            .And(Applicability.If(added, "a mask is neither bool nor f32"))
            .And(Applicability.If(g.Batch > 0 && g.Queries > 0 && g.Capacity > 0 && g.Size > 0 && g.ValueSize > 0, "a dimension is 0"));
    }

    // Integer masks of the com.microsoft operators are no additive ones.
    private static bool AddsOnlySingles(AttentionProblem p, int role) =>
        role < 0 || role >= p.Operands.Length || p.Operands[role].IsAbsent || p.Operands[role].Type is DType.Bool or DType.Float32
        || p.Form != AttentionForm.Standard && p.Operands[role].Type == DType.Int32;

    private static double Rows(AttentionGeometry g) => (double)g.Batch * g.Heads * g.Queries;

    private static double Cost(Request<AttentionProblem> r, Func<AttentionGeometry, double> rows)
    {
        var g = new AttentionGeometry(r.Problem);
        double projection = AttentionProjection.Of(r.Problem, r.Target)?.CostNanoseconds ?? 0;
        return 300 + projection + Math.Max(rows(g) / r.Target.Threads, r.Problem.Traffic / r.Target.BytesPerNanosecond);
    }

    private static long Workspace(Request<AttentionProblem> r, long scratch) =>
        new AttentionWorkspace(r.Problem, new AttentionGeometry(r.Problem), scratch, r.Target.Threads, AttentionProjection.Of(r.Problem, r.Target)).TotalBytes;

    private static long PackedBytes(Request<AttentionProblem> r) => AttentionProjection.Of(r.Problem, r.Target)?.PackedBytes ?? 0;

    private static string? PackKey(Request<AttentionProblem> r) => AttentionProjection.Of(r.Problem, r.Target)?.PackKey;

    private static PackedConstants Pack(Request<AttentionProblem> r, IReadOnlyList<Tensor?> constants) => AttentionProjection.Of(r.Problem, r.Target)!.Pack(constants);

    private static PreparedKernel Kernel(Request<AttentionProblem> r, IAttentionRows rows, PackedConstants? packed) =>
        ElementTypes.Select<Binder, PreparedKernel>(r.Problem.Type, new Binder(r, rows, packed));

    private readonly struct Binder(Request<AttentionProblem> r, IAttentionRows rows, PackedConstants? packed) : IElementFunc<PreparedKernel>
    {
        public PreparedKernel Create<E>() where E : struct, IElement =>
            new AttentionKernel<E>(r.Problem, rows, AttentionProjection.Of(r.Problem, r.Target), packed, r.Target.Threads);
    }
}
