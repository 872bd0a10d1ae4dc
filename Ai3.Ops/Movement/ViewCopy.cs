using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>
/// An output that is the input's memory: the runtime runs no kernel where it can share the memory, and this copy of all
/// bytes where it cannot. Strings qualify, as they have no bytes and can only be shared.
/// </summary>
internal static unsafe class ViewCopy
{
    public static Applicability Supports(StridedCopyProblem p, Target target)
    {
        if (p.Output.Shape.Count != p.Input.Shape.Count)
            return Applicability.No($"output has {p.Output.Shape.Count} elements of {p.Input.Shape.Count}, needs all");
        return Applicability.If(p.Output.Shape.Count == 0 || (p.Offset == 0 && StridedLayout.Of(p).IsRun), "order of the elements changes, must stay");
    }

    public static PreparedKernel Bind(Request<StridedCopyProblem> request, PackedConstants? packed) =>
        new Kernel(request.Problem.Input.Type == DType.String ? 0 : request.Problem.Input.ByteLength);

    private sealed class Kernel(long bytes) : PreparedKernel
    {
        public override void Run(in KernelArgs args)
        {
            if (bytes > 0 && args.Inputs[0] != args.Outputs[0])
                Buffer.MemoryCopy((void*)args.Inputs[0], (void*)args.Outputs[0], bytes, bytes);
        }
    }
}
