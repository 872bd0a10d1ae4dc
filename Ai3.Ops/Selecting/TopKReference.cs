using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>Indices of each lane, sorted stably by comparing elements.</summary>
internal static unsafe class TopKReference
{
    public static Algorithm<TopKProblem> Row { get; } = new()
    {
        Name = "reference",
        Source = "indices sorted stably by their elements",
        IsReference = true,
        Workspace = "managed memory",
        Supports = static (p, _) => Applicability.If(TypeSet.Numeric.Has(p.Input.Type), $"{p.Input.Type.ShortName()} is no number type"),
        CostHint = static r => 1e6 + 100 * r.Problem.Input.Shape.Count * Math.Log2(r.Problem.Length + 2),
        Error = static (_, _) => ErrorBound.Exact,
        Bind = static (r, _) => new Kernel(r.Problem),
    };

    private sealed class Kernel(TopKProblem p) : PreparedKernel
    {
        public override void Run(in KernelArgs args)
        {
            nint input = args.Inputs[0], values = args.Outputs[0], indices = args.Outputs[1];
            for (long lane = 0; lane < p.Outer * p.Inner; lane++)
            {
                long outer = lane / p.Inner, inner = lane % p.Inner;
                IEnumerable<long> all = Enumerable.Range(0, (int)p.Length).Select(i => (long)i);
                var order = Comparer<long>.Create((a, b) => Compare(input, At(outer, inner, p.Length, a), At(outer, inner, p.Length, b)));
                long to = 0;
                // OrderBy and OrderByDescending keep the order of equal elements.
                foreach (long index in (p.Largest ? all.OrderByDescending(i => i, order) : all.OrderBy(i => i, order)).Take((int)p.K))
                {
                    long place = At(outer, inner, p.K, to++);
                    PackedBits.CopyElement((byte*)input, At(outer, inner, p.Length, index), (byte*)values, place, p.Input.Type);
                    ((long*)indices)[place] = index;
                }
            }
        }

        private long At(long outer, long inner, long extent, long index) => (outer * extent + index) * p.Inner + inner;

        private int Compare(nint x, long a, long b)
        {
            if (p.Input.Type == DType.Int64)
                return ((long*)x)[a].CompareTo(((long*)x)[b]);
            if (p.Input.Type == DType.UInt64)
                return ((ulong*)x)[a].CompareTo(((ulong*)x)[b]);
            double left = ElementAccess.Read((void*)x, p.Input.Type, a), right = ElementAccess.Read((void*)x, p.Input.Type, b);
            if (double.IsNaN(left) || double.IsNaN(right))
                return double.IsNaN(left).CompareTo(double.IsNaN(right));
            return left < right ? -1 : left > right ? 1 : 0;
        }
    }
}
