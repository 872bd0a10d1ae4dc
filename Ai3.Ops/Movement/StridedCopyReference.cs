using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>The exact strided copy of any type with an address: each output element's index is taken apart by division.</summary>
internal static unsafe class StridedCopyReference
{
    public static Applicability Supports(StridedCopyProblem p, Target target) => ElementSize.RequireBytes(p.Input.Type);

    public static PreparedKernel Bind(Request<StridedCopyProblem> request, PackedConstants? packed) => new Kernel(request.Problem);

    private sealed class Kernel(StridedCopyProblem p) : PreparedKernel
    {
        public override void Run(in KernelArgs args)
        {
            var source = (byte*)args.Inputs[0];
            var destination = (byte*)args.Outputs[0];
            DType type = p.Input.Type;
            long count = p.Output.Shape.Count;
            PackedBits.ClearLastByte(destination, count, type);
            for (long i = 0; i < count; i++)
            {
                long rest = i, from = p.Offset;
                for (int axis = p.Walk.Length - 1; axis >= 0; axis--)
                {
                    from += rest % p.Walk[axis] * p.Steps[axis];
                    rest /= p.Walk[axis];
                }
                PackedBits.CopyElement(source, from, destination, i, type);
            }
        }
    }
}
