namespace Ai3.Ops;

/// <summary>The exact gather of any type with an address, element by element.</summary>
internal static unsafe class GatherReference
{
    public static PreparedKernel Bind(Request<GatherProblem> request, PackedConstants? packed) => new Kernel(request.Problem);

    private sealed class Kernel(GatherProblem p) : PreparedKernel
    {
        public override void Run(in KernelArgs args)
        {
            IndexReader indices = IndexReader.Of(args.Inputs[1], p.Indices.Type);
            long extent = p.Data.Shape[p.Axis], inner = p.Data.Shape.CountOf((p.Axis + 1)..), picked = p.Indices.Shape.Count, count = p.Output.Shape.Count;
            indices.RequireInRange(picked, extent);
            PackedBits.ClearLastByte((byte*)args.Outputs[0], count, p.Data.Type);
            for (long i = 0; i < count; i++)
            {
                long index = indices[i / inner % picked];
                if (index < 0)
                    index += extent;
                long from = (i / inner / picked * extent + index) * inner + i % inner;
                PackedBits.CopyElement((byte*)args.Inputs[0], from, (byte*)args.Outputs[0], i, p.Data.Type);
            }
        }
    }
}
