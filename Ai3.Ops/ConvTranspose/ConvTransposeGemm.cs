using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>
/// A matrix product gives every product of an input pixel's channels with the weights, columns [m * taps, inD * inH * inW] = W^T x; then each
/// output row adds up the columns that belong to it (col2im). Some output channels at a time, so that columns stay in cache.
/// </summary>
/// <remarks>
/// Weights are packed as [group, m/g, taps, c/g]: constant ones once, others in each run. Workspace: packed weights if not constant, the
/// columns of one block of channels, phase rows for each thread, the product's own workspace.
/// </remarks>
internal static unsafe class ConvTransposeGemm
{
    // What the columns of a block may take, in elements: half a megabyte.
    private const long ColumnElements = 1 << 17;

    public static Applicability Supports(ConvTransposeProblem p, Target target)
    {
        Applicability verdict = Applicability.If(p.Type == DType.Float32, $"element type is {p.Type.ShortName()}, needs f32")
            .And(Applicability.If(p.N > 0 && p.GroupC > 0 && p.GroupM > 0 && p.InPlane > 0 && p.OutPlane > 0, "an operand is empty"))
            .And(ConvTransposeGeometry.Supports(p));
        return verdict.IsYes ? verdict.And(GemmBlocked.Row.Supports(Product(p, 1), target)) : verdict;
    }

    public static long WorkspaceBytes(Request<ConvTransposeProblem> r) => new Layout(r).Bytes;

    public static long PackedBytes(Request<ConvTransposeProblem> r) => r.Problem.IsConstant(1) ? sizeof(float) * WeightCount(r.Problem) : 0;

    public static double CostHint(Request<ConvTransposeProblem> r)
    {
        ConvTransposeProblem p = r.Problem;
        var layout = new Layout(r);
        double blocks = (double)p.N * p.Group * layout.Blocks;
        double columns = (double)p.N * p.M * p.Taps * p.InPlane;
        return 500 + blocks * layout.Full.CostNanoseconds
            + (columns * (0.15 + 0.6 / r.Target.Lanes) + p.Outputs[0].Shape.Count * (p.Axes[^1].Stride > 1 ? 0.8 : 0.3)
                + (p.IsConstant(1) ? 0 : WeightCount(p) * 1.0)) / r.Target.Threads;
    }

    public static ErrorBound Error(ConvTransposeProblem p, Target target) =>
        ErrorBound.PerElement(GemmBlocked.Row.Error(Product(p, p.GroupM), target).Factor + p.Terms / Math.Max(1, p.GroupC) + 2);

    public static string? PackKey(Request<ConvTransposeProblem> r) => r.Problem.IsConstant(1) ? $"convtranspose_gemm g{r.Problem.Group}" : null;

    public static PackedConstants Pack(Request<ConvTransposeProblem> r, IReadOnlyList<Tensor?> constants)
    {
        ConvTransposeProblem p = r.Problem;
        var packed = PackedConstants.Allocate(sizeof(float) * WeightCount(p));
        var body = new PackBody { From = (float*)constants[1]!.Address, To = (float*)packed.Address, C = (nint)p.GroupC, Rows = (nint)(p.GroupM * p.Taps) };
        body.Run(0, (int)p.Group, 0);
        GC.KeepAlive(constants);
        return packed;
    }

    public static PreparedKernel Bind(Request<ConvTransposeProblem> r, PackedConstants? packed) => Isa.Select<Binder, PreparedKernel>(r.Target.Isa, new Binder(r, packed));

    private static long WeightCount(ConvTransposeProblem p) => ShapeMath.Multiply(p.C, ShapeMath.Multiply(p.GroupM, p.Taps));

    // The product for some output channels of a group: [channels * taps, c] * [c, pixels].
    private static GemmProblem Product(ConvTransposeProblem p, long channels) => new()
    {
        Type = DType.Float32,
        ShapeA = [channels * p.Taps, p.GroupC],
        ShapeB = [p.GroupC, p.InPlane],
    };

    private sealed record Gemm(Request<GemmProblem> Request)
    {
        public long WorkspaceBytes => GemmBlocked.Row.WorkspaceBytes(Request);

        public double CostNanoseconds => GemmBlocked.Row.CostHint(Request);

        public static Gemm Of(ConvTransposeProblem p, long channels, Target target) => new(new Request<GemmProblem>(Product(p, channels), FormatChoice.Plain, target));
    }

    /// <summary>Blocks of output channels and the parts of the workspace, in bytes from its start.</summary>
    private sealed class Layout
    {
        public Layout(Request<ConvTransposeProblem> r)
        {
            ConvTransposeProblem p = r.Problem;
            ConvTransposeGeometry g = ConvTransposeGeometry.Of(p);
            long most = Math.Clamp(ColumnElements / Math.Max(1, ShapeMath.Multiply(p.Taps, p.InPlane)), 1, p.GroupM);
            Blocks = ShapeMath.CeilDiv(p.GroupM, most);
            Channels = ShapeMath.CeilDiv(p.GroupM, Blocks);
            Blocks = ShapeMath.CeilDiv(p.GroupM, Channels);
            Full = Gemm.Of(p, Channels, r.Target);
            Last = Gemm.Of(p, p.GroupM - (Blocks - 1) * Channels, r.Target);
            ColumnsAt = p.IsConstant(1) ? 0 : Aligned(WeightCount(p));
            PhaseRow = ShapeMath.RoundUp(g.PhaseLength, 16);
            PhasesAt = ShapeMath.Add(ColumnsAt, Aligned(ShapeMath.Multiply(Channels * p.Taps, p.InPlane)));
            GemmAt = ShapeMath.Add(PhasesAt, Aligned(ShapeMath.Multiply(r.Target.Threads * Math.Min(g.W.Stride, g.W.Out), PhaseRow)));
            Bytes = ShapeMath.Add(GemmAt, Math.Max(Full.WorkspaceBytes, Last.WorkspaceBytes));
        }

        public long Blocks { get; }

        public long Channels { get; }

        public Gemm Full { get; }

        public Gemm Last { get; }

        public long ColumnsAt { get; }

        public long PhasesAt { get; }

        public long PhaseRow { get; }

        public long GemmAt { get; }

        public long Bytes { get; }

        private static long Aligned(long elements) => ShapeMath.RoundUp(ShapeMath.Multiply(elements, sizeof(float)), NativeBuffer.Alignment);
    }

    private readonly struct Binder(Request<ConvTransposeProblem> r, PackedConstants? packed) : IIsaFunc<PreparedKernel>
    {
        public PreparedKernel Create<S, V>() where S : struct, ISimd<V> where V : unmanaged => new Kernel<S, V>(r, packed);
    }

    private sealed class Kernel<S, V> : PreparedKernel where S : struct, ISimd<V> where V : unmanaged
    {
        private readonly ConvTransposeProblem _problem;
        private readonly ConvTransposeGeometry _geometry;
        private readonly Layout _layout;
        private readonly PackedConstants? _packed;
        private readonly PreparedKernel _full;
        private readonly PreparedKernel _last;
        private readonly PhaseTap[] _taps;

        public Kernel(Request<ConvTransposeProblem> r, PackedConstants? packed)
        {
            _problem = r.Problem;
            _geometry = ConvTransposeGeometry.Of(r.Problem);
            _layout = new Layout(r);
            _packed = packed;
            _full = GemmBlocked.Row.Bind(_layout.Full.Request, null);
            _last = GemmBlocked.Row.Bind(_layout.Last.Request, null);
            _taps = [.. _geometry.Taps.OrderBy(t => t.Kernel)];
        }

        public override void Run(in KernelArgs args)
        {
            ConvTransposeProblem p = _problem;
            byte* workspace = (byte*)args.Workspace;
            float* weights = _packed is null ? (float*)workspace : (float*)_packed.Address;
            nint rows = (nint)(p.GroupM * p.Taps), depth = (nint)p.GroupC, plane = (nint)p.InPlane, outPlane = (nint)p.OutPlane;
            if (_packed is null)
            {
                var pack = new PackBody { From = (float*)args.Inputs[1], To = weights, C = depth, Rows = rows };
                args.Workers.For((int)p.Group, ref pack);
            }
            float* columns = (float*)(workspace + _layout.ColumnsAt);
            Span<nint> inputs = [0, 0, 0];
            Span<nint> outputs = [(nint)columns];
            fixed (PhaseTap* taps = _taps)
            {
                var body = new Body<S, V>
                {
                    D = _geometry.D,
                    H = _geometry.H,
                    W = _geometry.W,
                    Taps = taps,
                    TapCount = (nint)p.Taps,
                    Columns = columns,
                    Phases = (float*)(workspace + _layout.PhasesAt),
                    PhaseRow = (nint)_layout.PhaseRow,
                };
                for (nint n = 0; n < (nint)p.N; n++)
                    for (nint group = 0; group < (nint)p.Group; group++)
                        for (nint block = 0; block < (nint)_layout.Blocks; block++)
                        {
                            nint m = block * (nint)_layout.Channels;
                            inputs[0] = (nint)(weights + (group * rows + m * (nint)p.Taps) * depth);
                            inputs[1] = args.Inputs[0] + (n * (nint)p.C + group * depth) * plane * sizeof(float);
                            PreparedKernel gemm = block == (nint)_layout.Blocks - 1 ? _last : _full;
                            gemm.Run(new KernelArgs { Inputs = inputs, Outputs = outputs, Workspace = (nint)(workspace + _layout.GemmAt), Workers = args.Workers });
                            nint channel = group * (nint)p.GroupM + m;
                            body.Bias = args.Inputs[2] == 0 ? null : (float*)args.Inputs[2] + channel;
                            body.Y = (float*)args.Outputs[0] + (n * (nint)p.M + channel) * outPlane;
                            body.Split = new RowSplit(Math.Min(_layout.Channels, p.GroupM - m) * _geometry.D.Out * _geometry.H.Out);
                            args.Workers.For(body.Split.Items, ref body);
                        }
            }
            GC.KeepAlive(_packed);
        }
    }

    /// <summary>[c, rows] to [rows, c] for each group.</summary>
    private struct PackBody : IParallelBody
    {
        public float* From;
        public float* To;
        public nint C;
        public nint Rows;

        public void Run(int begin, int end, int worker)
        {
            for (nint group = begin; group < end; group++)
            {
                float* from = From + group * C * Rows, to = To + group * C * Rows;
                // 16 rows at a time: one cache line of every input channel.
                for (nint first = 0; first < Rows; first += 16)
                    for (nint c = 0; c < C; c++)
                        for (nint r = first; r < Math.Min(first + 16, Rows); r++)
                            to[r * C + c] = from[c * Rows + r];
            }
        }
    }

    /// <summary>Adds up the columns of output rows, one phase row for each remainder modulo the stride along W.</summary>
    private struct Body<S, V> : IParallelBody where S : struct, ISimd<V> where V : unmanaged
    {
        public WindowAxis D;
        public WindowAxis H;
        public WindowAxis W;
        public PhaseTap* Taps;
        public nint TapCount;
        public float* Columns;
        public float* Bias;
        public float* Y;
        public float* Phases;
        public nint PhaseRow;
        public RowSplit Split;

        public void Run(int begin, int end, int worker)
        {
            nint stride = (nint)W.Stride, phases = Math.Min(stride, (nint)W.Out), width = (nint)W.In, plane = (nint)(D.In * H.In) * width;
            float* scratch = Phases + worker * phases * PhaseRow;
            for (long item = Split.Begin(begin); item < Split.End(end); item++)
            {
                long oh = item % H.Out, od = item / H.Out % D.Out;
                nint channel = (nint)(item / H.Out / D.Out);
                float* y = Y + (nint)item * (nint)W.Out;
                float* rows = stride == 1 ? y : scratch;
                float start = Bias == null ? 0 : Bias[channel];
                for (nint phase = 0; phase < phases; phase++)
                    Fill(rows + phase * PhaseRow, ConvTransposeGeometry.Count(W, phase), start);
                for (nint kd = 0; kd < (nint)D.Kernel; kd++)
                {
                    nint d = ConvTransposeGeometry.Source(D, od, kd);
                    for (nint kh = 0; d >= 0 && kh < (nint)H.Kernel; kh++)
                    {
                        nint h = ConvTransposeGeometry.Source(H, oh, kh);
                        if (h < 0)
                            continue;
                        float* column = Columns + (channel * TapCount + (kd * (nint)H.Kernel + kh) * (nint)W.Kernel) * plane + (d * (nint)H.In + h) * width;
                        for (nint kw = 0; kw < (nint)W.Kernel; kw++, column += plane)
                            AddRow(column, Taps[kw], rows);
                    }
                }
                for (nint phase = 0; stride > 1 && phase < phases; phase++)
                    for (nint j = 0; j < ConvTransposeGeometry.Count(W, phase); j++)
                        y[j * stride + phase] = scratch[phase * PhaseRow + j];
            }
        }

        private static void Fill(float* row, nint n, float value)
        {
            V v = S.Create(value);
            nint j = 0;
            for (; j + S.Lanes <= n; j += S.Lanes)
                S.Store(v, row + j);
            for (; j < n; j++)
                row[j] = value;
        }

        private readonly void AddRow(float* column, PhaseTap tap, float* rows)
        {
            // Output j takes input j - Shift.
            nint from = Math.Max(0, tap.Shift), to = Math.Min(ConvTransposeGeometry.Count(W, tap.Phase), (nint)W.In + tap.Shift);
            float* x = column - tap.Shift, y = rows + tap.Phase * PhaseRow;
            nint j = from;
            for (; j + S.Lanes <= to; j += S.Lanes)
                S.Store(S.Add(S.Load(y + j), S.Load(x + j)), y + j);
            for (; j < to; j++)
                y[j] += x[j];
        }
    }
}
