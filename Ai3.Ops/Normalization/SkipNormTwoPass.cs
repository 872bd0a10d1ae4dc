namespace Ai3.Ops;

/// <summary>
/// Adds a row into the output of sums (or into y) and normalises it from there, while it is in L1; <see cref="RowNorm"/> does the rest.
/// </summary>
internal static unsafe class SkipNormTwoPass
{
    internal readonly struct Binder(SkipNormProblem p) : IIsaFunc<PreparedKernel>
    {
        public PreparedKernel Create<S, V>() where S : struct, ISimd<V> where V : unmanaged => new Kernel<S, V>(p);
    }

    private sealed class Kernel<S, V>(SkipNormProblem p) : PreparedKernel where S : struct, ISimd<V> where V : unmanaged
    {
        private readonly nint _length = (nint)p.Length;
        private readonly long _rows = p.Rows;
        private readonly long _skipRows = p.SkipRows;

        public override void Run(in KernelArgs args)
        {
            var body = new Body<S, V>
            {
                Statistics = new RowStatistics(p.Kind, p.Epsilon),
                Length = _length,
                SkipRows = _skipRows,
                X = (float*)args.Inputs[0],
                Skip = (float*)args.Inputs[1],
                Gamma = (float*)args.Inputs[2],
                Beta = p.BetaInput < 0 ? null : (float*)args.Inputs[p.BetaInput],
                Bias = p.BiasInput < 0 ? null : (float*)args.Inputs[p.BiasInput],
                Y = (float*)args.Outputs[0],
                Mean = args.Outputs.Length > 1 ? (float*)args.Outputs[1] : null,
                Inverse = args.Outputs.Length > 2 ? (float*)args.Outputs[2] : null,
                Sum = args.Outputs.Length > 3 ? (float*)args.Outputs[3] : null,
                Split = new RowSplit(_rows),
            };
            args.Workers.For(body.Split.Items, ref body);
        }
    }

    private struct Body<S, V> : IParallelBody where S : struct, ISimd<V> where V : unmanaged
    {
        public RowStatistics Statistics;
        public nint Length;
        public long SkipRows;
        public float* X;
        public float* Skip;
        public float* Gamma;
        public float* Beta;
        public float* Bias;
        public float* Y;
        public float* Mean;
        public float* Inverse;
        public float* Sum;
        public RowSplit Split;

        public readonly void Run(int begin, int end, int worker)
        {
            for (long row = Split.Begin(begin); row < Split.End(end); row++)
            {
                nint at = (nint)row * Length;
                float* sum = (Sum == null ? Y : Sum) + at;
                Add(X + at, Skip + (nint)(row % SkipRows) * Length, sum);
                (double mean, double inverse) = RowNorm.Normalize<S, V>(Statistics, sum, Y + at, Length, Gamma, Beta);
                if (Mean != null)
                    Mean[row] = (float)mean;
                if (Inverse != null)
                    Inverse[row] = (float)inverse;
            }
        }

        private readonly void Add(float* x, float* skip, float* sum)
        {
            for (nint i = 0; i < Length; i += S.Lanes)
            {
                int n = (int)Math.Min(S.Lanes, Length - i);
                V v = S.Add(S.LoadPartial(x + i, n), S.LoadPartial(skip + i, n));
                S.StorePartial(Bias == null ? v : S.Add(v, S.LoadPartial(Bias + i, n)), sum + i, n);
            }
        }
    }
}
