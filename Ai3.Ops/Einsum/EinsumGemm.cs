namespace Ai3.Ops;

/// <summary>
/// Matrix products, two operands at a time, with copies where an operand does not lie as the product wants it: <see cref="EinsumPlan"/>.
/// Workspace: copies and intermediate products, then what the kernels themselves want.
/// </summary>
internal static unsafe class EinsumGemm
{
    public static Algorithm<EinsumProblem> Row { get; } = new()
    {
        Name = "gemm",
        Source = "transposes, sums and batched matrix products",
        Needs = "two operands or more of f32, f64 or integers of 32 or 64 bits",
        Workspace = "copies, intermediate products, that of the products",
        // Sums over labels of one operand alone come before the product.
        PropagatesExactly = false,
        Supports = static (p, t) => EinsumPlan.TryCreate(p, t, out _, out string reason) ? Applicability.Yes : Applicability.No(reason),
        WorkspaceBytes = static r => Plan(r.Problem, r.Target).WorkspaceBytes,
        CostHint = static r => 200 + Plan(r.Problem, r.Target).Cost,
        Error = static (p, t) => ErrorBound.PerElement(Plan(p, t).Chain),
        Bind = static (r, _) => new Kernel(Plan(r.Problem, r.Target)),
    };

    private static EinsumPlan Plan(EinsumProblem problem, Target target) =>
        EinsumPlan.TryCreate(problem, target, out EinsumPlan? plan, out string reason) ? plan : throw new InvalidOperationException(reason);

    private sealed class Kernel(EinsumPlan plan) : PreparedKernel
    {
        private readonly EinsumCall[] _calls = [.. plan.Calls];
        private readonly PreparedKernel[] _kernels = [.. plan.Calls.Select(c => c.Bind())];
        private readonly nint _scratchAt = (nint)plan.ScratchAt;

        public override void Run(in KernelArgs args)
        {
            nint* inputs = stackalloc nint[3];
            nint* outputs = stackalloc nint[1];
            for (int i = 0; i < _calls.Length; i++)
            {
                EinsumCall call = _calls[i];
                for (int s = 0; s < 3; s++)
                    inputs[s] = s < call.Sources.Length ? Address(call.Sources[s], args) : 0;
                outputs[0] = Address(call.Target, args);
                _kernels[i].Run(new KernelArgs
                {
                    Inputs = new ReadOnlySpan<nint>(inputs, 3),
                    Outputs = new ReadOnlySpan<nint>(outputs, 1),
                    Workspace = args.Workspace + _scratchAt,
                    Workers = args.Workers,
                });
            }
        }

        private static nint Address(EinsumPlace place, in KernelArgs args) => place.Kind switch
        {
            EinsumMemory.Operand => args.Inputs[(int)place.At],
            EinsumMemory.Workspace => args.Workspace + (nint)place.At,
            _ => args.Outputs[0],
        };
    }
}
