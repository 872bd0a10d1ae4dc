using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>
/// The corrected two-pass method on rows that lie beside each other, a lane for each: element i of neighbouring rows is contiguous.
/// Row-major tensors reduced along an axis that is not the last, and InstanceNormalization on channel blocks.
/// </summary>
/// <remarks>
/// x [groups, length, columns], float32. A column's sum is serial within 256 elements and again between such blocks. Groups of lanes in which
/// a square leaves float32's range are done in double.
/// </remarks>
internal static unsafe class NormalizationStrided
{
    private const int Block = 256;

    public static Applicability Supports(NormalizationProblem p, Target target)
    {
        if (p.Type != DType.Float32 || p.OutputType != DType.Float32)
            return Applicability.No($"element types are {p.Type.ShortName()}, {p.OutputType.ShortName()}, needs f32");
        if (p.GivesMean || p.GivesInverse)
            return Applicability.No("statistics are wanted");
        if (IsBlocked(p))
            return Applicability.Yes;
        if (p.Scale is not null || p.Bias is not null)
            return Applicability.No("has scale or bias");
        return Applicability.If(NormalizationRows.TryOf(p, out NormalizationRows? rows) && rows.LastKept.Stride == 1 && rows.Inner.Dim == 1 && rows.Outer.Stride > 1,
            "rows do not lie beside each other");
    }

    public static ImmutableArray<FormatChoice> Formats(NormalizationProblem p, Target target) =>
        IsBlocked(p) ? [FormatChoice.Uniform(Format.Blocked(target.ChannelBlock), 1)] : FormatChoice.PlainOnly;

    public static double CostHint(Request<NormalizationProblem> r)
    {
        Columns c = Columns.Of(r);
        double vectors = c.Groups * (double)c.Length * Math.Ceiling((double)c.Width / r.Target.Lanes);
        return 100 + (vectors * 4 + c.Groups * 30.0 + r.Problem.Traffic / r.Target.BytesPerNanosecond / 4) / r.Target.Threads;
    }

    public static ErrorBound Error(NormalizationProblem p, Target target) =>
        ErrorBound.Relative(Math.Min(Block, p.Length) + p.Length / Block + 16);

    public static PreparedKernel Bind(Request<NormalizationProblem> r, PackedConstants? packed) => Isa.Select<Binder, PreparedKernel>(r.Target.Isa, new Binder(r));

    private static bool IsBlocked(NormalizationProblem p) => p.Kind == NormalizationKind.Instance && p.Shape.Rank > 2;

    /// <summary>The tensor as [groups, length, width]; width is the channels of a block where it is blocked.</summary>
    private readonly record struct Columns(long Groups, long Length, long Width)
    {
        public static Columns Of(Request<NormalizationProblem> r)
        {
            NormalizationProblem p = r.Problem;
            if (IsBlocked(p))
                return new Columns(p.View[0] * ShapeMath.CeilDiv(p.View[1], r.Target.ChannelBlock), p.View[2], r.Target.ChannelBlock);
            NormalizationRows.TryOf(p, out NormalizationRows? rows);
            long width = rows!.Outer.Stride, length = rows.Outer.Dim;
            return new Columns(p.Shape.Count == 0 ? 0 : p.Shape.Count / (width * length), length, width);
        }
    }

    private readonly struct Binder(Request<NormalizationProblem> r) : IIsaFunc<PreparedKernel>
    {
        public PreparedKernel Create<S, V>() where S : struct, ISimd<V> where V : unmanaged =>
            new Kernel<S, V>(Columns.Of(r), RowStatistics.Of(r.Problem), IsBlocked(r.Problem) ? r.Problem.View[1] : 0);
    }

    private sealed class Kernel<S, V>(Columns columns, RowStatistics statistics, long channels) : PreparedKernel where S : struct, ISimd<V> where V : unmanaged
    {
        private readonly long _vectors = ShapeMath.CeilDiv(columns.Width, S.Lanes);

        public override void Run(in KernelArgs args)
        {
            var body = new Body<S, V>
            {
                Statistics = statistics,
                Length = (nint)columns.Length,
                Width = (nint)columns.Width,
                Channels = (nint)channels,
                Vectors = (nint)_vectors,
                X = (float*)args.Inputs[0],
                Scale = (float*)args.Inputs[1],
                Bias = (float*)args.Inputs[2],
                Y = (float*)args.Outputs[0],
                Split = new RowSplit(columns.Groups * _vectors),
            };
            args.Workers.For(body.Split.Items, ref body);
        }
    }

    private struct Body<S, V> : IParallelBody where S : struct, ISimd<V> where V : unmanaged
    {
        public RowStatistics Statistics;
        public nint Length;
        public nint Width;

        // Of the whole tensor, where channels are blocked; otherwise 0.
        public nint Channels;
        public nint Vectors;
        public float* X;
        public float* Scale;
        public float* Bias;
        public float* Y;
        public RowSplit Split;

        public void Run(int begin, int end, int worker)
        {
            float* sums = stackalloc float[32];
            for (long item = Split.Begin(begin); item < Split.End(end); item++)
            {
                nint group = (nint)(item / Vectors), column = (nint)(item % Vectors) * S.Lanes;
                nint at = group * Length * Width + column;
                int lanes = (int)Math.Min(S.Lanes, Width - column);
                if (Channels == 0)
                {
                    Normalize(X + at, Y + at, lanes, lanes, S.Create(1), S.Zero, null, null, sums);
                    continue;
                }
                nint channel = group % ((Channels + Width - 1) / Width) * Width + column;
                int valid = (int)Math.Clamp(Channels - channel, 0, lanes);
                V scale = valid == 0 ? S.Zero : S.LoadPartial(Scale + channel, valid), bias = valid == 0 ? S.Zero : S.LoadPartial(Bias + channel, valid);
                Normalize(X + at, Y + at, lanes, valid, scale, bias, Scale + channel, Bias + channel, sums);
            }
        }

        private readonly void Normalize(float* x, float* y, int lanes, int valid, V scale, V bias, float* laneScale, float* laneBias, float* sums)
        {
            V count = S.Create(Length), total = S.Zero, mean = S.Zero, correction = S.Zero, sum;
            if (Statistics.Centers)
            {
                total = Sum(x, lanes, S.Zero, squares: false, out _);
                mean = S.Div(total, count);
                V deviation = Sum(x, lanes, mean, squares: true, out V squares);
                correction = S.Div(deviation, count);
                sum = S.NegMulAdd(deviation, correction, squares);
                sum = S.Max(S.Zero, sum);
            }
            else
            {
                V magnitudes = Sum(x, lanes, S.Zero, squares: !Statistics.SumsMagnitudes, out V squares);
                sum = Statistics.SumsMagnitudes ? magnitudes : squares;
            }
            S.Store(sum, sums);
            S.Store(total, sums + 16);
            for (int lane = 0; lane < lanes; lane++)
            {
                if (!Statistics.IsSafe(sums[lane], sums[16 + lane]))
                {
                    NormalizeInDouble(x, y, lanes, valid, laneScale, laneBias);
                    return;
                }
                sums[lane] = (float)Statistics.Inverse(sums[lane], Length);
            }
            V inverse = S.Load(sums);
            for (nint i = 0; i < Length; i++, x += Width, y += Width)
            {
                V d = S.Mul(S.Sub(S.Sub(Load(x, lanes), mean), correction), inverse);
                d = S.MulAdd(d, scale, bias);
                if (lanes == S.Lanes)
                    S.Store(d, y);
                else
                    S.StorePartial(d, y, lanes);
            }
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private static V Load(float* x, int lanes) => lanes == S.Lanes ? S.Load(x) : S.LoadPartial(x, lanes);

        // The sums of d (or, without a mean and squares, of |d|) and of d^2, with d = x - shift.
        private readonly V Sum(float* x, int lanes, V shift, bool squares, out V squareSum)
        {
            V total = S.Zero, totalSquares = S.Zero;
            bool magnitudes = Statistics.SumsMagnitudes;
            for (nint done = 0; done < Length; done += Block)
            {
                V part = S.Zero, partSquares = S.Zero;
                for (nint end = Math.Min(done + Block, Length), i = done; i < end; i++, x += Width)
                {
                    V d = S.Sub(Load(x, lanes), shift);
                    part = S.Add(part, magnitudes ? S.Abs(d) : d);
                    if (squares)
                        partSquares = S.MulAdd(d, d, partSquares);
                }
                total = S.Add(total, part);
                totalSquares = S.Add(totalSquares, partSquares);
            }
            squareSum = totalSquares;
            return total;
        }

        [MethodImpl(MethodImplOptions.NoInlining)]
        private readonly void NormalizeInDouble(float* x, float* y, int lanes, int valid, float* scale, float* bias)
        {
            var shape = new RowInDouble.Shape(new RowAxis(Length, Width, 0, 0), new RowAxis(1, 1, 0, 0));
            for (int lane = 0; lane < lanes; lane++)
                if (lane < valid)
                    RowInDouble.Normalize<Float32Element>(Statistics, shape, x, y, lane, scale, lane, bias, lane);
                else
                    for (nint i = 0; i < Length; i++)
                        y[i * Width + lane] = 0;
        }
    }
}
