using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>The exact pad of any type with an address: each coordinate is walked back into what is kept, one reflection at a time.</summary>
internal static unsafe class PadReference
{
    public static PreparedKernel Bind(Request<PadProblem> request, PackedConstants? packed) => new Kernel(request.Problem);

    private sealed class Kernel(PadProblem p) : PreparedKernel
    {
        public override void Run(in KernelArgs args)
        {
            DType type = p.Data.Type;
            ulong bits = p.ValueBits;
            byte* wide = stackalloc byte[16];
            new Span<byte>(wide, 16).Clear();
            *(ulong*)wide = bits;
            byte* value = p.HasValueInput ? (byte*)args.Inputs[2] : wide;
            long count = p.Output.Shape.Count;
            PackedBits.ClearLastByte((byte*)args.Outputs[0], count, type);
            for (long i = 0; i < count; i++)
            {
                long place = Place(i);
                if (place < 0)
                    PackedBits.CopyElement(value, 0, (byte*)args.Outputs[0], i, type);
                else
                    PackedBits.CopyElement((byte*)args.Inputs[0], place, (byte*)args.Outputs[0], i, type);
            }
        }

        private long Place(long i)
        {
            long place = 0, stride = 1;
            for (int axis = p.Begin.Length - 1; axis >= 0; axis--)
            {
                long extent = p.Data.Shape[axis], output = p.Output.Shape[axis];
                long low = p.Begin[axis] < 0 ? -p.Begin[axis] : 0, high = p.End[axis] < 0 ? extent + p.End[axis] - 1 : extent - 1;
                long x = i % output - p.Begin[axis];
                i /= output;
                while (x < low || x > high)
                {
                    if (p.Mode == PadMode.Constant)
                        return -1;
                    x = p.Mode switch
                    {
                        PadMode.Edge => x < low ? low : high,
                        PadMode.Wrap => x < low ? x + (high - low + 1) : x - (high - low + 1),
                        _ => low == high ? low : x < low ? 2 * low - x : 2 * high - x,
                    };
                }
                place += x * stride;
                stride *= extent;
            }
            return place;
        }
    }
}
