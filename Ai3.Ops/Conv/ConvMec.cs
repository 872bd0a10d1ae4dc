using System.Runtime.CompilerServices;
using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>
/// Memory-efficient convolution: the image is lowered along its width alone, L[ox][y][kx][c] = x[c][y][ox*stride + kx*dilation - pad], and an output
/// row is a matrix product with the kH rows of L that it meets, which are consecutive; the windows of neighbouring rows overlap, so L is about kW times
/// the image where im2col takes kH kW. Cho and Brand 2017, arXiv:1706.06873.
/// </summary>
/// <remarks>
/// x [n, C, iD, iH, iW], w as [M][taps][C/G] (<see cref="TapWeights"/>), y [n, M, oD, oH, oW]. Here L is in panels of output columns, so that a
/// window is a packed operand as it stands. Workspace: weights that are not constant; L of one group of one image (<see cref="MecPlan"/>).
/// A vertical dilation, and depth, take a kernel call for each row or plane of taps. Registers: those of <see cref="Tile"/>.
/// </remarks>
internal static unsafe class ConvMec
{
    public static Algorithm<ConvProblem> Row { get; } = new()
    {
        Name = "mec",
        Source = "Cho and Brand 2017, arXiv:1706.06873",
        Workspace = "oW kW C elements a row of the padded image; reordered weights if they are not constant",
        // The zeros of the padding are multiplied, and zero times a weight that is not finite is NaN.
        PropagatesExactly = false,
        Supports = static (p, _) => Supports(p),
        Fuses = static (_, _) => FusedParts.Clamp | FusedParts.Residual,
        WorkspaceBytes = static r => TapWeights.WorkspaceBytes(r.Problem, tapsFirst: false) + sizeof(float) * MecPlan.LoweredCountOf(r.Problem, r.Target.Lanes),
        PackedBytes = static r => TapWeights.PackedBytes(r.Problem, tapsFirst: false),
        CostHint = CostHint,
        Error = static (p, _) => ErrorBound.PerElement(ConvRows.Chain(p.Depth) + (double)p.D.Kernel * p.H.Kernel),
        PackKey = static r => TapWeights.PackKey(r.Problem, tapsFirst: false),
        Pack = static (r, constants) => TapWeights.Pack(r.Problem, tapsFirst: false, constants),
        Bind = static (r, packed) => Isa.Select<Maker, PreparedKernel>(r.Target.Isa, new Maker(r, packed)),
    };

    private static Applicability Supports(ConvProblem p)
    {
        Applicability common = ConvGemmPlan.Supports(p);
        double lowered = (p.W.Out + 16.0) * p.D.Padded * p.H.Padded * p.W.Kernel * p.GroupInChannels, weights = p.OutChannels * (p.Depth + 32.0);
        return common.IsYes ? Applicability.If((lowered + weights) * sizeof(float) < long.MaxValue / 4, "the lowered image does not fit in 63 bits") : common;
    }

    private static double CostHint(Request<ConvProblem> r)
    {
        ConvProblem p = r.Problem;
        double lanes = r.Target.Lanes, filled = p.W.Out / (double)ShapeMath.RoundUp(p.W.Out, (long)lanes), efficiency = Math.Min(0.85, 0.1 + 0.2 * p.GroupOutChannels);
        double lowered = (double)MecPlan.LoweredCountOf(p, r.Target.Lanes) * p.N * p.Group;
        return ConvRows.Cost(r, p.Flops / filled, efficiency, 0) + lowered * (p.W.Stride == 1 ? 0.3 : 1) / r.Target.Threads + 1000;
    }

    private readonly struct Maker(Request<ConvProblem> r, PackedConstants? packed) : IIsaFunc<PreparedKernel>
    {
        public PreparedKernel Create<S, V>() where S : struct, ISimd<V> where V : unmanaged => new Kernel<S, V>(r, packed);
    }

    private sealed class Kernel<S, V>(Request<ConvProblem> r, PackedConstants? packed) : PreparedKernel where S : struct, ISimd<V> where V : unmanaged
    {
        private readonly MecPlan _plan = new(r.Problem, r.Target);
        private readonly nint _weightBytes = (nint)TapWeights.WorkspaceBytes(r.Problem, tapsFirst: false);

        public override void Run(in KernelArgs args)
        {
            ConvGeometry g = _plan.G;
            float* w = packed == null ? (float*)args.Workspace : (float*)packed.Address;
            if (packed == null)
                TapWeights.Reorder(r.Problem, tapsFirst: false, (float*)args.Inputs[1], w, args.Workers);
            var lower = new LowerBody<S, V> { Plan = _plan, Units = ParallelUnits.Of(_plan.Panels * _plan.InRows), Lowered = (float*)(args.Workspace + _weightBytes) };
            var multiply = new MultiplyBody { Plan = _plan, Units = ParallelUnits.Of(_plan.Blocks * _plan.Panels * g.OutRows), Lowered = lower.Lowered };
            for (nint batch = 0; batch < (nint)g.N * g.Group; batch++)
            {
                nint channel = batch % g.Group * g.GroupOutChannels, at = batch * g.GroupOutChannels * g.OutPixels;
                lower.X = (float*)args.Inputs[0] + batch * g.GroupChannels * g.InPixels;
                args.Workers.For((int)lower.Units.Count, ref lower);
                multiply.W = w + channel * _plan.WeightRow;
                multiply.Bias = args.Inputs[2] == 0 ? null : (float*)args.Inputs[2] + channel;
                multiply.Residual = g.HasResidual ? (float*)args.Inputs[3] + at : null;
                multiply.Y = (float*)args.Outputs[0] + at;
                args.Workers.For((int)multiply.Units.Count, ref multiply);
            }
            GC.KeepAlive(packed);
        }
    }

    // A unit is an input row of a panel.
    private struct LowerBody<S, V> : IParallelBody where S : struct, ISimd<V> where V : unmanaged
    {
        public MecPlan Plan;
        public RowPanels Units;
        public float* X, Lowered;

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public readonly void Run(int begin, int end, int worker)
        {
            for (long i = Units.Start(begin); i < Units.Start(end); i++)
            {
                (long panel, long row) = Math.DivRem(i, Plan.InRows);
                Lower((int)panel, (nint)row);
            }
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private readonly void Lower(int panel, nint row)
        {
            ConvGeometry g = Plan.G;
            int step = Plan.Step(panel), y = (int)(row % Plan.Height) - g.H.Pad, z = (int)(row / Plan.Height) - g.D.Pad, x = g.W.Start(panel * Plan.Tiles.Width);
            float* target = Lowered + Plan.Place(panel, row);
            if ((uint)z >= (uint)g.D.In || (uint)y >= (uint)g.H.In)
            {
                for (nint k = 0; k < Plan.RowDepth * step; k += S.Lanes)
                    S.Store(S.Zero, target + k);
                return;
            }
            float* source = X + ((nint)z * g.H.In + y) * g.W.In;
            for (int kx = 0; kx < g.W.Kernel; kx++)
                for (int c = 0; c < g.GroupChannels; c++, target += step)
                    RowCopy.Padded<S, V>(source + c * g.InPixels, g.W.In, x + kx * g.W.Dilation, g.W.Stride, step, target);
        }
    }

    // A unit is a panel of an output row, for a block of output channels.
    private struct MultiplyBody : IParallelBody
    {
        public MecPlan Plan;
        public RowPanels Units;
        public float* W, Lowered, Bias, Residual, Y;

        public readonly void Run(int begin, int end, int worker)
        {
            for (long i = Units.Start(begin); i < Units.Start(end); i++)
            {
                (long rest, long row) = Math.DivRem(i, Plan.G.OutRows);
                (long block, long panel) = Math.DivRem(rest, Plan.Panels);
                Multiply(block, (int)panel, (int)row);
            }
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private readonly void Multiply(long block, int panel, int row)
        {
            ConvGeometry g = Plan.G;
            nint zero = 0, pixel = (nint)row * g.W.Out + (nint)panel * Plan.Tiles.Width, from = (nint)(row / g.H.Out * g.D.Stride) * Plan.Height + row % g.H.Out * g.H.Stride;
            int columns = Plan.Columns(panel), stretches = g.D.Kernel * Plan.StretchesOfPlane;
            var tile = new TileArgs
            {
                ARow = Plan.WeightRow,
                Offsets = &zero,
                Taps = 1,
                KPerTap = Plan.StretchDepth,
                BStep = Plan.Step(panel),
                CRow = g.OutPixels,
                CBlock = Plan.Tiles.Lanes,
                Addend0Row = g.OutPixels,
                Addend0Block = Plan.Tiles.Lanes,
                Addend1Row = g.OutPixels,
                Addend1Block = Plan.Tiles.Lanes,
                Low = g.Low,
                High = g.High,
            };
            for (long r = Plan.FirstRowPanel(block); r < Plan.FirstRowPanel(block + 1); r++)
            {
                nint m = (nint)Plan.Rows.Start(r);
                tile.C = Y + m * g.OutPixels + pixel;
                delegate*<TileArgs*, void> kernel = Plan.Tiles.Get(Plan.Rows.RowsOf(r), columns, &tile);
                for (int s = 0; s < stretches; s++)
                {
                    bool last = s == stretches - 1;
                    nint tap = (nint)(s / Plan.StretchesOfPlane * g.D.Dilation) * Plan.Height + s % Plan.StretchesOfPlane * g.H.Dilation;
                    tile.A = W + m * Plan.WeightRow + s * Plan.StretchDepth;
                    tile.B = Lowered + Plan.Place(panel, from + tap);
                    tile.Addend0 = s == 0 ? null : tile.C;
                    tile.Addend1 = last && Residual != null ? Residual + m * g.OutPixels + pixel : null;
                    tile.RowBias = last && Bias != null ? Bias + m : null;
                    tile.Clamp = last;
                    kernel(&tile);
                }
            }
        }
    }
}
