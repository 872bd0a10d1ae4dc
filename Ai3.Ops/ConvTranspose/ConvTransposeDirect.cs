using System.Runtime.InteropServices;
using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>
/// Gathers outputs: a tile is 4 output channels by 2 vectors of one phase along W, kept in registers over all input channels and taps.
/// </summary>
/// <remarks>
/// x [c, inD, inH, inW] is copied once an image with zero columns on both sides, so that every load is whole; weights are packed as
/// [group, tile of 4 m, kD * kH * kW, c/g, 4], constant ones once; outputs of a phase are written with the stride. Workspace: the padded image,
/// an odd number of cache lines a channel, 4 phase rows for each thread, and the packed weights if they are not constant.
/// 8 accumulators + 2 of x + 1 of w.
/// </remarks>
internal static unsafe class ConvTransposeDirect
{
    private const int TileM = 4;

    // Taps that one call of the inner loop takes.
    private const int TapBatch = 64;

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
        // Three cache lines of every input channel are used again for each tile.
        double step = p.GroupC * 3 * 64 > r.Target.Caches.L1 ? 2.2 : 1.3;
        return 500 + (tiles * (tapsOfRows * p.GroupC * step + g.D.Out * (double)g.H.Out * Math.Min(g.W.Stride, g.W.Out) * 15)
            + p.N * p.C * (double)p.InPlane * 0.3 + p.Outputs[0].Shape.Count * (g.W.Stride > 1 ? 0.6 : 0.1)) / r.Target.Threads;
    }

    public static ErrorBound Error(ConvTransposeProblem p, Target target) => ErrorBound.PerElement(p.Terms + 1);

    public static long PackedBytes(Request<ConvTransposeProblem> r) => r.Problem.IsConstant(1) ? sizeof(float) * PackedCount(r.Problem) : 0;

    public static string? PackKey(Request<ConvTransposeProblem> r) => r.Problem.IsConstant(1) ? $"convtranspose_direct g{r.Problem.Group}" : null;

    public static PackedConstants Pack(Request<ConvTransposeProblem> r, IReadOnlyList<Tensor?> constants)
    {
        var packed = PackedConstants.Allocate(sizeof(float) * PackedCount(r.Problem));
        PackWeights pack = PackWeights.Of(r.Problem, (float*)constants[1]!.Address, (float*)packed.Address);
        pack.Run(0, pack.Split.Items, 0);
        GC.KeepAlive(constants);
        return packed;
    }

    public static PreparedKernel Bind(Request<ConvTransposeProblem> r, PackedConstants? packed) =>
        Isa.Select<Binder, PreparedKernel>(r.Target.Isa, new Binder(r.Problem, packed));

    private static long PackedCount(ConvTransposeProblem p) =>
        ShapeMath.Multiply(ShapeMath.Multiply(p.C, p.Taps), ShapeMath.RoundUp(p.GroupM, TileM));

    private readonly struct Binder(ConvTransposeProblem p, PackedConstants? packed) : IIsaFunc<PreparedKernel>
    {
        public PreparedKernel Create<S, V>() where S : struct, ISimd<V> where V : unmanaged => new Kernel<S, V>(p, packed);
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
            // In lines of 16 elements, and an odd number: channels do not fall on the same cache set.
            Plane = ShapeMath.Multiply(16, ShapeMath.Multiply(g.D.In * g.H.In, Row / 16) | 1);
            Image = ShapeMath.Multiply(p.C, Plane);
            PhaseRow = Chunks * 2 * lanes;
            Weights = p.IsConstant(1) ? 0 : PackedCount(p);
        }

        public long Chunks { get; }

        public long Left { get; }

        public long Row { get; }

        public long Plane { get; }

        public long Image { get; }

        public long Weights { get; }

        public long PhaseRow { get; }

        public long Bytes(int threads) => ShapeMath.Multiply(sizeof(float), ShapeMath.Add(ShapeMath.Add(Image, Weights), threads * TileM * PhaseRow));
    }

    private sealed class Kernel<S, V> : PreparedKernel where S : struct, ISimd<V> where V : unmanaged
    {
        private readonly ConvTransposeProblem _problem;
        private readonly ConvTransposeGeometry _geometry;
        private readonly Layout _layout;
        private readonly PhaseTap[] _taps;
        private readonly PackedConstants? _packed;

        public Kernel(ConvTransposeProblem p, PackedConstants? packed)
        {
            _problem = p;
            _packed = packed;
            _geometry = ConvTransposeGeometry.Of(p);
            _layout = new Layout(p, S.Lanes);
            _taps = [.. _geometry.Taps];
        }

        public override void Run(in KernelArgs args)
        {
            ConvTransposeGeometry g = _geometry;
            float* phases = (float*)args.Workspace + (nint)_layout.Image, weights = phases + args.Workers.Threads * TileM * (nint)_layout.PhaseRow;
            if (_packed is null)
            {
                PackWeights pack = PackWeights.Of(_problem, (float*)args.Inputs[1], weights);
                args.Workers.For(pack.Split.Items, ref pack);
            }
            else
                weights = (float*)_packed.Address;
            fixed (PhaseTap* taps = _taps)
            {
                var pad = new Pad
                {
                    Row = (nint)_layout.Row,
                    Left = (nint)_layout.Left,
                    Width = (nint)g.W.In,
                    Rows = (nint)(g.D.In * g.H.In),
                    Plane = (nint)_layout.Plane,
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
                    Plane = pad.Plane,
                    Chunks = (nint)_layout.Chunks,
                    X = pad.To,
                    Weights = weights,
                    Bias = (float*)args.Inputs[2],
                    Phases = phases,
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
            GC.KeepAlive(_packed);
        }
    }

    /// <summary>Copies rows with zeros on both sides.</summary>
    private struct Pad : IParallelBody
    {
        public nint Row;
        public nint Left;
        public nint Width;
        public nint Rows;
        public nint Plane;
        public float* From;
        public float* To;
        public RowSplit Split;

        public void Run(int begin, int end, int worker)
        {
            for (nint row = (nint)Split.Begin(begin); row < (nint)Split.End(end); row++)
            {
                float* to = To + row / Rows * Plane + row % Rows * Row;
                NativeMemory.Clear(to, (nuint)(Left * sizeof(float)));
                Buffer.MemoryCopy(From + row * Width, to + Left, Width * sizeof(float), Width * sizeof(float));
                NativeMemory.Clear(to + Left + Width, (nuint)((Row - Left - Width) * sizeof(float)));
            }
        }
    }

    /// <summary>Packs the weights of tiles of 4 output channels; a last tile of fewer is filled up with zeros.</summary>
    private struct PackWeights : IParallelBody
    {
        public nint GroupC;
        public nint GroupM;
        public nint Taps;
        public float* From;
        public float* To;
        public RowSplit Split;

        public static PackWeights Of(ConvTransposeProblem p, float* from, float* to) => new()
        {
            GroupC = (nint)p.GroupC,
            GroupM = (nint)p.GroupM,
            Taps = (nint)p.Taps,
            From = from,
            To = to,
            Split = new RowSplit(p.Group * ShapeMath.CeilDiv(p.GroupM, TileM)),
        };

        public void Run(int begin, int end, int worker)
        {
            nint tiles = (GroupM + TileM - 1) / TileM;
            for (nint tile = (nint)Split.Begin(begin); tile < (nint)Split.End(end); tile++)
                for (nint c = 0; c < GroupC; c++)
                {
                    float* to = To + (tile * Taps * GroupC + c) * TileM;
                    nint first = tile % tiles * TileM;
                    float* from = From + ((tile / tiles * GroupC + c) * GroupM + first) * Taps;
                    for (nint m = 0; m < TileM; m++)
                        for (nint k = 0; k < Taps; k++)
                            to[k * GroupC * TileM + m] = first + m < GroupM ? from[m * Taps + k] : 0;
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
        public nint Plane;
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
                        Tile(group, tile, m, rows, od, oh, tap, endTap, j, phases + j, phaseRow);
                    for (int r = 0; r < rows; r++)
                        for (nint j = 0; j < count; j++)
                            y[r * outPlane + j * stride + phase] = phases[r * phaseRow + j];
                    tap = endTap;
                }
            }
        }

        // 4 channels by 2 vectors of outputs j, j + 1, ... of a phase whose taps along W are [tap, endTap).
        private readonly void Tile(nint group, nint tile, nint m, int rows, long od, long oh, nint tap, nint endTap, nint j, float* to, nint phaseRow)
        {
            for (int r = 0; r < TileM; r++)
            {
                V start = S.Create(Bias == null || r >= rows ? 0 : Bias[group * GroupM + m + r]);
                S.Store(start, to + r * phaseRow);
                S.Store(start, to + r * phaseRow + S.Lanes);
            }
            float** sources = stackalloc float*[2 * TapBatch];
            nint taps = (nint)(D.Kernel * H.Kernel * W.Kernel), count = 0;
            for (nint kd = 0; kd < (nint)D.Kernel; kd++)
            {
                nint d = ConvTransposeGeometry.Source(D, od, kd);
                for (nint kh = 0; d >= 0 && kh < (nint)H.Kernel; kh++)
                {
                    nint h = ConvTransposeGeometry.Source(H, oh, kh);
                    if (h < 0)
                        continue;
                    float* x = X + group * GroupC * Plane + (d * (nint)H.In + h) * Row + Left + j;
                    nint firstTap = tile * taps + (kd * (nint)H.Kernel + kh) * (nint)W.Kernel;
                    for (nint t = tap; t < endTap; t++)
                    {
                        sources[2 * count] = x - Taps[t].Shift;
                        sources[2 * count + 1] = Weights + (firstTap + Taps[t].Kernel) * GroupC * TileM;
                        if (++count < TapBatch)
                            continue;
                        Accumulate(sources, count, GroupC, Plane, to, phaseRow);
                        count = 0;
                    }
                }
            }
            Accumulate(sources, count, GroupC, Plane, to, phaseRow);
        }

        // A leaf without calls, so that the accumulators stay in registers.
        private static void Accumulate(float** sources, nint count, nint channels, nint plane, float* to, nint phaseRow)
        {
            V a00 = S.Load(to), a01 = S.Load(to + S.Lanes);
            V a10 = S.Load(to + phaseRow), a11 = S.Load(to + phaseRow + S.Lanes);
            V a20 = S.Load(to + 2 * phaseRow), a21 = S.Load(to + 2 * phaseRow + S.Lanes);
            V a30 = S.Load(to + 3 * phaseRow), a31 = S.Load(to + 3 * phaseRow + S.Lanes);
            for (nint t = 0; t < count; t++)
            {
                float* p = sources[2 * t], w = sources[2 * t + 1];
                for (nint c = channels; c > 0; c--)
                {
                    V x0 = S.Load(p), x1 = S.Load(p + S.Lanes);
                    V b = S.Splat(w);
                    a00 = S.MulAdd(b, x0, a00);
                    a01 = S.MulAdd(b, x1, a01);
                    b = S.Splat(w + 1);
                    a10 = S.MulAdd(b, x0, a10);
                    a11 = S.MulAdd(b, x1, a11);
                    b = S.Splat(w + 2);
                    a20 = S.MulAdd(b, x0, a20);
                    a21 = S.MulAdd(b, x1, a21);
                    b = S.Splat(w + 3);
                    a30 = S.MulAdd(b, x0, a30);
                    a31 = S.MulAdd(b, x1, a31);
                    p += plane;
                    w += TileM;
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
