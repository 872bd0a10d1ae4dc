using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>
/// The recurrence in float32 vectors along the values: the state's rows decay, are read by the key, grow by the outer product, and are
/// read by the queries. The state lives in the output of states.
/// </summary>
/// <remarks>Workspace: states [batch, heads, dk, dv] if they are no output, then for each thread two rows [dv].</remarks>
internal static unsafe class LinearAttentionRecurrent
{
    public static long WorkspaceBytes(LinearAttentionProblem p, Target target) => ShapeMath.Add(StateBytes(p), ShapeMath.Multiply(RowBytes(p), target.Threads));

    private static long StateBytes(LinearAttentionProblem p) => p.OutputCount > 1 ? 0
        : ShapeMath.RoundUp(ShapeMath.Multiply(ShapeMath.Multiply(p.Batch * p.KvHeads, p.KeySize), ShapeMath.Multiply(p.ValueSize, sizeof(float))), NativeBuffer.Alignment);

    private static long RowBytes(LinearAttentionProblem p) => ShapeMath.RoundUp(ShapeMath.Multiply(2 * p.ValueSize, sizeof(float)), NativeBuffer.Alignment);

    internal readonly struct Binder(Request<LinearAttentionProblem> r) : IIsaFunc<PreparedKernel>
    {
        public PreparedKernel Create<S, V>() where S : struct, ISimd<V> where V : unmanaged => new Kernel<S, V>(r.Problem);
    }

    private sealed class Kernel<S, V>(LinearAttentionProblem p) : PreparedKernel where S : struct, ISimd<V> where V : unmanaged
    {
        public override void Run(in KernelArgs args)
        {
            var body = new Body<S, V>
            {
                P = p,
                Q = (float*)args.Inputs[0],
                K = (float*)args.Inputs[1],
                Values = (float*)args.Inputs[2],
                Past = (float*)args.Inputs[3],
                Decay = (float*)args.Inputs[4],
                Beta = (float*)args.Inputs[5],
                Y = (float*)args.Outputs[0],
                State = args.Outputs.Length > 1 ? (float*)args.Outputs[1] : (float*)args.Workspace,
                Rows = args.Workspace + (nint)StateBytes(p),
                RowBytes = (nint)RowBytes(p),
                Split = new RowSplit(p.Batch * p.KvHeads),
            };
            args.Workers.For(body.Split.Items, ref body);
        }
    }

    // One item a (batch, key head).
    private struct Body<S, V> : IParallelBody where S : struct, ISimd<V> where V : unmanaged
    {
        public LinearAttentionProblem P;
        public float* Q;
        public float* K;
        public float* Values;
        public float* Past;
        public float* Decay;
        public float* Beta;
        public float* Y;
        public float* State;
        public nint Rows;
        public nint RowBytes;
        public RowSplit Split;

        public readonly void Run(int begin, int end, int worker)
        {
            float* read = (float*)(Rows + worker * RowBytes), add = read + (nint)P.ValueSize;
            nint count = (nint)(P.KeySize * P.ValueSize);
            for (long item = Split.Begin(begin); item < Split.End(end); item++)
            {
                (long b, long h) = Math.DivRem(item, P.KvHeads);
                float* state = State + (nint)item * count;
                if (Past == null)
                    new Span<float>(state, checked((int)count)).Clear();
                else
                    Buffer.MemoryCopy(Past + (nint)item * count, state, count * sizeof(float), count * sizeof(float));
                for (long t = 0; t < P.Tokens; t++)
                    Token(b * P.Tokens + t, h, state, read, add);
            }
        }

        private readonly void Token(long token, long h, float* state, float* read, float* add)
        {
            nint dk = (nint)P.KeySize, dv = (nint)P.ValueSize, head = (nint)(token * P.KvHeads + h);
            float* k = K + head * dk, v = Values + head * dv;
            if (P.Gated)
                for (nint i = 0; i < dk; i++)
                    AttentionSimd.Scale<S, V>(state + i * dv, dv, VectorMath.Exp<SimdScalar, float>(Decay[P.DecayPerKey ? head * dk + i : head]));
            if (P.Delta)
            {
                float beta = Beta[P.BetaPerHead ? head : (nint)token];
                Gemv.AddRows<S, V>(state, dv, dk, dv, k, read);
                for (nint j = 0; j < dv; j += S.Lanes)
                {
                    int n = (int)Math.Min(S.Lanes, dv - j);
                    S.StorePartial(S.Mul(S.Create(beta), S.Sub(S.LoadPartial(v + j, n), S.LoadPartial(read + j, n))), add + j, n);
                }
                v = add;
            }
            for (nint i = 0; i < dk; i++)
                AddScaled(k + i, v, state + i * dv, dv);
            nint group = (nint)(P.Heads / P.KvHeads);
            for (nint g = 0; g < group; g++)
            {
                nint query = (nint)(token * P.Heads + h * group) + g;
                Gemv.AddRows<S, V>(state, dv, dk, dv, Q + query * dk, Y + query * dv);
                AttentionSimd.Scale<S, V>(Y + query * dv, dv, P.Scale);
            }
        }

        private static void AddScaled(float* factor, float* v, float* y, nint n)
        {
            V f = S.Splat(factor);
            nint j = 0;
            for (; j + S.Lanes <= n; j += S.Lanes)
                S.Store(S.MulAdd(f, S.Load(v + j), S.Load(y + j)), y + j);
            if (j < n)
                S.StorePartial(S.MulAdd(f, S.LoadPartial(v + j, (int)(n - j)), S.LoadPartial(y + j, (int)(n - j))), y + j, (int)(n - j));
        }
    }
}
