using System.Runtime.CompilerServices;
using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>What one way of taking a row's statistics is.</summary>
internal unsafe interface IRowMoments
{
    /// <summary>The sum of squared differences from the mean and the mean, for statistics that centre; else 0 and the sum of squares or magnitudes.</summary>
    /// <param name="statistics">What is wanted.</param>
    /// <param name="row">The row.</param>
    /// <param name="total">The sum that the mean comes from; 0 where there is none.</param>
    static abstract (double Mean, double Sum) Of<S, V>(RowStatistics statistics, RowSegments row, out double total) where S : struct, ISimd<V> where V : unmanaged;
}

/// <summary>A row: <paramref name="Segments"/> runs of <paramref name="Length"/> contiguous elements, <paramref name="Stride"/> apart.</summary>
internal readonly unsafe record struct RowSegments(nint X, nint Segments, nint Stride, nint Length)
{
    public double Count => (double)Segments * Length;

    public float* Segment(nint index) => (float*)X + index * Stride;

    /// <summary>n elements of a segment as a row.</summary>
    public RowSegments Part(nint segment, nint first, nint n) => new((nint)(Segment(segment) + first), 1, 0, n);
}

/// <summary>
/// Runs a row normalisation in float32: statistics by <typeparamref name="M"/>, then a pass that writes, the mean subtracted in two parts. Rows whose
/// squares leave float32's range are done in double. Rows are segments of contiguous elements (<see cref="NormalizationRows"/>).
/// </summary>
internal static unsafe class NormalizationDriver<M> where M : struct, IRowMoments
{
    public static Applicability Supports(NormalizationProblem p, Target target) =>
        Applicability.If(p.Type == DType.Float32 && p.OutputType == DType.Float32 && p.StatisticsType == DType.Float32,
                $"element types are {p.Type.ShortName()}, {p.OutputType.ShortName()}, {p.StatisticsType.ShortName()}, needs f32")
            .And(Applicability.If(NormalizationRows.TryOf(p, out _), "a row's elements lie on more than two axes"));

    public static PreparedKernel Bind(Request<NormalizationProblem> r, PackedConstants? packed) =>
        Isa.Select<Binder, PreparedKernel>(r.Target.Isa, new Binder(r.Problem));

    private readonly struct Binder(NormalizationProblem p) : IIsaFunc<PreparedKernel>
    {
        public PreparedKernel Create<S, V>() where S : struct, ISimd<V> where V : unmanaged => new Kernel<S, V>(p);
    }

    private sealed class Kernel<S, V> : PreparedKernel where S : struct, ISimd<V> where V : unmanaged
    {
        private readonly NormalizationRows _layout;
        private readonly RowStatistics _statistics;
        private readonly long _rows;
        private readonly int _mean;
        private readonly int _inverse;

        public Kernel(NormalizationProblem p)
        {
            NormalizationRows.TryOf(p, out NormalizationRows? layout);
            _layout = layout!;
            _statistics = RowStatistics.Of(p);
            _rows = p.Rows;
            _mean = p.MeanOutput;
            _inverse = p.InverseOutput;
        }

        public override void Run(in KernelArgs args)
        {
            var body = new Body<S, V>
            {
                Layout = _layout,
                Statistics = _statistics,
                Segments = (nint)_layout.Outer.Dim,
                Segment = (nint)_layout.Outer.Stride,
                Length = (nint)_layout.Inner.Dim,
                X = (float*)args.Inputs[0],
                Scale = (float*)args.Inputs[1],
                Bias = (float*)args.Inputs[2],
                Y = (float*)args.Outputs[0],
                Mean = _mean >= 0 && args.Outputs.Length > _mean ? (float*)args.Outputs[_mean] : null,
                Inverse = args.Outputs.Length > _inverse ? (float*)args.Outputs[_inverse] : null,
                Split = new RowSplit(_rows),
            };
            args.Workers.For(body.Split.Items, ref body);
        }
    }

    private struct Body<S, V> : IParallelBody where S : struct, ISimd<V> where V : unmanaged
    {
        public NormalizationRows Layout;
        public RowStatistics Statistics;
        public nint Segments;
        public nint Segment;
        public nint Length;
        public float* X;
        public float* Scale;
        public float* Bias;
        public float* Y;
        public float* Mean;
        public float* Inverse;
        public RowSplit Split;

        public void Run(int begin, int end, int worker)
        {
            for (long row = Split.Begin(begin); row < Split.End(end); row++)
            {
                (nint at, nint scale, nint bias) = Layout.Base(row);
                (double mean, double inverse) = Normalize(X + at, Y + at, Scale == null ? null : Scale + scale, Bias == null ? null : Bias + bias);
                if (Mean != null)
                    Mean[row] = (float)mean;
                if (Inverse != null)
                    Inverse[row] = (float)inverse;
            }
        }

        private readonly (double Mean, double Inverse) Normalize(float* x, float* y, float* scale, float* bias)
        {
            var row = new RowSegments((nint)x, Segments, Segment, Length);
            (double mean, double sum) = M.Of<S, V>(Statistics, row, out double total);
            if (!Statistics.IsSafe(sum, total))
                return NormalizeInDouble(x, y, scale, bias);
            double inverse = Statistics.Inverse(sum, row.Count);
            float high = (float)mean, low = (float)(mean - high);
            for (nint s = 0; s < Segments; s++)
            {
                Write(x, y, high, low, (float)inverse, scale, bias);
                x += Segment;
                y += Segment;
                scale = scale == null ? null : scale + (nint)Layout.Outer.Scale;
                bias = bias == null ? null : bias + (nint)Layout.Outer.Bias;
            }
            return (mean, inverse);
        }

        // y = (x - high - low) * inverse * scale + bias along one segment.
        private readonly void Write(float* x, float* y, float high, float low, float inverse, float* scale, float* bias)
        {
            V h = S.Create(high), l = S.Create(low), v = S.Create(inverse);
            bool scales = scale != null && Layout.Inner.Scale != 0, biases = bias != null && Layout.Inner.Bias != 0;
            V fixedScale = S.Create(scale == null || scales ? 1 : *scale), fixedBias = S.Create(bias == null || biases ? 0 : *bias);
            nint i = 0;
            for (; i + S.Lanes <= Length; i += S.Lanes)
            {
                V d = S.Mul(S.Sub(S.Sub(S.Load(x + i), h), l), v);
                S.Store(S.MulAdd(d, scales ? S.Load(scale + i) : fixedScale, biases ? S.Load(bias + i) : fixedBias), y + i);
            }
            if (i == Length)
                return;
            int n = (int)(Length - i);
            V last = S.Mul(S.Sub(S.Sub(S.LoadPartial(x + i, n), h), l), v);
            V lastScale = scales ? S.LoadPartial(scale + i, n) : fixedScale, lastBias = biases ? S.LoadPartial(bias + i, n) : fixedBias;
            S.StorePartial(S.MulAdd(last, lastScale, lastBias), y + i, n);
        }

        [MethodImpl(MethodImplOptions.NoInlining)]
        private readonly (double Mean, double Inverse) NormalizeInDouble(float* x, float* y, float* scale, float* bias) =>
            RowInDouble.Normalize<Float32Element>(Statistics, new RowInDouble.Shape(Layout.Outer, Layout.Inner), x, y, 0, scale, 0, bias, 0);
    }
}
