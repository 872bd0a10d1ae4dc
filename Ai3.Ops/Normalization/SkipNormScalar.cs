using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>Adds and normalises rows of any float type in double. Workspace: a row of doubles a thread.</summary>
internal static unsafe class SkipNormScalar
{
    public static long RowBytes(long length) => ShapeMath.RoundUp(ShapeMath.Multiply(length, sizeof(double)), NativeBuffer.Alignment);

    public static PreparedKernel Bind(SkipNormProblem p) => ElementTypes.Select<Binder, PreparedKernel>(p.Type, new Binder(p));

    private readonly struct Binder(SkipNormProblem p) : IElementFunc<PreparedKernel>
    {
        public PreparedKernel Create<E>() where E : struct, IElement => new Kernel<E>(p);
    }

    private sealed class Kernel<E>(SkipNormProblem p) : PreparedKernel where E : struct, IElement
    {
        private readonly nint _length = (nint)p.Length;
        private readonly long _rows = p.Rows;
        private readonly long _skipRows = p.SkipRows;

        public override void Run(in KernelArgs args)
        {
            var body = new Body<E>
            {
                Statistics = new RowStatistics(p.Kind, p.Epsilon),
                Length = _length,
                SkipRows = _skipRows,
                X = (void*)args.Inputs[0],
                Skip = (void*)args.Inputs[1],
                Gamma = (void*)args.Inputs[2],
                Beta = p.BetaInput < 0 ? null : (void*)args.Inputs[p.BetaInput],
                Bias = p.BiasInput < 0 ? null : (void*)args.Inputs[p.BiasInput],
                Y = (void*)args.Outputs[0],
                Mean = args.Outputs.Length > 1 ? (float*)args.Outputs[1] : null,
                Inverse = args.Outputs.Length > 2 ? (float*)args.Outputs[2] : null,
                Sum = args.Outputs.Length > 3 ? (void*)args.Outputs[3] : null,
                Buffers = args.Workspace,
                Split = new RowSplit(_rows),
            };
            args.Workers.For(body.Split.Items, ref body);
        }
    }

    private struct Body<E> : IParallelBody where E : struct, IElement
    {
        public RowStatistics Statistics;
        public nint Length;
        public long SkipRows;
        public void* X;
        public void* Skip;
        public void* Gamma;
        public void* Beta;
        public void* Bias;
        public void* Y;
        public float* Mean;
        public float* Inverse;
        public void* Sum;
        public nint Buffers;
        public RowSplit Split;

        public readonly void Run(int begin, int end, int worker)
        {
            double* sums = (double*)(Buffers + worker * (nint)RowBytes(Length));
            for (long row = Split.Begin(begin); row < Split.End(end); row++)
            {
                nint at = (nint)row * Length, skip = SkipRows == 0 ? 0 : (nint)(row % SkipRows) * Length;
                double mean = 0, squares = 0;
                for (nint i = 0; i < Length; i++)
                {
                    double sum = E.Load(X, at + i) + E.Load(Skip, skip + i) + (Bias == null ? 0 : E.Load(Bias, i));
                    sums[i] = sum;
                    mean += sum;
                    if (Sum != null)
                        E.Store(Sum, at + i, sum);
                }
                mean = Statistics.Centers ? mean / Length : 0;
                for (nint i = 0; i < Length; i++)
                    squares += (sums[i] - mean) * (sums[i] - mean);
                double inverse = Statistics.Inverse(squares, Length);
                for (nint i = 0; i < Length; i++)
                    E.Store(Y, at + i, (sums[i] - mean) * inverse * E.Load(Gamma, i) + (Beta == null ? 0 : E.Load(Beta, i)));
                if (Mean != null)
                    Mean[row] = (float)mean;
                if (Inverse != null)
                    Inverse[row] = (float)inverse;
            }
        }
    }
}
