using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>The exact join or split of any type with an address: each element of the whole finds its part by counting along the axis.</summary>
internal static unsafe class JoinReference
{
    public static PreparedKernel Bind(Request<JoinProblem> request, PackedConstants? packed) => new Kernel(request.Problem);

    private sealed class Kernel(JoinProblem p) : PreparedKernel
    {
        public override void Run(in KernelArgs args)
        {
            DType type = p.Whole.Type;
            Shape shape = p.Whole.Shape;
            long inner = shape.CountOf((p.Axis + 1)..), extent = shape[p.Axis], count = shape.Count;
            for (int i = 0; i < p.Outputs.Length; i++)
                if (args.Outputs[i] != 0)
                    PackedBits.ClearLastByte((byte*)args.Outputs[i], p.Outputs[i].Shape.Count, type);
            for (long i = 0; i < count; i++)
            {
                long along = i / inner % extent, before = i / inner / extent;
                int part = 0;
                while (along >= p.Parts[part].Shape[p.Axis])
                    along -= p.Parts[part++].Shape[p.Axis];
                long inPart = (before * p.Parts[part].Shape[p.Axis] + along) * inner + i % inner;
                if (p.IsConcat)
                    PackedBits.CopyElement((byte*)args.Inputs[part], inPart, (byte*)args.Outputs[0], i, type);
                else if (args.Outputs[part] != 0)
                    PackedBits.CopyElement((byte*)args.Inputs[0], i, (byte*)args.Outputs[part], inPart, type);
            }
        }
    }
}
