using System.Collections.Immutable;
using Ai3.Tensors;

namespace Ai3.Ops;

internal static class LinearAttentionAlgorithms
{
    /// <summary>Every way to run the recurrence. Order is the tie-break.</summary>
    public static readonly ImmutableArray<Algorithm<LinearAttentionProblem>> All =
    [
        new()
        {
            Name = "recurrent",
            Source = "one token at a time: Katharopoulos et al. 2020, arXiv:2006.16236; Yang et al. 2024, arXiv:2412.06464",
            Needs = "f32, sizes of at least 1",
            Workspace = "states that are no output, two rows a thread",
            Supports = static (p, _) => Applicability.If(p.Type == DType.Float32 && p.StateType == DType.Float32, $"element types are {p.Type.ShortName()} and {p.StateType.ShortName()}, needs f32")
                .And(Applicability.If(p.KeySize > 0 && p.ValueSize > 0, "a size is 0")),
            WorkspaceBytes = static r => LinearAttentionRecurrent.WorkspaceBytes(r.Problem, r.Target),
            CostHint = static r => 150 + r.Problem.Flops * 0.8 / r.Target.Lanes / r.Target.Threads,
            Error = static (p, _) => Bound(p),
            // A state beside infinities may leave float32's range before it leaves double's.
            PropagatesExactly = false,
            Bind = static (r, _) => Isa.Select<LinearAttentionRecurrent.Binder, PreparedKernel>(r.Target.Isa, new LinearAttentionRecurrent.Binder(r)),
        },
        new()
        {
            Name = "scalar",
            Source = "the definition, in double",
            Workspace = "a state and a row of doubles a thread",
            Supports = static (_, _) => Applicability.Yes,
            WorkspaceBytes = static r => ShapeMath.Multiply(LinearAttentionScalar.ScratchBytes(r.Problem), r.Target.Threads),
            CostHint = static r => 150 + r.Problem.Flops * 1.5 / r.Target.Threads,
            Error = static (p, _) => Bound(p),
            Bind = static (r, _) => LinearAttentionScalar.Bind(r.Problem),
        },
        ReferenceAlgorithm.Of<LinearAttentionProblem>(LinearAttentionOracle.Evaluate) with { Error = static (p, _) => Bound(p) },
    ];

    // A token adds the roundings of two sums over a key and of an exponential to what came before.
    private static ErrorBound Bound(LinearAttentionProblem p) => ErrorBound.Relative((p.Tokens + 1) * (2 * p.KeySize + 16));
}
