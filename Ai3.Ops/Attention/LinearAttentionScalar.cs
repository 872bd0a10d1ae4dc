using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>The recurrence in double, any element type. Scratch of a thread: the state [dk, dv], then a row [dv].</summary>
internal static unsafe class LinearAttentionScalar
{
    public static long ScratchBytes(LinearAttentionProblem p) =>
        ShapeMath.RoundUp(ShapeMath.Multiply(ShapeMath.Multiply(p.KeySize + 1, p.ValueSize), sizeof(double)), NativeBuffer.Alignment);

    public static PreparedKernel Bind(LinearAttentionProblem p) => ElementTypes.Select<Binder, PreparedKernel>(p.Type, new Binder(p));

    private readonly struct Binder(LinearAttentionProblem p) : IElementFunc<PreparedKernel>
    {
        public PreparedKernel Create<E>() where E : struct, IElement => new Kernel<E>(p);
    }

    private sealed class Kernel<E>(LinearAttentionProblem p) : PreparedKernel where E : struct, IElement
    {
        public override void Run(in KernelArgs args)
        {
            var body = new Body<E>
            {
                P = p,
                Q = (void*)args.Inputs[0],
                K = (void*)args.Inputs[1],
                V = (void*)args.Inputs[2],
                Past = (void*)args.Inputs[3],
                Decay = (void*)args.Inputs[4],
                Beta = (void*)args.Inputs[5],
                Y = (void*)args.Outputs[0],
                Present = args.Outputs.Length > 1 ? (void*)args.Outputs[1] : null,
                Scratch = args.Workspace,
                ScratchPerThread = (nint)ScratchBytes(p),
                Split = new RowSplit(p.Batch * p.KvHeads),
            };
            args.Workers.For(body.Split.Items, ref body);
        }
    }

    // One item a (batch, key head).
    private struct Body<E> : IParallelBody where E : struct, IElement
    {
        public LinearAttentionProblem P;
        public void* Q;
        public void* K;
        public void* V;
        public void* Past;
        public void* Decay;
        public void* Beta;
        public void* Y;
        public void* Present;
        public nint Scratch;
        public nint ScratchPerThread;
        public RowSplit Split;

        public readonly void Run(int begin, int end, int worker)
        {
            double* state = (double*)(Scratch + worker * ScratchPerThread), row = state + (nint)(P.KeySize * P.ValueSize);
            long count = P.KeySize * P.ValueSize;
            for (long item = Split.Begin(begin); item < Split.End(end); item++)
            {
                (long b, long h) = Math.DivRem(item, P.KvHeads);
                for (long i = 0; i < count; i++)
                    state[i] = Past == null ? 0 : ElementAccess.Read(Past, P.StateType, item * count + i);
                for (long t = 0; t < P.Tokens; t++)
                    Token(b * P.Tokens + t, h, state, row);
                for (long i = 0; Present != null && i < count; i++)
                    ElementAccess.Write(Present, P.StateType, item * count + i, state[i]);
            }
        }

        private readonly void Token(long token, long h, double* state, double* row)
        {
            nint dk = (nint)P.KeySize, dv = (nint)P.ValueSize, head = (nint)(token * P.KvHeads + h), k = head * dk, v = head * dv;
            double beta = !P.Delta ? 1 : E.Load(Beta, P.BetaPerHead ? head : (nint)token);
            for (nint j = 0; j < dv; j++)
                row[j] = E.Load(V, v + j);
            for (nint i = 0; i < dk; i++)
            {
                double key = E.Load(K, k + i), factor = P.Gated ? Math.Exp(E.Load(Decay, P.DecayPerKey ? k + i : head)) : 1;
                for (nint j = 0; j < dv; j++)
                {
                    state[i * dv + j] *= factor;
                    if (P.Delta)
                        row[j] -= state[i * dv + j] * key;
                }
            }
            for (nint i = 0; i < dk; i++)
            {
                double key = E.Load(K, k + i) * beta;
                for (nint j = 0; j < dv; j++)
                    state[i * dv + j] += key * row[j];
            }
            nint group = (nint)(P.Heads / P.KvHeads);
            for (nint g = 0; g < group; g++)
            {
                nint query = (nint)(token * P.Heads + h * group) + g;
                new Span<double>(row, (int)dv).Clear();
                for (nint i = 0; i < dk; i++)
                {
                    double x = E.Load(Q, query * dk + i);
                    for (nint j = 0; j < dv; j++)
                        row[j] += x * state[i * dv + j];
                }
                for (nint j = 0; j < dv; j++)
                    E.Store(Y, query * dv + j, P.Scale * row[j]);
            }
        }
    }
}
