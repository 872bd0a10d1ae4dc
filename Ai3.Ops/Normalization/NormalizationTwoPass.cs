using System.Runtime.CompilerServices;
using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>
/// Row normalisation by the corrected two-pass method: a first mean, then the sums of d and d^2 with d = x - mean, where the sum of d
/// corrects mean and variance (Chan, Golub and LeVeque 1983); a third pass writes. The error does not grow with the mean.
/// </summary>
/// <remarks>
/// float32; a row is segments of contiguous elements (<see cref="NormalizationRows"/>). Sums are float32 within blocks of 4096 elements, in
/// four vectors, and double between them. The mean is subtracted in two parts. Rows whose squares leave float32's range are done in double.
/// </remarks>
internal static unsafe class NormalizationTwoPass
{
    private const int Block = 4096;

    public static Applicability Supports(NormalizationProblem p, Target target) =>
        Applicability.If(p.Type == DType.Float32 && p.OutputType == DType.Float32 && p.StatisticsType == DType.Float32,
                $"element types are {p.Type.ShortName()}, {p.OutputType.ShortName()}, {p.StatisticsType.ShortName()}, needs f32")
            .And(Applicability.If(NormalizationRows.TryOf(p, out _), "a row's elements lie on more than two axes"));

    public static double CostHint(Request<NormalizationProblem> r)
    {
        NormalizationRows.TryOf(r.Problem, out NormalizationRows? rows);
        double segments = (double)r.Problem.Rows * rows!.Outer.Dim;
        double vectors = segments * Math.Ceiling((double)rows.Inner.Dim / r.Target.Lanes);
        return 100 + (vectors * 1.2 + segments * 12 + r.Problem.Rows * 20.0 + r.Problem.Traffic / r.Target.BytesPerNanosecond / 4) / r.Target.Threads;
    }

    // A serial chain is a block's share of one accumulator; the tree over accumulators and lanes adds up to 6, the last pass 6.
    public static ErrorBound Error(NormalizationProblem p, Target target) =>
        ErrorBound.Relative(Math.Min(Block, p.Length) / (4.0 * target.Lanes) + 16);

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
            double count = (double)Segments * Length, mean = 0, total = 0, sum = 0;
            if (Statistics.Centers)
            {
                total = Sum<Plain>(x, 0).First;
                float first = (float)(total / count);
                (double deviation, double squares) = Sum<Centered>(x, first);
                mean = first + deviation / count;
                sum = Math.Max(0, squares - deviation * deviation / count);
                // NaN compares false, and must stay.
                if (double.IsNaN(squares))
                    sum = squares;
            }
            else
                sum = Statistics.SumsMagnitudes ? Sum<Magnitudes>(x, 0).First : Sum<Centered>(x, 0).Second;
            if (!Statistics.IsSafe(sum, total))
                return NormalizeInDouble(x, y, scale, bias);
            double inverse = Statistics.Inverse(sum, count);
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

        private readonly (double First, double Second) Sum<T>(float* x, float shift) where T : struct, ITerms
        {
            double first = 0, second = 0;
            for (nint s = 0; s < Segments; s++, x += Segment)
                for (nint done = 0; done < Length; done += Block)
                {
                    (float one, float two) = BlockSum<T>(x + done, Math.Min(Block, Length - done), shift);
                    first += one;
                    second += two;
                }
            return (first, second);
        }

        private static (float First, float Second) BlockSum<T>(float* x, nint n, float shift) where T : struct, ITerms
        {
            V a0 = S.Zero, a1 = S.Zero, a2 = S.Zero, a3 = S.Zero, b0 = S.Zero, b1 = S.Zero, b2 = S.Zero, b3 = S.Zero;
            V c = S.Create(shift);
            nint i = 0;
            for (; i + 4 * S.Lanes <= n; i += 4 * S.Lanes)
            {
                T.Add<S, V>(S.Load(x + i), c, ref a0, ref b0);
                T.Add<S, V>(S.Load(x + i + S.Lanes), c, ref a1, ref b1);
                T.Add<S, V>(S.Load(x + i + 2 * S.Lanes), c, ref a2, ref b2);
                T.Add<S, V>(S.Load(x + i + 3 * S.Lanes), c, ref a3, ref b3);
            }
            for (; i + S.Lanes <= n; i += S.Lanes)
                T.Add<S, V>(S.Load(x + i), c, ref a0, ref b0);
            float tail = 0, tailSquares = 0;
            for (; i < n; i++)
                T.Add<SimdScalar, float>(x[i], shift, ref tail, ref tailSquares);
            return (S.Sum(S.Add(S.Add(a0, a1), S.Add(a2, a3))) + tail, S.Sum(S.Add(S.Add(b0, b1), S.Add(b2, b3))) + tailSquares);
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

    /// <summary>What one pass adds up of each element.</summary>
    private interface ITerms
    {
        static abstract void Add<S, V>(V x, V shift, ref V first, ref V second) where S : struct, ISimd<V> where V : unmanaged;
    }

    private readonly struct Plain : ITerms
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static void Add<S, V>(V x, V shift, ref V first, ref V second) where S : struct, ISimd<V> where V : unmanaged => first = S.Add(first, x);
    }

    private readonly struct Magnitudes : ITerms
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static void Add<S, V>(V x, V shift, ref V first, ref V second) where S : struct, ISimd<V> where V : unmanaged => first = S.Add(first, S.Abs(x));
    }

    private readonly struct Centered : ITerms
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static void Add<S, V>(V x, V shift, ref V first, ref V second) where S : struct, ISimd<V> where V : unmanaged
        {
            V d = S.Sub(x, shift);
            first = S.Add(first, d);
            second = S.MulAdd(d, d, second);
        }
    }
}
