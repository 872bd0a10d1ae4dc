namespace Ai3.Ops;

/// <summary>Pools whole planes: y [n, c] = pool of the contiguous x [n, c, size], float32, in 4 vectors of accumulators.</summary>
/// <remarks>Sums are float32 within 4096 elements and double between such blocks.</remarks>
internal static unsafe class PoolingGlobal
{
    private const int Block = 4096;

    public static Applicability Supports(PoolingProblem p, Target target) =>
        PoolSteps.Supports(p).And(Applicability.If(p.IsGlobal, "the window is smaller than the map, needs all of it"));

    public static double CostHint(Request<PoolingProblem> r)
    {
        PoolingGeometry g = PoolingGeometry.Of(r.Problem);
        return g.Planes * (g.W.In * Math.Max(0.25 / r.Target.Lanes, 4 / r.Target.BytesPerNanosecond / 4) + 12) / r.Target.Threads;
    }

    public static ErrorBound Error(PoolingProblem p, Target target) => p.Kind == PoolKind.Max ? ErrorBound.Exact
        : ErrorBound.PerElement(Math.Min(Block, p.WindowSize) / (4.0 * target.Lanes) + 10);

    public static PreparedKernel Bind(Request<PoolingProblem> r, PackedConstants? packed) => PoolSteps.Select(r.Problem.Kind, r.Target.Isa, new Binder(r.Problem));

    private readonly struct Binder(PoolingProblem p) : IPoolFunc
    {
        public PreparedKernel Create<S, V, P>() where S : struct, ISimd<V> where V : unmanaged where P : struct, IPoolStep =>
            new Kernel<S, V, P>(PoolingGeometry.Of(p), p.Kind);
    }

    private sealed class Kernel<S, V, P>(PoolingGeometry g, PoolKind kind) : PreparedKernel
        where S : struct, ISimd<V> where V : unmanaged where P : struct, IPoolStep
    {
        public override void Run(in KernelArgs args)
        {
            var body = new Body<S, V, P>
            {
                Kind = kind,
                Size = (nint)(g.D.In * g.H.In * g.W.In),
                X = (float*)args.Inputs[0],
                Y = (float*)args.Outputs[0],
                Split = new RowSplit(g.Planes),
            };
            args.Workers.For(body.Split.Items, ref body);
        }
    }

    private struct Body<S, V, P> : IParallelBody where S : struct, ISimd<V> where V : unmanaged where P : struct, IPoolStep
    {
        public PoolKind Kind;
        public nint Size;
        public float* X;
        public float* Y;
        public RowSplit Split;

        public void Run(int begin, int end, int worker)
        {
            for (long plane = Split.Begin(begin); plane < Split.End(end); plane++)
            {
                float* x = X + (nint)plane * Size;
                Y[plane] = Kind switch
                {
                    PoolKind.Max => Largest(x),
                    PoolKind.Average => (float)(Sum(x) / Size),
                    _ => (float)Sum(x),
                };
            }
        }

        private readonly double Sum(float* x)
        {
            double sum = 0;
            for (nint done = 0; done < Size; done += Block)
                sum += S.Sum(Reduce(x + done, Math.Min(Block, Size - done)));
            return sum;
        }

        private readonly float Largest(float* x)
        {
            V largest = Reduce(x, Size);
            float* lanes = stackalloc float[16];
            S.Store(largest, lanes);
            float result = P.Initial;
            for (int i = 0; i < S.Lanes; i++)
                result = P.Add<SimdScalar, float>(result, lanes[i]);
            return result;
        }

        private static V Reduce(float* x, nint n)
        {
            V a0 = S.Create(P.Initial), a1 = a0, a2 = a0, a3 = a0;
            nint i = 0;
            for (; i + 4 * S.Lanes <= n; i += 4 * S.Lanes)
            {
                a0 = P.Add<S, V>(a0, S.Load(x + i));
                a1 = P.Add<S, V>(a1, S.Load(x + i + S.Lanes));
                a2 = P.Add<S, V>(a2, S.Load(x + i + 2 * S.Lanes));
                a3 = P.Add<S, V>(a3, S.Load(x + i + 3 * S.Lanes));
            }
            for (; i + S.Lanes <= n; i += S.Lanes)
                a0 = P.Add<S, V>(a0, S.Load(x + i));
            if (i < n)
                a1 = P.Add<S, V>(a1, P.Initial == 0 ? S.LoadPartial(x + i, (int)(n - i)) : n >= S.Lanes ? S.Load(x + n - S.Lanes) : Tail(x, (int)n));
            return P.Add<S, V>(P.Add<S, V>(a0, a1), P.Add<S, V>(a2, a3));
        }

        // A few elements; the other lanes hold the accumulator of nothing. A maximum may take elements twice, so longer rows do without.
        private static V Tail(float* x, int n)
        {
            float* lanes = stackalloc float[16];
            S.Store(S.Create(P.Initial), lanes);
            for (int i = 0; i < n; i++)
                lanes[i] = x[i];
            return S.Load(lanes);
        }
    }
}
