using System.Runtime.InteropServices;
using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>
/// One input channel a group: y[m, i, j] = sum over taps of w[m, a, b] x[c, i*sh + a*dh, j*sw + b*dw], both less their zero points, summed
/// in float32, where whole numbers below 2^24 are exact.
/// </summary>
/// <remarks>
/// x [n, C, iH, iW], w [M, 1, kH, kW], y [n, M, oH, oW]. Workspace, for each worker: the padded plane with its columns sorted by their rest
/// to the stride, [pH][sw][pW/sw], so that neighbouring outputs read neighbours; a row of sums. Registers: 4 accumulators, 1 weight.
/// </remarks>
internal static unsafe class QuantizedConvDepthwise
{
    // Vectors may begin anywhere in a row of outputs and end past it.
    private const int Slack = 64;

    public static Algorithm<QuantizedConvProblem> Row { get; } = new()
    {
        Name = "depthwise",
        Source = "the definition, a vector of outputs of one row at a time",
        Needs = "one input channel a group, up to two spatial axes, at most 258 taps",
        Workspace = "a padded plane in float32 a thread",
        Supports = Supports,
        WorkspaceBytes = static r => ShapeMath.Multiply(new Plan(r.Problem, r.Target).WorkerBytes, r.Target.Threads),
        CostHint = static r => Cost(r.Problem.Geometry, r.Target),
        Error = static (_, _) => ErrorBound.Exact,
        Bind = static (r, _) => Isa.Select<Binder, PreparedKernel>(r.Target.Isa, new Binder(new Plan(r.Problem, r.Target))),
    };

    private static Applicability Supports(QuantizedConvProblem p, Target target)
    {
        ConvProblem g = p.Geometry;
        if (g.GroupInChannels != 1)
            return Applicability.No($"a group has {g.GroupInChannels} input channels, needs 1");
        if (g.SpatialRank > 2)
            return Applicability.No($"{g.SpatialRank} spatial axes, needs 1 or 2");
        // 258 * 255 * 255 < 2^24.
        if (g.Taps > 258)
            return Applicability.No($"{g.Taps} taps, needs 258 or fewer");
        if (g.N == 0 || g.OutPixels == 0)
            return Applicability.No("the output is empty");
        return Applicability.If((double)g.H.Padded * (g.W.Padded + g.W.Stride) < 1L << 40, "a padded plane is too large");
    }

    private static double Cost(ConvProblem g, Target target)
    {
        double plane = (double)g.N * g.InChannels * g.H.Padded * g.W.Padded;
        double filled = ShapeMath.CeilDiv(g.W.Out, target.Lanes) * (double)target.Lanes / g.W.Out;
        return 500 + (g.Flops * filled * 2.5 / target.FlopsPerNanosecond + plane * (g.W.Stride == 1 ? 0.2 : 1) + g.N * g.OutChannels * (double)g.OutPixels * 0.15) / target.Threads;
    }

    private readonly struct Binder(Plan plan) : IIsaFunc<PreparedKernel>
    {
        public PreparedKernel Create<S, V>() where S : struct, ISimd<V> where V : unmanaged => new Kernel<S, V>(plan);
    }

    private sealed class Plan
    {
        public Plan(QuantizedConvProblem p, Target target)
        {
            Problem = p;
            ConvProblem g = p.Geometry;
            Phase = (nint)ShapeMath.CeilDiv(g.W.Padded, g.W.Stride);
            RowStride = Phase * (nint)g.W.Stride;
            SumsAt = ShapeMath.RoundUp(ShapeMath.Product([sizeof(float), g.H.Padded, RowStride]) + sizeof(float) * Slack, NativeBuffer.Alignment);
            WorkerBytes = ShapeMath.Add(SumsAt, ShapeMath.Multiply(sizeof(int), ShapeMath.RoundUp(g.W.Out + Slack, 16)));
        }

        public QuantizedConvProblem Problem { get; }

        /// <summary>Columns of one rest.</summary>
        public nint Phase { get; }

        public nint RowStride { get; }

        public long SumsAt { get; }

        public long WorkerBytes { get; }
    }

    private sealed class Kernel<S, V>(Plan plan) : PreparedKernel where S : struct, ISimd<V> where V : unmanaged
    {
        private readonly RowPanels _planes = ParallelUnits.Of(ShapeMath.Multiply(plan.Problem.Geometry.N, plan.Problem.Geometry.InChannels));

        public override void Run(in KernelArgs args)
        {
            QuantizedConvProblem p = plan.Problem;
            var body = new Body<S, V>
            {
                Plan = plan,
                Units = _planes,
                X = (byte*)args.Inputs[0],
                XZero = QuantizedConvOutput.XZero(p, args),
                W = (byte*)args.Inputs[p.W],
                WZeros = QuantizedConvOutput.WZeros(p, args),
                Y = (byte*)args.Outputs[0],
                Scratch = (byte*)args.Workspace,
                Finish = QuantizedConvOutput.Finish(p, args),
            };
            args.Workers.For((int)_planes.Count, ref body);
        }
    }

    private struct Body<S, V> : IParallelBody where S : struct, ISimd<V> where V : unmanaged
    {
        public Plan Plan;
        public RowPanels Units;
        public byte* X, W, WZeros, Y, Scratch;
        public int XZero;
        public SumsToOutput Finish;

        public readonly void Run(int begin, int end, int worker)
        {
            ConvProblem g = Plan.Problem.Geometry;
            var plane = (float*)(Scratch + worker * (nint)Plan.WorkerBytes);
            var sums = (int*)((byte*)plane + Plan.SumsAt);
            float* weights = stackalloc float[258];
            nint* offsets = stackalloc nint[258];
            int taps = Offsets(offsets);
            bool signed = Plan.Problem.Operand(Plan.Problem.W).Type == DType.Int8;
            nint multiplier = (nint)g.GroupOutChannels;
            for (long unit = Units.Start(begin); unit < Units.Start(end); unit++)
            {
                Spread(X + (nint)unit * (nint)g.InPixels, plane);
                (long n, long c) = Math.DivRem(unit, g.InChannels);
                for (nint j = 0; j < multiplier; j++)
                {
                    nint m = (nint)c * multiplier + j;
                    int zero = QuantizedConvOutput.WZero(Plan.Problem, WZeros, m);
                    for (int t = 0; t < taps; t++)
                        weights[t] = (signed ? (sbyte)W[m * taps + t] : W[m * taps + t]) - zero;
                    byte* y = Y + ((nint)n * (nint)g.OutChannels + m) * (nint)g.OutPixels * Finish.ElementSize;
                    for (nint oh = 0; oh < g.H.Out; oh++, y += (nint)g.W.Out * Finish.ElementSize)
                    {
                        Sum(plane + oh * (nint)g.H.Stride * Plan.RowStride, offsets, weights, taps, (nint)g.W.Out, (float*)sums);
                        Finish.Row<S, V>(sums, m, oh * (nint)g.W.Out, (nint)g.W.Out, y);
                    }
                }
            }
        }

        private readonly int Offsets(nint* offsets)
        {
            ConvProblem g = Plan.Problem.Geometry;
            int taps = 0;
            for (nint a = 0; a < g.H.Kernel; a++)
                for (nint b = 0; b < g.W.Kernel; b++)
                {
                    (nint whole, nint rest) = Math.DivRem(b * (nint)g.W.Dilation, (nint)g.W.Stride);
                    offsets[taps++] = a * (nint)g.H.Dilation * Plan.RowStride + rest * Plan.Phase + whole;
                }
            return taps;
        }

        private readonly void Spread(byte* x, float* plane)
        {
            ConvProblem g = Plan.Problem.Geometry;
            bool signed = Plan.Problem.Operand(0).Type == DType.Int8;
            nint width = (nint)g.W.In, step = (nint)g.W.Stride;
            NativeMemory.Clear(plane, (nuint)(g.H.Padded * Plan.RowStride) * sizeof(float));
            V zero = S.CreateInt(XZero);
            for (nint h = 0; h < g.H.In; h++, x += width)
            {
                float* row = plane + (h + (nint)g.H.PadBegin) * Plan.RowStride;
                nint i = 0;
                if (step == 1)
                    for (; i + S.Lanes <= width; i += S.Lanes)
                        S.Store(S.FromInt(S.SubInt(signed ? S.LoadSignedBytes(x + i) : S.LoadBytes(x + i), zero)), row + (nint)g.W.PadBegin + i);
                (nint at, nint rest) = Math.DivRem((nint)g.W.PadBegin + i, step);
                for (; i < width; i++)
                {
                    row[rest * Plan.Phase + at] = (signed ? (sbyte)x[i] : x[i]) - XZero;
                    if (++rest == step)
                        (rest, at) = (0, at + 1);
                }
            }
        }

        private static void Sum(float* x, nint* offsets, float* weights, int taps, nint count, float* sums)
        {
            nint i = 0;
            for (; i + 2 * S.Lanes < count; i += 4 * S.Lanes)
            {
                V s0 = S.Zero, s1 = S.Zero, s2 = S.Zero, s3 = S.Zero;
                for (int t = 0; t < taps; t++)
                {
                    float* p = x + offsets[t] + i;
                    V w = S.Splat(weights + t);
                    s0 = S.MulAdd(S.Load(p), w, s0);
                    s1 = S.MulAdd(S.Load(p + S.Lanes), w, s1);
                    s2 = S.MulAdd(S.Load(p + 2 * S.Lanes), w, s2);
                    s3 = S.MulAdd(S.Load(p + 3 * S.Lanes), w, s3);
                }
                S.Store(S.ToInt(s0), sums + i);
                S.Store(S.ToInt(s1), sums + i + S.Lanes);
                S.Store(S.ToInt(s2), sums + i + 2 * S.Lanes);
                S.Store(S.ToInt(s3), sums + i + 3 * S.Lanes);
            }
            for (; i < count; i += S.Lanes)
            {
                V s = S.Zero;
                for (int t = 0; t < taps; t++)
                    s = S.MulAdd(S.Load(x + offsets[t] + i), S.Splat(weights + t), s);
                S.Store(S.ToInt(s), sums + i);
            }
        }
    }
}
