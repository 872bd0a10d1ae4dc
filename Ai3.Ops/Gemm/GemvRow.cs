using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>
/// The <c>gemv</c> row: a product whose result is one row (M = 1) or one column (N = 1). The matrix is read once, where it is;
/// bound by memory, so nothing is packed.
/// </summary>
/// <remarks>
/// With the sum along the matrix's rows in memory (B transposed, or A as it is) each result is a dot product; otherwise rows are
/// scaled and added, a chunk of columns at a time that stays in L1. Then y = F(alpha y + beta C + residual).
/// </remarks>
internal static unsafe class GemvRow
{
    private const int ChunkOfColumns = 4096;
    private const int Grain = 64;

    public static Algorithm<GemmProblem> Row { get; } = new()
    {
        Name = "gemv",
        Source = "matrix-vector product, streaming",
        Needs = "float32; M = 1 or N = 1",
        Supports = Supports,
        Fuses = static (_, _) => FusedParts.AnyActivation | FusedParts.Residual,
        CostHint = static r =>
        {
            double threads = Math.Min(r.Target.Threads, 1 + r.Problem.ShapeY.Count / (4 * Grain));
            return 100 + Math.Max(r.Problem.Flops * 4 / r.Target.FlopsPerNanosecond / threads, r.Problem.Traffic / r.Target.BytesPerNanosecond);
        },
        Error = static (p, t) => ErrorBound.PerElement(SumsAlongRows(p)
            ? p.K / (2.0 * t.Lanes) + Math.Log2(t.Lanes) + 8 : (double)p.K / Gemv.RowsAtOnce + 2 * Gemv.RowsAtOnce + 6),
        Bind = static (r, _) => Isa.Select<Factory, PreparedKernel>(r.Target.Isa, new Factory(r)),
    };

    private static Applicability Supports(GemmProblem p, Target target) =>
        Applicability.If(p.Type == DType.Float32, $"operands are {p.Type.ShortName()}, needs f32")
            .And(Applicability.If(p.ShapeY.Count > 0 && p.K > 0, "an operand is empty"))
            .And(Applicability.If(IsVector(p), $"M is {p.M} and N is {p.N}, needs one of them to be 1"))
            .And(Applicability.If(!p.Fusion.Prologue, "has a prologue"));

    // Rows of several products may have become rows of one, which is no longer a vector.
    private static bool IsVector(GemmProblem p) => (p.M == 1 || p.N == 1) && new GemmGeometry(p) is { } g && (g.M == 1 || g.N == 1);

    private static bool SumsAlongRows(GemmProblem p) => p.M == 1 && new GemmGeometry(p).M == 1 ? p.TransB || p.N == 1 : !p.TransA;

    private readonly struct Factory(Request<GemmProblem> request) : IIsaFunc<PreparedKernel>
    {
        private readonly Request<GemmProblem> _request = request;

        public PreparedKernel Create<S, V>() where S : struct, ISimd<V> where V : unmanaged =>
            new Kernel<S, V>(_request.Problem, ActivationStrip.Of(_request.Problem.Fusion.Activation, _request.Target.Isa));
    }

    private sealed class Kernel<S, V> : PreparedKernel where S : struct, ISimd<V> where V : unmanaged
    {
        private readonly GemmProblem _problem;
        private readonly GemmGeometry _geometry;
        private readonly bool _matrixIsB;
        private readonly bool _alongRows;
        private readonly long _length;
        private readonly long _grains;
        private readonly RowPanels _units;
        private readonly ActivationStrip _activation;

        public Kernel(GemmProblem problem, ActivationStrip activation)
        {
            _problem = problem;
            _activation = activation;
            _geometry = new GemmGeometry(problem);
            _matrixIsB = _geometry.M == 1;
            _alongRows = SumsAlongRows(problem);
            _length = _matrixIsB ? _geometry.N : _geometry.M;
            _grains = ShapeMath.CeilDiv(_length, Grain);
            _units = ParallelUnits.Of(_geometry.Batches * _grains);
        }

        public override void Run(in KernelArgs args)
        {
            var body = new Body(this, args);
            args.Workers.For((int)_units.Count, ref body);
        }

        private readonly struct Body(Kernel<S, V> kernel, in KernelArgs args) : IParallelBody
        {
            private readonly Kernel<S, V> _kernel = kernel;
            private readonly float* _a = (float*)args.Inputs[0];
            private readonly float* _b = (float*)args.Inputs[1];
            private readonly float* _c = (float*)args.Inputs[2];
            private readonly float* _residual = kernel._problem.Fusion.Residual ? (float*)args.Inputs[3] : null;
            private readonly float* _y = (float*)args.Outputs[0];

            public void Run(int begin, int end, int worker)
            {
                Kernel<S, V> k = _kernel;
                long grain = k._units.Start(begin), last = k._units.Start(end);
                while (grain < last)
                {
                    (long batch, long first) = Math.DivRem(grain, k._grains);
                    long count = Math.Min(last - grain, k._grains - first);
                    Part(batch, first * Grain, Math.Min(k._length, (first + count) * Grain));
                    grain += count;
                }
            }

            private void Part(long batch, long begin, long end)
            {
                Kernel<S, V> k = _kernel;
                (long offsetA, long matrixB) = k._geometry.Of(batch);
                float* a = _a + (nint)offsetA, b = _b + (nint)(matrixB * k._geometry.K * k._geometry.N);
                float* matrix = k._matrixIsB ? b : a, x = k._matrixIsB ? a : b;
                long stride = k._matrixIsB ? k._geometry.RowB : k._geometry.RowA;
                float* y = _y + (nint)(batch * k._length);
                for (long at = begin; at < end; at += ChunkOfColumns)
                {
                    long count = Math.Min(ChunkOfColumns, end - at);
                    if (k._alongRows)
                        Gemv.Dot<S, V>(matrix + (nint)(at * stride), (nint)stride, count, k._geometry.K, x, y + at);
                    else
                        Gemv.AddRows<S, V>(matrix + at, (nint)stride, k._geometry.K, count, x, y + at);
                    Finish(y + at, count, at, _residual == null ? null : _residual + (nint)(batch * k._length) + at);
                    k._activation.Apply(y + at, 1, 0, (nint)count);
                }
            }

            private void Finish(float* y, long count, long at, float* residual)
            {
                GemmProblem p = _kernel._problem;
                bool perResult = p.Bias == GemmBias.Matrix || p.Bias == (_kernel._matrixIsB ? GemmBias.Column : GemmBias.Row);
                bool clamp = p.Fusion.Activation is { IsClamp: true, Kind: not ActivationKind.None };
                if (p.Alpha == 1 && _c == null && residual == null && !clamp)
                    return;
                V alpha = S.Create(p.Alpha), beta = S.Create(p.Beta), low = S.Create(p.Fusion.Activation.Low), high = S.Create(p.Fusion.Activation.High);
                for (nint i = 0; i < count; i += S.Lanes)
                {
                    int n = (int)Math.Min(S.Lanes, count - i);
                    V v = S.Mul(alpha, S.LoadPartial(y + i, n));
                    if (_c != null)
                        v = S.MulAdd(beta, perResult ? S.LoadPartial(_c + (nint)at + i, n) : S.Splat(_c), v);
                    if (residual != null)
                        v = S.Add(v, S.LoadPartial(residual + i, n));
                    S.StorePartial(clamp ? S.Min(high, S.Max(low, v)) : v, y + i, n);
                }
            }
        }
    }
}
