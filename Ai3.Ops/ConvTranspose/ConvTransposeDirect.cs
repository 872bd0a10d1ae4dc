using System.Runtime.InteropServices;
using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>
/// Gathers outputs: a tile is 4 output channels by 2 vectors of one phase along W, kept in registers over all input channels and taps.
/// </summary>
/// <remarks>
/// x [c, inD, inH, inW] is copied once an image with zero columns on both sides, so that every load is whole; weights are read as they are,
/// [c, m/g, kD, kH, kW]; outputs of a phase are written with the stride. Workspace: the padded image, then 4 phase rows for each thread.
/// 8 accumulators + 2 of x + 1 of w.
/// </remarks>
internal static unsafe class ConvTransposeDirect
{
    private const int TileM = 4;

    public static Applicability Supports(ConvTransposeProblem p, Target target)
    {
        Applicability verdict = Applicability.If(p.Type == DType.Float32, $"element type is {p.Type.ShortName()}, needs f32").And(ConvTransposeGeometry.Supports(p));
        if (!verdict.IsYes)
            return verdict;
        WindowAxis w = p.Axes[^1];
        ConvTransposeGeometry g = ConvTransposeGeometry.Of(p);
        return Applicability.If(g.Left + g.Right <= 4 * w.In + 1024, $"taps reach {g.Left + g.Right} columns of padding, takes {4 * w.In + 1024}");
    }

    public static long WorkspaceBytes(Request<ConvTransposeProblem> r) => new Layout(r.Problem, r.Target.Lanes).Bytes(r.Target.Threads);

    public static double CostHint(Request<ConvTransposeProblem> r)
    {
        ConvTransposeProblem p = r.Problem;
        ConvTransposeGeometry g = ConvTransposeGeometry.Of(p);
        double chunk = 2 * r.Target.Lanes;
        double tiles = p.N * p.Group * Math.Ceiling((double)p.GroupM / TileM) * Math.Ceiling(g.PhaseLength / chunk);
        double tapsOfRows = g.D.In * (double)g.D.Kernel * g.H.In * g.H.Kernel * g.W.Kernel;
        return 500 + (tiles * (tapsOfRows * p.GroupC * 1.3 + g.D.Out * (double)g.H.Out * Math.Min(g.W.Stride, g.W.Out) * 15)
            + p.N * p.C * (double)p.InPlane * 0.3 + p.Outputs[0].Shape.Count * (g.W.Stride > 1 ? 0.6 : 0.1)) / r.Target.Threads;
    }

    public static ErrorBound Error(ConvTransposeProblem p, Target target) => ErrorBound.PerElement(p.Terms + 1);

    public static PreparedKernel Bind(Request<ConvTransposeProblem> r, PackedConstants? packed) => Isa.Select<Binder, PreparedKernel>(r.Target.Isa, new Binder(r.Problem));

    private readonly struct Binder(ConvTransposeProblem p) : IIsaFunc<PreparedKernel>
    {
        public PreparedKernel Create<S, V>() where S : struct, ISimd<V> where V : unmanaged => new Kernel<S, V>(p);
    }

    /// <summary>Sizes of the workspace's parts, in elements.</summary>
    private readonly struct Layout
    {
        public Layout(ConvTransposeProblem p, int lanes)
        {
            ConvTransposeGeometry g = ConvTransposeGeometry.Of(p);
            Chunks = ShapeMath.CeilDiv(g.PhaseLength, 2 * lanes);
            Left = g.Left;
            // The last chunk goes on past the phase.
            Row = ShapeMath.RoundUp(g.Left + g.W.In + g.Right + 2 * lanes, 16);
            Image = ShapeMath.Multiply(p.C, ShapeMath.Multiply(g.D.In * g.H.In, Row));
            PhaseRow = Chunks * 2 * lanes;
        }

        public long Chunks { get; }

        public long Left { get; }

        public long Row { get; }

        public long Image { get; }

        public long PhaseRow { get; }

        public long Bytes(int threads) => ShapeMath.Multiply(sizeof(float), ShapeMath.Add(Image, threads * TileM * PhaseRow));
    }

    private sealed class Kernel<S, V> : PreparedKernel where S : struct, ISimd<V> where V : unmanaged
    {
        private readonly ConvTransposeProblem _problem;
        private readonly ConvTransposeGeometry _geometry;
        private readonly Layout _layout;
        private readonly PhaseTap[] _taps;

        public Kernel(ConvTransposeProblem p)
        {
            _problem = p;
            _geometry = ConvTransposeGeometry.Of(p);
            _layout = new Layout(p, S.Lanes);
            _taps = [.. _geometry.Taps];
        }

        public override void Run(in KernelArgs args)
        {
            ConvTransposeGeometry g = _geometry;
            fixed (PhaseTap* taps = _taps)
            {
                var pad = new Pad
                {
                    Row = (nint)_layout.Row,
                    Left = (nint)_layout.Left,
                    Width = (nint)g.W.In,
                    To = (float*)args.Workspace,
                    Split = new RowSplit(_problem.C * g.D.In * g.H.In),
                };
                var body = new Body<S, V>
                {
                    D = g.D,
                    H = g.H,
                    W = g.W,
                    Taps = taps,
                    TapCount = _taps.Length,
                    GroupC = (nint)_problem.GroupC,
                    GroupM = (nint)_problem.GroupM,
                    Row = pad.Row,
                    Left = pad.Left,
                    Chunks = (nint)_layout.Chunks,
                    X = pad.To,
                    Weights = (float*)args.Inputs[1],
                    Bias = (float*)args.Inputs[2],
                    Phases = pad.To + (nint)_layout.Image,
                    Split = new RowSplit(_problem.Group * ShapeMath.CeilDiv(_problem.GroupM, TileM) * g.D.Out * g.H.Out),
                };
                for (nint n = 0; n < (nint)_problem.N; n++)
                {
                    pad.From = (float*)args.Inputs[0] + n * (nint)(_problem.C * _problem.InPlane);
                    body.Y = (float*)args.Outputs[0] + n * (nint)(_problem.M * _problem.OutPlane);
                    args.Workers.For(pad.Split.Items, ref pad);
                    args.Workers.For(body.Split.Items, ref body);
                }
            }
        }
    }

    /// <summary>Copies rows with zeros on both sides.</summary>
    private struct Pad : IParallelBody
    {
        public nint Row;
        public nint Left;
        public nint Width;
        public float* From;
        public float* To;
        public RowSplit Split;

        public void Run(int begin, int end, int worker)
        {
            for (nint row = (nint)Split.Begin(begin); row < (nint)Split.End(end); row++)
            {
                float* to = To + row * Row;
                NativeMemory.Clear(to, (nuint)(Left * sizeof(float)));
                Buffer.MemoryCopy(From + row * Width, to + Left, Width * sizeof(float), Width * sizeof(float));
                NativeMemory.Clear(to + Left + Width, (nuint)((Row - Left - Width) * sizeof(float)));
            }
        }
    }

    private struct Body<S, V> : IParallelBody where S : struct, ISimd<V> where V : unmanaged
    {
        public WindowAxis D;
        public WindowAxis H;
        public WindowAxis W;
        public PhaseTap* Taps;
        public int TapCount;
        public nint GroupC;
        public nint GroupM;
        public nint Row;
        public nint Left;
        public nint Chunks;
        public float* X;
        public float* Weights;
        public float* Bias;
        public float* Y;
        public float* Phases;
        public RowSplit Split;

        public void Run(int begin, int end, int worker)
        {
            nint phaseRow = Chunks * 2 * S.Lanes;
            float* phases = Phases + worker * TileM * phaseRow;
            nint tiles = (GroupM + TileM - 1) / TileM, stride = (nint)W.Stride, outPlane = (nint)(D.Out * H.Out * W.Out);
            for (long item = Split.Begin(begin); item < Split.End(end); item++)
            {
                long oh = item % H.Out, od = item / H.Out % D.Out;
                nint tile = (nint)(item / H.Out / D.Out);
                nint group = tile / tiles, m = tile % tiles * TileM;
                int rows = (int)Math.Min(TileM, GroupM - m);
                float* y = Y + (group * GroupM + m) * outPlane + (nint)((od * H.Out + oh) * W.Out);
                for (nint phase = 0, tap = 0; phase < Math.Min(stride, (nint)W.Out); phase++)
                {
                    nint endTap = tap;
                    while (endTap < TapCount && Taps[endTap].Phase == phase)
                        endTap++;
                    nint count = ConvTransposeGeometry.Count(W, phase);
                    for (nint j = 0; j < count; j += 2 * S.Lanes)
                        Tile(group, m, rows, od, oh, tap, endTap, j, phases + j, phaseRow);
                    for (int r = 0; r < rows; r++)
                        for (nint j = 0; j < count; j++)
                            y[r * outPlane + j * stride + phase] = phases[r * phaseRow + j];
                    tap = endTap;
                }
            }
        }

        // 4 channels by 2 vectors of outputs j, j + 1, ... of a phase whose taps along W are [tap, endTap). Rows past the last repeat it.
        private readonly void Tile(nint group, nint m, int rows, long od, long oh, nint tap, nint endTap, nint j, float* to, nint phaseRow)
        {
            nint taps = (nint)(D.Kernel * H.Kernel * W.Kernel);
            nint r1 = rows > 1 ? taps : 0, r2 = rows > 2 ? 2 * taps : r1, r3 = rows > 3 ? 3 * taps : r2;
            float* bias = Bias == null ? null : Bias + group * GroupM + m;
            V a00 = S.Create(bias == null ? 0 : bias[0]), a01 = a00;
            V a10 = S.Create(bias == null || rows < 2 ? 0 : bias[1]), a11 = a10;
            V a20 = S.Create(bias == null || rows < 3 ? 0 : bias[2]), a21 = a20;
            V a30 = S.Create(bias == null || rows < 4 ? 0 : bias[3]), a31 = a30;
            nint plane = (nint)(D.In * H.In) * Row;
            for (nint kd = 0; kd < (nint)D.Kernel; kd++)
            {
                nint d = ConvTransposeGeometry.Source(D, od, kd);
                if (d < 0)
                    continue;
                for (nint kh = 0; kh < (nint)H.Kernel; kh++)
                {
                    nint h = ConvTransposeGeometry.Source(H, oh, kh);
                    if (h < 0)
                        continue;
                    float* x = X + group * GroupC * plane + (d * (nint)H.In + h) * Row + Left + j;
                    float* w = Weights + (group * GroupC * GroupM + m) * taps + (kd * (nint)H.Kernel + kh) * (nint)W.Kernel;
                    for (nint c = 0; c < GroupC; c++, x += plane, w += GroupM * taps)
                        for (nint t = tap; t < endTap; t++)
                        {
                            float* p = x - Taps[t].Shift, q = w + Taps[t].Kernel;
                            V x0 = S.Load(p), x1 = S.Load(p + S.Lanes);
                            V b = S.Splat(q);
                            a00 = S.MulAdd(b, x0, a00);
                            a01 = S.MulAdd(b, x1, a01);
                            b = S.Splat(q + r1);
                            a10 = S.MulAdd(b, x0, a10);
                            a11 = S.MulAdd(b, x1, a11);
                            b = S.Splat(q + r2);
                            a20 = S.MulAdd(b, x0, a20);
                            a21 = S.MulAdd(b, x1, a21);
                            b = S.Splat(q + r3);
                            a30 = S.MulAdd(b, x0, a30);
                            a31 = S.MulAdd(b, x1, a31);
                        }
                }
            }
            S.Store(a00, to);
            S.Store(a01, to + S.Lanes);
            S.Store(a10, to + phaseRow);
            S.Store(a11, to + phaseRow + S.Lanes);
            S.Store(a20, to + 2 * phaseRow);
            S.Store(a21, to + 2 * phaseRow + S.Lanes);
            S.Store(a30, to + 3 * phaseRow);
            S.Store(a31, to + 3 * phaseRow + S.Lanes);
        }
    }
}
