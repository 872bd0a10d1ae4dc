using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>
/// DeformConv as a product: for some output positions at a time the samples of all channels and taps make a panel [c/group * taps][positions], which
/// the weights, row by row, are multiplied with.
/// </summary>
/// <remarks>
/// float32. The places and weights of a tap serve all channels of an offset group. A panel is four vectors wide. Workspace of each thread: the panel, and as
/// many rows of results and of biases as are multiplied at once. Items are panels of positions; Dai et al. 2017, arXiv:1703.06211.
/// </remarks>
internal static unsafe class DeformConvColumns
{
    private const int RowsAtOnce = 32;
    private const int MostCorners = 8;

    public static Algorithm<DeformConvProblem> Row { get; } = new()
    {
        Name = "columns",
        Source = "Dai et al. 2017, arXiv:1703.06211; im2col and a product of panels",
        Needs = "f32, at most 3 spatial axes",
        Workspace = "a panel of samples and some rows of results for each thread",
        Supports = Supports,
        WorkspaceBytes = static r => ShapeMath.Multiply(ThreadFloats(r.Problem, r.Target) * sizeof(float), r.Target.Threads),
        CostHint = static r => 500 + (r.Problem.Flops / (0.5 * r.Target.FlopsPerNanosecond)
            + r.Problem.N * r.Problem.Positions * r.Problem.Taps * (r.Problem.OffsetGroups * 20.0 + r.Problem.C * 4.0)) / r.Target.Threads,
        Error = static (p, _) => ErrorBound.Relative(p.Depth + 16),
        Bind = static (r, _) => Isa.Select<Binder, PreparedKernel>(r.Target.Isa, new Binder(r)),
    };

    private static Applicability Supports(DeformConvProblem p, Target target) =>
        Applicability.If(p.Type == DType.Float32, $"element type is {p.Type.ShortName()}, needs f32")
            .And(Applicability.If(p.Axes.Length <= 3, $"{p.Axes.Length} spatial axes, takes 3"))
            .And(Applicability.If(p.Depth > 0, "a sum has no terms"))
            .And(Applicability.If(p.Depth < int.MaxValue / 256 && p.N * p.Positions < int.MaxValue, "an operand is too large"));

    private static long ThreadFloats(DeformConvProblem p, Target target) => (p.Depth + 2 * RowsAtOnce) * PanelProduct.Vectors * target.Lanes;

    private readonly struct Binder(Request<DeformConvProblem> r) : IIsaFunc<PreparedKernel>
    {
        public PreparedKernel Create<S, V>() where S : struct, ISimd<V> where V : unmanaged => new Kernel<S, V>(r.Problem, ThreadFloats(r.Problem, r.Target));
    }

    private sealed class Kernel<S, V>(DeformConvProblem p, long threadFloats) : PreparedKernel where S : struct, ISimd<V> where V : unmanaged
    {
        private readonly WindowAxis[] _axes = [.. p.Axes];
        private readonly long _positions = p.Positions;
        private readonly long _panels = ShapeMath.CeilDiv(p.Positions, PanelProduct.Vectors * S.Lanes);
        private readonly long _plane = p.Axes.Aggregate(1L, (n, a) => n * a.In);
        private readonly int _taps = (int)p.Taps;
        private readonly int _depth = (int)p.Depth;

        public override void Run(in KernelArgs args)
        {
            var body = new Body
            {
                K = this,
                P = p,
                X = (float*)args.Inputs[0],
                W = (float*)args.Inputs[1],
                Offsets = (float*)args.Inputs[2],
                Bias = (float*)args.Inputs[3],
                Mask = (float*)args.Inputs[4],
                Y = (float*)args.Outputs[0],
                Scratch = (float*)args.Workspace,
                Threads = (nint)threadFloats,
            };
            args.Workers.For((int)(p.N * _panels), ref body);
        }

        private struct Body : IParallelBody
        {
            public Kernel<S, V> K;
            public DeformConvProblem P;
            public float* X, W, Offsets, Bias, Mask, Y, Scratch;
            public nint Threads;

            private static int Width => PanelProduct.Vectors * S.Lanes;

            public readonly void Run(int begin, int end, int worker)
            {
                float* panel = Scratch + worker * Threads, results = panel + (nint)K._depth * Width, biases = results + RowsAtOnce * Width;
                for (int item = begin; item < end; item++)
                {
                    (long n, long part) = Math.DivRem(item, K._panels);
                    long first = part * Width;
                    int count = (int)Math.Min(Width, K._positions - first);
                    for (long group = 0; group < P.Group; group++)
                    {
                        Sample(n, group, first, count, panel);
                        Multiply(n, group, first, count, panel, results, biases);
                    }
                }
            }

            private readonly void Multiply(long n, long group, long first, int count, float* panel, float* results, float* biases)
            {
                float** rows = stackalloc float*[RowsAtOnce];
                long perGroup = P.M / P.Group;
                for (long m = group * perGroup; m < (group + 1) * perGroup; m += RowsAtOnce)
                {
                    int rowCount = (int)Math.Min(RowsAtOnce, (group + 1) * perGroup - m);
                    for (int r = 0; r < rowCount; r++)
                    {
                        rows[r] = W + (nint)(m + r) * K._depth;
                        new Span<float>(biases + r * Width, Width).Fill(Bias == null ? 0 : Bias[(nint)m + r]);
                    }
                    PanelProduct.Run<S, V>(rowCount, rows, K._depth, panel, 1, biases, Width, results, Width);
                    for (int r = 0; r < rowCount; r++)
                        Buffer.MemoryCopy(results + r * Width, Y + (nint)((n * P.M + m + r) * K._positions + first), count * sizeof(float), count * sizeof(float));
                }
            }

            // The panel of a group: for each channel and tap the samples of the positions, zeros behind them.
            private readonly void Sample(long n, long group, long first, int count, float* panel)
            {
                long channels = P.C / P.Group, perOffset = P.C / P.OffsetGroups;
                nint* corners = stackalloc nint[MostCorners];
                double* weights = stackalloc double[MostCorners];
                if (count < Width)
                    for (nint k = 0; k < K._depth; k++)
                        new Span<float>(panel + k * Width + count, Width - count).Clear();
                for (long from = group * channels; from < (group + 1) * channels;)
                {
                    // Channels that share offsets, up to the group's end.
                    long offsetGroup = from / perOffset, to = Math.Min((group + 1) * channels, (offsetGroup + 1) * perOffset);
                    for (int tap = 0; tap < K._taps; tap++)
                        for (int i = 0; i < count; i++)
                        {
                            long at = (n * P.OffsetGroups + offsetGroup) * K._taps + tap;
                            int found = Locate(at, tap, first + i, corners, weights);
                            double mask = Mask == null ? 1 : Mask[(nint)(at * K._positions + first) + i];
                            for (long c = from; c < to; c++)
                            {
                                float* plane = X + (nint)((n * P.C + c) * K._plane);
                                double sum = 0;
                                for (int t = 0; t < found; t++)
                                    sum += weights[t] * plane[corners[t]];
                                panel[((nint)(c - group * channels) * K._taps + tap) * Width + i] = Round(found < 0 ? double.NaN : mask * sum);
                            }
                        }
                    from = to;
                }
            }

            // To single precision, but not to 0: an infinite weight times a sample that is hardly there is infinite.
            private static float Round(double sample)
            {
                var rounded = (float)sample;
                return rounded == 0 && sample != 0 ? (float)Math.CopySign(float.Epsilon, sample) : rounded;
            }

            // The samples round a tap's place and their weights; -1 if the place is NaN.
            private readonly int Locate(long at, int tap, long position, nint* corners, double* weights)
            {
                int count = 1, axes = K._axes.Length;
                bool lost = false;
                (corners[0], weights[0]) = (0, 1);
                nint stride = 1;
                long rest = position;
                for (int a = axes - 1; a >= 0; a--)
                {
                    WindowAxis axis = K._axes[a];
                    double place = rest % axis.Out * axis.Stride - axis.PadBegin + tap % axis.Kernel * axis.Dilation + (double)Offsets[(nint)((at * axes + a) * K._positions + position)];
                    rest /= axis.Out;
                    tap /= (int)axis.Kernel;
                    lost |= double.IsNaN(place);
                    int before = count;
                    count = 0;
                    if (place > -1 && place < axis.In)
                    {
                        var below = (nint)Math.Floor(place);
                        double above = place - below;
                        // Behind the ones that are there, so that none is overwritten before it is read.
                        if (above > 0 && below + 1 < axis.In)
                            for (int t = 0; t < before; t++, count++)
                                (corners[before + count], weights[before + count]) = (corners[t] + (below + 1) * stride, weights[t] * above);
                        if (below >= 0)
                            for (int t = 0; t < before; t++)
                                (corners[t], weights[t]) = (corners[t] + below * stride, weights[t] * (1 - above));
                        else
                            for (int t = 0; t < count; t++)
                                (corners[t], weights[t]) = (corners[before + t], weights[before + t]);
                        count += below >= 0 ? before : 0;
                    }
                    stride *= (nint)axis.In;
                }
                return lost ? -1 : count;
            }
        }
    }
}
