using System.Runtime.CompilerServices;
using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>
/// A sum of pointwise convolutions: for each tap k, T [M/G, iP] = W_k [M/G, C/G] X [C/G, iP] over the input's pixels as they lie, then the part of T
/// that falls on the output is added there, shifted by the tap: y[m, o] += T[m, o*stride + k*dilation - pad]. The accumulating form with
/// shift-add of Anderson et al., arXiv:1709.03395 (kn2row-as): no lowered matrix.
/// </summary>
/// <remarks>
/// x [n, C, iD, iH, iW], w as [taps][M][C/G] (<see cref="TapWeights"/>), y [n, M, oD, oH, oW], also the accumulator. Workspace: weights that are not
/// constant; T of one group; a group of panels of X for each worker. Registers: those of <see cref="Tile"/>. Products that a stride skips are
/// computed all the same.
/// </remarks>
internal static unsafe class ConvKn2row
{
    public static Algorithm<ConvProblem> Row { get; } = new()
    {
        Name = "kn2row",
        Source = "Anderson et al. 2017, arXiv:1709.03395 (accumulating, shift-add)",
        Workspace = "M/G times the input's pixels; panels a thread; reordered weights if they are not constant",
        Supports = static (p, _) => Supports(p),
        Fuses = static (_, _) => FusedParts.AnyActivation | FusedParts.Residual,
        WorkspaceBytes = static r => WorkspaceBytes(r.Problem, PlanOf(r), r.Target),
        PackedBytes = static r => TapWeights.PackedBytes(r.Problem, tapsFirst: true),
        CostHint = CostHint,
        Error = static (p, t) => ErrorBound.PerElement(p.Taps + GemmPlan.RoundingChainOf(p.GroupInChannels, GemmPlan.DepthOfBlock(p.GroupInChannels, 2 * t.Lanes, t.Caches))),
        PackKey = static r => TapWeights.PackKey(r.Problem, tapsFirst: true),
        Pack = static (r, constants) => TapWeights.Pack(r.Problem, tapsFirst: true, constants),
        Bind = static (r, packed) => Isa.Select<Maker, PreparedKernel>(r.Target.Isa, new Maker(r, packed)),
    };

    private static Applicability Supports(ConvProblem p)
    {
        Applicability common = ConvGemmPlan.Supports(p);
        if (!common.IsYes)
            return common;
        if (p.InPixels == 0)
            return Applicability.No("the input is empty");
        if (p.OutPixels > int.MaxValue)
            return Applicability.No("a channel of the output has more than 2^31 - 1 elements");
        return Applicability.If(((double)p.GroupOutChannels + p.GroupInChannels) * (p.InPixels + 32.0) * sizeof(float) < long.MaxValue / 4, "a product over all pixels does not fit in 63 bits");
    }

    private static GemmPlan PlanOf(Request<ConvProblem> r)
    {
        ConvProblem p = r.Problem;
        return new GemmPlan(p.GroupOutChannels, p.InPixels, p.GroupInChannels, p.GroupInChannels, false, r.Target);
    }

    private static long ProductCount(GemmPlan plan) => ShapeMath.RoundUp(ShapeMath.Multiply(plan.M, plan.N), 16);

    private static long ScratchCount(GemmPlan plan) => ShapeMath.RoundUp(plan.SourceScratchCount, 16);

    private static long WorkspaceBytes(ConvProblem p, GemmPlan plan, Target target) => ShapeMath.Add(TapWeights.WorkspaceBytes(p, tapsFirst: true),
        ShapeMath.Multiply(sizeof(float), ShapeMath.Add(ProductCount(plan), ShapeMath.Multiply(ScratchCount(plan), target.Threads))));

    private static double CostHint(Request<ConvProblem> r)
    {
        ConvProblem p = r.Problem;
        double products = (double)p.N * p.OutChannels * p.Taps * Math.Max(p.InPixels, 2.0 * r.Target.Lanes), calls = (double)p.N * p.Group * p.Taps;
        // Few rows or columns leave tiles half empty: 49 pixels run at 0.62 of the peak, 24 output channels at 0.64.
        double filled = p.GroupOutChannels / (p.GroupOutChannels + 7.0) * (p.InPixels / (p.InPixels + 16.0));
        double efficiency = Math.Min(0.8, 0.02 + 0.02 * p.GroupInChannels) * filled;
        return ConvRows.Cost(r, 2 * products * p.GroupInChannels, efficiency, 4.0 * sizeof(float) * products) + 1000 * calls;
    }

    private readonly struct Maker(Request<ConvProblem> r, PackedConstants? packed) : IIsaFunc<PreparedKernel>
    {
        public PreparedKernel Create<S, V>() where S : struct, ISimd<V> where V : unmanaged =>
            new Kernel<S, V>(r.Problem, PlanOf(r), ActivationStrip.Of(r.Problem.Fusion.Activation, r.Target.Isa), packed);
    }

    private sealed class Kernel<S, V>(ConvProblem p, GemmPlan plan, ActivationStrip activation, PackedConstants? packed) : PreparedKernel where S : struct, ISimd<V> where V : unmanaged
    {
        private readonly ConvGeometry _g = new(p);
        private readonly nint _weightBytes = (nint)TapWeights.WorkspaceBytes(p, tapsFirst: true);
        private readonly RowPanels _tasks = ParallelUnits.Of(plan.SourceTasks);

        public override void Run(in KernelArgs args)
        {
            float* w = packed == null ? (float*)args.Workspace : (float*)packed.Address;
            if (packed == null)
                TapWeights.Reorder(p, tapsFirst: true, (float*)args.Inputs[1], w, args.Workers);
            float* product = (float*)(args.Workspace + _weightBytes), scratch = product + (nint)ProductCount(plan);
            nint groups = (nint)_g.N * _g.Group;
            for (nint batch = 0; batch < groups; batch++)
            {
                nint channel = batch % _g.Group * _g.GroupOutChannels, at = batch * _g.GroupOutChannels * _g.OutPixels;
                var operands = new GemmOperands
                {
                    ARow = _g.GroupChannels,
                    B = (float*)args.Inputs[0] + batch * _g.GroupChannels * _g.InPixels,
                    C = product,
                    CRow = _g.InPixels,
                };
                var shift = new ShiftBody<S, V>
                {
                    G = _g,
                    Product = product,
                    Bias = args.Inputs[2] == 0 ? null : (float*)args.Inputs[2] + channel,
                    Residual = _g.HasResidual ? (float*)args.Inputs[3] + at : null,
                    Y = (float*)args.Outputs[0] + at,
                    Activation = activation,
                };
                for (nint tap = 0; tap < _g.Taps; tap++)
                {
                    operands.A = w + (tap * _g.OutChannels + channel) * _g.GroupChannels;
                    var multiply = new MultiplyBody<S, V> { Plan = plan, Units = _tasks, Operands = operands, Scratch = scratch };
                    args.Workers.For((int)_tasks.Count, ref multiply);
                    shift.Tap = tap;
                    args.Workers.For(_g.GroupOutChannels, ref shift);
                }
            }
        }
    }

    private struct MultiplyBody<S, V> : IParallelBody where S : struct, ISimd<V> where V : unmanaged
    {
        public GemmPlan Plan;
        public RowPanels Units;
        public GemmOperands Operands;
        public float* Scratch;

        public readonly void Run(int begin, int end, int worker)
        {
            for (long task = Units.Start(begin); task < Units.Start(end); task++)
                Plan.RunMatrix<S, V>(task, Operands, (nint)Plan.N, 1, Scratch + worker * (nint)ScratchCount(Plan));
        }
    }

    // Adds one tap's product to the outputs of some channels; the first tap starts from the bias, the last one finishes.
    private struct ShiftBody<S, V> : IParallelBody where S : struct, ISimd<V> where V : unmanaged
    {
        public ConvGeometry G;
        public nint Tap;
        public float* Product, Bias, Residual, Y;
        public ActivationStrip Activation;

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public readonly void Run(int begin, int end, int worker)
        {
            ConvGeometry g = G;
            int kx = (int)(Tap % g.W.Kernel), ky = (int)(Tap / g.W.Kernel % g.H.Kernel), kz = (int)(Tap / g.W.Kernel / g.H.Kernel);
            int start = g.W.Start(0) + kx * g.W.Dilation, step = g.W.Stride;
            // Outputs [first, last) of a row whose tap is on the input.
            int first = start >= 0 ? 0 : Math.Min(g.W.Out, (-start + step - 1) / step);
            int last = start >= g.W.In ? first : Math.Max(first, Math.Min(g.W.Out, (g.W.In - start + step - 1) / step));
            for (int m = begin; m < end; m++)
            {
                float* y = Y + m * g.OutPixels;
                if (Tap == 0)
                    new Span<float>(y, (int)g.OutPixels).Fill(Bias == null ? 0 : Bias[m]);
                for (int oz = 0; oz < g.D.Out; oz++)
                    for (int oy = 0; oy < g.H.Out; oy++)
                    {
                        int z = g.D.Start(oz) + kz * g.D.Dilation, iy = g.H.Start(oy) + ky * g.H.Dilation;
                        if ((uint)z < (uint)g.D.In && (uint)iy < (uint)g.H.In)
                            AddRow(Product + m * g.InPixels + ((nint)z * g.H.In + iy) * g.W.In, start, step, y + ((nint)oz * g.H.Out + oy) * g.W.Out, first, last);
                    }
                if (Tap == g.Taps - 1)
                    Finish(y, Residual == null ? null : Residual + m * g.OutPixels);
            }
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private static void AddRow(float* row, int start, int step, float* y, int x, int end)
        {
            if (step == 1)
            {
                for (; x + S.Lanes <= end; x += S.Lanes)
                    S.Store(S.Add(S.Load(y + x), S.Load(row + start + x)), y + x);
                if (x < end)
                    S.StorePartial(S.Add(S.LoadPartial(y + x, end - x), S.LoadPartial(row + start + x, end - x)), y + x, end - x);
                return;
            }
            for (; x < end; x++)
                y[x] += row[start + (nint)x * step];
        }

        private readonly void Finish(float* y, float* residual)
        {
            V low = S.Create(G.Low), high = S.Create(G.High);
            for (nint i = 0; i < G.OutPixels; i += S.Lanes)
            {
                int n = (int)Math.Min(S.Lanes, G.OutPixels - i);
                V v = S.LoadPartial(y + i, n);
                if (residual != null)
                    v = S.Add(v, S.LoadPartial(residual + i, n));
                S.StorePartial(S.Min(high, S.Max(low, v)), y + i, n);
            }
            Activation.Apply(y, 1, 0, G.OutPixels);
        }
    }
}
