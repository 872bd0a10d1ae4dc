using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>
/// A matrix product for each image and group, Y [M/G, P] = W [M/G, K] B [K, P] with K = C/G * taps: weights and image, both less their zero
/// points, as int16 pairs along K (<see cref="PairTile"/>). Panels of B are made on the way from an image widened to int16 with its pads as zeros.
/// </summary>
/// <remarks>
/// x [n, C, iD, iH, iW], w [M, C/G, kD, kH, kW], y [n, M, oD, oH, oW]. Workspace: the padded image [C, pD, pH, pW] int16, a panel
/// [pairs][width][2] int16 for each worker, rows of w [M, 2*pairs] int16 unless packed.
/// </remarks>
internal static unsafe class QuantizedConvPairs
{
    // Vectors of 8 elements are read and written past the end of a segment of pixels.
    private const int Slack = 64;

    public static Algorithm<QuantizedConvProblem> Row { get; } = new()
    {
        Name = "pairs",
        Source = "Chetlur et al. 2014, arXiv:1410.0759, on int16 pairs",
        Workspace = "a padded image in int16 and a panel a thread",
        Supports = Supports,
        WorkspaceBytes = static r => new Plan(r.Problem, r.Target).WorkspaceBytes,
        PackedBytes = static r => r.Problem.HasConstantWeights ? new Plan(r.Problem, r.Target).WeightBytes : 0,
        PackKey = static r => r.Problem.HasConstantWeights ? "pair_rows" : null,
        Pack = Pack,
        CostHint = Cost,
        Error = static (_, _) => ErrorBound.Exact,
        Bind = static (r, packed) => Isa.Select<Binder, PreparedKernel>(r.Target.Isa, new Binder(new Plan(r.Problem, r.Target), packed)),
    };

    private static Applicability Supports(QuantizedConvProblem p, Target target)
    {
        ConvProblem g = p.Geometry;
        if (g.N == 0 || g.OutPixels == 0)
            return Applicability.No("the output is empty");
        double image = (double)g.InChannels * g.D.Padded * g.H.Padded * g.W.Padded, depth = (double)g.Depth + 2;
        return Applicability.If(image < 1L << 40 && depth < 1L << 26 && depth * g.OutChannels < 1L << 40 && (double)g.OutPixels < 1L << 40,
            "the padded image or the weights are too large");
    }

    private static double Cost(Request<QuantizedConvProblem> r)
    {
        ConvProblem g = r.Problem.Geometry;
        double rows = Math.Max(3.0, g.GroupOutChannels) / g.GroupOutChannels;
        double panels = (double)g.N * g.Group * g.Depth * g.OutPixels, image = (double)g.N * g.InChannels * g.D.Padded * g.H.Padded * g.W.Padded;
        double filled = ShapeMath.CeilDiv(g.OutPixels, 2 * r.Target.Lanes) * 2.0 * r.Target.Lanes / g.OutPixels;
        return 1000 + (g.Flops * rows * filled / (r.Target.FlopsPerNanosecond * 1.6) + panels * (g.W.Stride == 1 ? 0.15 : 0.6) + image * 0.15
            + r.Problem.Outputs[0].Shape.Count * 0.15) / r.Target.Threads;
    }

    private static PackedConstants Pack(Request<QuantizedConvProblem> r, IReadOnlyList<Tensor?> constants)
    {
        QuantizedConvProblem p = r.Problem;
        var plan = new Plan(p, r.Target);
        PackedConstants packed = PackedConstants.Allocate(plan.WeightBytes);
        Tensor? zero = p.WZero < constants.Count ? constants[p.WZero] : null;
        for (long m = 0; m < p.Geometry.OutChannels; m++)
            plan.WidenWeights(m, (byte*)constants[p.W]!.Address, zero is null ? null : (byte*)zero.Address, (short*)packed.Address);
        GC.KeepAlive(constants);
        return packed;
    }

    private readonly struct Binder(Plan plan, PackedConstants? packed) : IIsaFunc<PreparedKernel>
    {
        public PreparedKernel Create<S, V>() where S : struct, ISimd<V> where V : unmanaged => new Kernel<S, V>(plan, packed);
    }

    private sealed class Plan
    {
        public Plan(QuantizedConvProblem p, Target target)
        {
            Problem = p;
            ConvProblem g = p.Geometry;
            Width = 2 * target.Lanes;
            IsPadded = g.Axes.Any(static a => !a.IsUnpadded);
            Pairs = (nint)PairPacking.Pairs(g.Depth);
            Panels = ShapeMath.CeilDiv(g.OutPixels, Width);
            long wanted = target.Threads == 1 ? 1 : ShapeMath.CeilDiv(4L * target.Threads, ShapeMath.Multiply(Panels, g.Group));
            RowBlocks = Math.Min(ShapeMath.CeilDiv(g.GroupOutChannels, PairTile.Rows), wanted);
            RowStride = (nint)g.W.Padded;
            SliceStride = RowStride * (nint)g.H.Padded;
            PlaneStride = SliceStride * (nint)g.D.Padded;
            WeightBytes = ShapeMath.Product([2 * sizeof(short), Pairs, g.OutChannels]);
            PanelStride = ShapeMath.RoundUp(ShapeMath.Product([2 * sizeof(short), Pairs, Width]) + Slack, NativeBuffer.Alignment);
            PanelsAt = (nint)ShapeMath.RoundUp(ShapeMath.Product([sizeof(short), g.InChannels, PlaneStride]) + Slack, NativeBuffer.Alignment);
            WeightsAt = (nint)ShapeMath.Add(PanelsAt, ShapeMath.Multiply(PanelStride, target.Threads));
            WorkspaceBytes = ShapeMath.Add(WeightsAt, p.HasConstantWeights ? 0 : WeightBytes);
        }

        public QuantizedConvProblem Problem { get; }

        public int Width { get; }

        public bool IsPadded { get; }

        public nint Pairs { get; }

        public long Panels { get; }

        public long RowBlocks { get; }

        public nint RowStride { get; }

        public nint SliceStride { get; }

        public nint PlaneStride { get; }

        public long WeightBytes { get; }

        public long PanelStride { get; }

        public nint PanelsAt { get; }

        public nint WeightsAt { get; }

        public long WorkspaceBytes { get; }

        public long Tasks => ShapeMath.Product([Problem.Geometry.Group, Panels, RowBlocks]);

        public void WidenWeights(long m, byte* w, byte* zeros, short* rows)
        {
            nint depth = (nint)Problem.Geometry.Depth;
            PairPacking.Row(w + (nint)m * depth, 1, depth, Problem.Operand(Problem.W).Type == DType.Int8, QuantizedConvOutput.WZero(Problem, zeros, m), rows + (nint)m * 2 * Pairs);
        }

        /// <summary>For each k of a group, where its element of the first pixel is in the group's part of the padded image.</summary>
        public nint[] MakeOffsets()
        {
            ConvProblem g = Problem.Geometry;
            var offsets = new nint[g.Depth];
            int i = 0;
            for (nint c = 0; c < g.GroupInChannels; c++)
                for (nint d = 0; d < g.D.Kernel; d++)
                    for (nint h = 0; h < g.H.Kernel; h++)
                        for (nint w = 0; w < g.W.Kernel; w++)
                            offsets[i++] = c * PlaneStride + d * (nint)g.D.Dilation * SliceStride + h * (nint)g.H.Dilation * RowStride + w * (nint)g.W.Dilation;
            return offsets;
        }
    }

    private sealed class Kernel<S, V>(Plan plan, PackedConstants? packed) : PreparedKernel where S : struct, ISimd<V> where V : unmanaged
    {
        private readonly RowPanels _channels = ParallelUnits.Of(plan.Problem.Geometry.InChannels);
        private readonly RowPanels _rows = ParallelUnits.Of(plan.Problem.Geometry.OutChannels);
        private readonly RowPanels _tasks = ParallelUnits.Of(plan.Tasks);
        private readonly nint[] _offsets = plan.MakeOffsets();

        public override void Run(in KernelArgs args)
        {
            QuantizedConvProblem p = plan.Problem;
            ConvProblem g = p.Geometry;
            var workspace = (byte*)args.Workspace;
            short* weights = packed is null ? (short*)(workspace + plan.WeightsAt) : (short*)packed.Address;
            if (packed is null)
            {
                var widen = new Weights { Plan = plan, Units = _rows, W = (byte*)args.Inputs[p.W], Zeros = QuantizedConvOutput.WZeros(p, args), Rows = weights };
                args.Workers.For((int)_rows.Count, ref widen);
            }
            var image = new PaddedImage { Plan = plan, Units = _channels, Zero = QuantizedConvOutput.XZero(p, args), Image = (short*)workspace };
            var tiles = new Tiles<S, V>
            {
                Plan = plan,
                Units = _tasks,
                Offsets = _offsets,
                Image = (short*)workspace,
                Panels = workspace + plan.PanelsAt,
                Weights = weights,
                Finish = QuantizedConvOutput.Finish(p, args),
            };
            nint inBytes = (nint)(g.InChannels * g.InPixels), outBytes = (nint)(g.OutChannels * g.OutPixels) * tiles.Finish.ElementSize;
            for (nint n = 0; n < g.N; n++)
            {
                image.X = (byte*)args.Inputs[0] + n * inBytes;
                args.Workers.For((int)_channels.Count, ref image);
                tiles.Y = (byte*)args.Outputs[0] + n * outBytes;
                args.Workers.For((int)_tasks.Count, ref tiles);
            }
        }
    }

    private struct Weights : IParallelBody
    {
        public Plan Plan;
        public RowPanels Units;
        public byte* W, Zeros;
        public short* Rows;

        public readonly void Run(int begin, int end, int worker)
        {
            for (long m = Units.Start(begin); m < Units.Start(end); m++)
                Plan.WidenWeights(m, W, Zeros, Rows);
        }
    }

    private struct PaddedImage : IParallelBody
    {
        public Plan Plan;
        public RowPanels Units;
        public byte* X;
        public int Zero;
        public short* Image;

        public readonly void Run(int begin, int end, int worker)
        {
            ConvProblem g = Plan.Problem.Geometry;
            bool signed = Plan.Problem.Operand(0).Type == DType.Int8;
            nint width = (nint)g.W.In;
            for (long c = Units.Start(begin); c < Units.Start(end); c++)
            {
                short* plane = Image + (nint)c * Plan.PlaneStride;
                byte* x = X + (nint)c * (nint)g.InPixels;
                if (Plan.IsPadded)
                    NativeMemory.Clear(plane, (nuint)Plan.PlaneStride * sizeof(short));
                for (nint d = 0; d < g.D.In; d++)
                    for (nint h = 0; h < g.H.In; h++, x += width)
                        PairPacking.Widen(x, 1, width, signed, Zero, plane + (d + (nint)g.D.PadBegin) * Plan.SliceStride + (h + (nint)g.H.PadBegin) * Plan.RowStride + (nint)g.W.PadBegin);
            }
        }
    }

    // A task is a panel of pixels of one group times a block of the group's output channels.
    private struct Tiles<S, V> : IParallelBody where S : struct, ISimd<V> where V : unmanaged
    {
        public Plan Plan;
        public RowPanels Units;
        public nint[] Offsets;
        public short* Image, Weights;
        public byte* Panels, Y;
        public SumsToOutput Finish;

        public readonly void Run(int begin, int end, int worker)
        {
            int* sums = stackalloc int[PairTile.TileCount<S, V>()];
            var panel = (short*)(Panels + worker * (nint)Plan.PanelStride);
            for (long task = Units.Start(begin); task < Units.Start(end); task++)
                Task(task, panel, sums);
        }

        private readonly void Task(long task, short* panel, int* sums)
        {
            ConvProblem g = Plan.Problem.Geometry;
            (long product, long block) = Math.DivRem(task, Plan.RowBlocks);
            (long group, long index) = Math.DivRem(product, Plan.Panels);
            nint pixel = (nint)index * Plan.Width, pixels = nint.Min(Plan.Width, (nint)g.OutPixels - pixel), row = 2 * Plan.Pairs;
            MakePanel(Image + (nint)group * (nint)g.GroupInChannels * Plan.PlaneStride, pixel, pixels, panel);
            nint tiles = (nint)ShapeMath.CeilDiv(g.GroupOutChannels, PairTile.Rows), firstChannel = (nint)group * (nint)g.GroupOutChannels;
            nint last = nint.Min((nint)g.GroupOutChannels, tiles * (nint)(block + 1) / (nint)Plan.RowBlocks * PairTile.Rows);
            for (nint i = tiles * (nint)block / (nint)Plan.RowBlocks * PairTile.Rows; i < last; i += PairTile.Rows)
            {
                nint m = firstChannel + i;
                int rows = (int)nint.Min(PairTile.Rows, last - i);
                PairTile.Run<S, V>(Plan.Pairs, Weights + m * row, row, rows, panel, sums);
                for (int r = 0; r < rows; r++)
                    Finish.Row<S, V>(sums + r * Plan.Width, m + r, pixel, pixels, Y + ((m + r) * (nint)g.OutPixels + pixel) * Finish.ElementSize);
            }
        }

        // Segments: runs of pixels in one output row. Later segments overwrite what earlier ones wrote past their end.
        private readonly void MakePanel(short* image, nint pixel, nint pixels, short* panel)
        {
            ConvProblem g = Plan.Problem.Geometry;
            nint* sources = stackalloc nint[64];
            int* lengths = stackalloc int[64];
            int segments = 0;
            nint step = (nint)g.W.Stride, width = (nint)g.W.Out;
            for (nint done = 0; done < pixels; segments++)
            {
                (nint line, nint ow) = Math.DivRem(pixel + done, width);
                (nint od, nint oh) = Math.DivRem(line, (nint)g.H.Out);
                sources[segments] = od * (nint)g.D.Stride * Plan.SliceStride + oh * (nint)g.H.Stride * Plan.RowStride + ow * step;
                lengths[segments] = (int)nint.Min(pixels - done, width - ow);
                done += lengths[segments];
            }
            nint[] offsets = Offsets;
            for (nint pair = 0; pair < Plan.Pairs; pair++, panel += 2 * Plan.Width)
            {
                short* first = image + offsets[2 * pair];
                // The weight of a missing last k is 0.
                short* second = 2 * pair + 1 < offsets.Length ? image + offsets[2 * pair + 1] : first;
                short* to = panel;
                for (int s = 0; s < segments; s++)
                {
                    if (step == 1)
                        Interleave(first + sources[s], second + sources[s], lengths[s], to);
                    else
                        for (nint j = 0; j < lengths[s]; j++)
                            (to[2 * j], to[2 * j + 1]) = (first[sources[s] + j * step], second[sources[s] + j * step]);
                    to += 2 * lengths[s];
                }
            }
        }

        private static void Interleave(short* first, short* second, int count, short* to)
        {
            for (int j = 0; j < count; j += 8)
            {
                Vector128<ushort> a = Vector128.Load((ushort*)first + j), b = Vector128.Load((ushort*)second + j);
                (Vector128.WidenLower(a) | Vector128.WidenLower(b) << 16).Store((uint*)to + j);
                (Vector128.WidenUpper(a) | Vector128.WidenUpper(b) << 16).Store((uint*)to + j + 4);
            }
        }
    }
}
