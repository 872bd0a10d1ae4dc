using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>One element at a time: its coordinates, its place in either layout.</summary>
internal static unsafe class ReorderReference
{
    public static Algorithm<ReorderProblem> Row { get; } = new()
    {
        Name = "reference",
        Source = "element by element",
        IsReference = true,
        Layouts = "any to any",
        Supports = static (p, _) => Applicability.If(p.Type.ByteSize() > 0, $"element type is {p.Type.ShortName()}, needs whole bytes"),
        Formats = static (p, _) => [p.Formats],
        CostHint = static r => 1e6 + 50.0 * r.Problem.Shape.Count,
        Error = static (_, _) => ErrorBound.Exact,
        Bind = static (r, _) => new Kernel(r.Problem),
    };

    private sealed class Kernel(ReorderProblem p) : PreparedKernel
    {
        public override void Run(in KernelArgs args)
        {
            int size = p.Type.ByteSize();
            byte* x = (byte*)args.Inputs[0], y = (byte*)args.Outputs[0];
            for (long i = 0; i < p.To.StorageCount(p.Shape) * size; i++)
                y[i] = 0;
            var at = new long[p.Shape.Rank];
            for (long i = 0; i < p.Shape.Count; i++)
            {
                long rest = i;
                for (int axis = at.Length - 1; axis >= 0; axis--)
                {
                    at[axis] = rest % p.Shape[axis];
                    rest /= p.Shape[axis];
                }
                byte* s = x + Place(p.From, at) * size, d = y + Place(p.To, at) * size;
                for (int b = 0; b < size; b++)
                    d[b] = s[b];
            }
        }

        private long Place(Format format, long[] at)
        {
            if (format.Kind == FormatKind.ChannelsLast && at.Length > 2)
            {
                long place = at[0];
                for (int axis = 2; axis < at.Length; axis++)
                    place = place * p.Shape[axis] + at[axis];
                return place * p.Shape[1] + at[1];
            }
            bool blocked = format.Kind == FormatKind.Blocked && format.Axis < at.Length;
            long index = 0;
            for (int axis = 0; axis < at.Length; axis++)
                index = blocked && axis == format.Axis
                    ? index * ((p.Shape[axis] + format.Block - 1) / format.Block) + at[axis] / format.Block
                    : index * p.Shape[axis] + at[axis];
            return blocked ? index * format.Block + at[format.Axis] % format.Block : index;
        }
    }
}
