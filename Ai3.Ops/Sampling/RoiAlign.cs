using System.Collections.Immutable;
using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>
/// The ways to compute RoiAlign. A bin's samples are a grid, so the mean of bilinear samples has weights that are products of one for the line
/// and one for the column: they are added up once for a bin and then serve all channels.
/// </summary>
/// <remarks>
/// Sums in double. Workspace of each thread: the weights of all lines and columns of the map. Threads share regions.
/// He, Gkioxari, Dollar and Girshick 2017, arXiv:1703.06870.
/// </remarks>
internal static unsafe class RoiAlign
{
    public static readonly ImmutableArray<Algorithm<RoiAlignProblem>> Rows =
    [
        new()
        {
            Name = "separable",
            Source = "He, Gkioxari, Dollar and Girshick 2017, arXiv:1703.06870; weights of lines times weights of columns",
            Needs = "a map that is not empty",
            Workspace = "a weight for each line and column for each thread",
            Supports = static (p, _) => ElementTypes.Supports(p.Type).And(Applicability.If(p.H > 0 && p.W > 0 && p.N > 0, "the map is empty")),
            WorkspaceBytes = static r => ShapeMath.Multiply(ShapeMath.Add(r.Problem.H, r.Problem.W) * sizeof(double), r.Target.Threads),
            CostHint = static r => 100 + (r.Problem.Rois * r.Problem.OutH * r.Problem.OutW * (60.0 + r.Problem.C * 12) + r.Problem.Flops * (r.Problem.Max ? 1 : 0)) / r.Target.Threads,
            Error = static (p, _) => ErrorBound.Relative(p.Type == DType.Float64 ? 256 : 4),
            Bind = static (r, _) => ElementTypes.Select<Binder, PreparedKernel>(r.Problem.Type, new Binder(r.Problem)),
        },
        ReferenceAlgorithm.Of<RoiAlignProblem>(RoiAlignOracle.Evaluate),
    ];

    private readonly struct Binder(RoiAlignProblem p) : IElementFunc<PreparedKernel>
    {
        public PreparedKernel Create<E>() where E : struct, IElement => new Kernel<E>(p);
    }

    private sealed class Kernel<E>(RoiAlignProblem p) : PreparedKernel where E : struct, IElement
    {
        public override void Run(in KernelArgs args)
        {
            var images = (long*)args.Inputs[2];
            for (nint r = 0; r < p.Rois; r++)
                if (images[r] < 0 || images[r] >= p.N)
                    throw new OpException($"batch_indices has {images[r]}, must be between 0 and {p.N - 1}");
            var body = new Body<E>
            {
                P = p,
                X = (void*)args.Inputs[0],
                Rois = (void*)args.Inputs[1],
                Images = images,
                Y = (void*)args.Outputs[0],
                Weights = (double*)args.Workspace,
                Split = new RowSplit(p.Rois),
            };
            args.Workers.For(body.Split.Items, ref body);
        }
    }

    private struct Body<E> : IParallelBody where E : struct, IElement
    {
        public RoiAlignProblem P;
        public void* X;
        public void* Rois;
        public long* Images;
        public void* Y;
        public double* Weights;
        public RowSplit Split;

        public void Run(int begin, int end, int worker)
        {
            double* lines = Weights + worker * (nint)(P.H + P.W), columns = lines + (nint)P.H;
            for (long roi = Split.Begin(begin); roi < Split.End(end); roi++)
            {
                nint at = (nint)roi * 4;
                RoiBins h = RoiBins.Of(P, E.Load(Rois, at + 1), E.Load(Rois, at + 3), P.OutH), w = RoiBins.Of(P, E.Load(Rois, at), E.Load(Rois, at + 2), P.OutW);
                if (h.Samples == 0 || w.Samples == 0)
                    h = w = default;
                for (long oh = 0; oh < P.OutH; oh++)
                    for (long ow = 0; ow < P.OutW; ow++)
                    {
                        nint y = (nint)((roi * P.C * P.OutH + oh) * P.OutW + ow);
                        if (P.Max)
                            Largest(h, w, oh, ow, Images[roi], y);
                        else
                            Mean(h, w, oh, ow, Images[roi], y, lines, columns);
                    }
            }
        }

        private readonly void Mean(RoiBins h, RoiBins w, long oh, long ow, long image, nint y, double* lines, double* columns)
        {
            (long firstLine, long lastLine) = Weigh(h, oh, P.H, lines);
            (long firstColumn, long lastColumn) = Weigh(w, ow, P.W, columns);
            double count = Math.Max(1, h.Samples * w.Samples);
            for (long c = 0; c < P.C; c++, y += (nint)(P.OutH * P.OutW))
            {
                double sum = 0;
                for (long i = firstLine; i <= lastLine; i++)
                {
                    if (lines[i] == 0)
                        continue;
                    nint line = (nint)(((image * P.C + c) * P.H + i) * P.W);
                    double part = 0;
                    for (long j = firstColumn; j <= lastColumn; j++)
                        if (columns[j] != 0)
                            part += columns[j] * E.Load(X, line + (nint)j);
                    sum += lines[i] * part;
                }
                E.Store(Y, y, sum / count);
            }
        }

        // The weights of a bin along an axis, and the first and the last place that has one.
        private static (long First, long Last) Weigh(RoiBins bins, long bin, long length, double* weights)
        {
            long low = length, high = -1;
            (double first, double last) = bins.Range(bin, length);
            for (double s = first; s <= last; s++)
            {
                if (!Locate(bins.At(bin, s), length, out long below, out long above, out double ratio))
                    continue;
                if (high < low)
                    (low, high) = (below, below - 1);
                Widen(weights, below, ref low, ref high);
                Widen(weights, above, ref low, ref high);
                weights[below] += 1 - ratio;
                weights[above] += ratio;
            }
            return (low, high);
        }

        // Makes place for a weight: what the range gains begins at zero.
        private static void Widen(double* weights, long place, ref long low, ref long high)
        {
            while (place < low)
                weights[--low] = 0;
            while (place > high)
                weights[++high] = 0;
        }

        private readonly void Largest(RoiBins h, RoiBins w, long oh, long ow, long image, nint y)
        {
            (double firstH, double lastH) = h.Range(oh, P.H);
            (double firstW, double lastW) = w.Range(ow, P.W);
            bool someOutside = firstH > 0 || lastH < h.Samples - 1 || firstW > 0 || lastW < w.Samples - 1;
            for (long c = 0; c < P.C; c++, y += (nint)(P.OutH * P.OutW))
            {
                nint plane = (nint)((image * P.C + c) * P.H * P.W);
                double largest = someOutside || h.Samples == 0 ? 0 : double.NegativeInfinity;
                for (double i = firstH; i <= lastH; i++)
                    for (double j = firstW; j <= lastW; j++)
                    {
                        double value = 0;
                        if (Locate(h.At(oh, i), P.H, out long top, out long bottom, out double down) && Locate(w.At(ow, j), P.W, out long left, out long right, out double across))
                            value = Larger(Larger(Term((1 - down) * (1 - across), plane, top, left), Term((1 - down) * across, plane, top, right)),
                                Larger(Term(down * (1 - across), plane, bottom, left), Term(down * across, plane, bottom, right)));
                        largest = Larger(largest, value);
                    }
                E.Store(Y, y, largest);
            }
        }

        private readonly double Term(double weight, nint plane, long i, long j) => weight == 0 ? 0 : weight * E.Load(X, plane + (nint)(i * P.W + j));

        private static double Larger(double a, double b) => a > b || double.IsNaN(a) ? a : b;

        // The neighbours of a position; false more than one position outside.
        private static bool Locate(double x, long length, out long below, out long above, out double ratio)
        {
            (below, above, ratio) = (0, 0, 0);
            if (!(x >= -1 && x <= length))
                return false;
            x = Math.Max(x, 0);
            below = Math.Min((long)x, length - 1);
            above = Math.Min(below + 1, length - 1);
            ratio = below == length - 1 ? 0 : x - below;
            return true;
        }
    }
}
