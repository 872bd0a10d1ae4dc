using System.Collections.Immutable;
using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>The ways to compute Col2Im.</summary>
internal static unsafe class Col2Im
{
    private const int MostAxes = 8;

    public static readonly ImmutableArray<Algorithm<Col2ImProblem>> Rows =
    [
        new()
        {
            Name = "planes",
            Source = "each tap added to a plane, in double",
            Needs = "f32, f64, f16, bf16, i8, u8; at most 8 spatial axes",
            Workspace = "a plane of doubles for each thread",
            Supports = static (p, _) => ElementTypes.Supports(p.Type).And(Applicability.If(p.Axes.Length <= MostAxes, $"{p.Axes.Length} spatial axes, takes {MostAxes}"))
                .And(Applicability.If(Plane(p) < int.MaxValue, "a plane has 2^31 elements or more")),
            WorkspaceBytes = static r => ShapeMath.Multiply(Plane(r.Problem) * sizeof(double), r.Target.Threads),
            CostHint = static r => 100 + (2 * r.Problem.Flops + r.Problem.Outputs[0].Shape.Count) / r.Target.Threads,
            Error = static (p, _) => p.Type == DType.Float64 ? ErrorBound.PerElement(p.Taps + 1) : ErrorBound.PerElement(2),
            Bind = static (r, _) => ElementTypes.Select<Binder, PreparedKernel>(r.Problem.Type, new Binder(r.Problem)),
        },
        ReferenceAlgorithm.Of<Col2ImProblem>(Evaluate),
    ];

    public static OracleResult Evaluate(Col2ImProblem p, IReadOnlyList<double[]?> inputs)
    {
        double[] values = new double[p.Outputs[0].Shape.Count], sums = new double[values.Length];
        long plane = Plane(p);
        for (long i = 0; i < inputs[0]!.Length; i++)
        {
            long block = i % p.Blocks, tap = i / p.Blocks % p.Taps, at = 0, scale = 1;
            bool inside = true;
            for (int a = p.Axes.Length - 1; a >= 0; a--)
            {
                WindowAxis axis = p.Axes[a];
                long position = block % axis.Out * axis.Stride + tap % axis.Kernel * axis.Dilation - axis.PadBegin;
                inside &= position >= 0 && position < axis.In;
                at += position * scale;
                scale *= axis.In;
                block /= axis.Out;
                tap /= axis.Kernel;
            }
            if (!inside)
                continue;
            values[i / p.Blocks / p.Taps * plane + at] += inputs[0]![i];
            sums[i / p.Blocks / p.Taps * plane + at] += Math.Abs(inputs[0]![i]);
        }
        return new OracleResult([values], [sums]);
    }

    private static long Plane(Col2ImProblem p) => p.Axes.Aggregate(1L, (n, a) => ShapeMath.Multiply(n, a.In));

    private readonly struct Binder(Col2ImProblem p) : IElementFunc<PreparedKernel>
    {
        public PreparedKernel Create<E>() where E : struct, IElement => new Kernel<E>(p);
    }

    private sealed class Kernel<E>(Col2ImProblem p) : PreparedKernel where E : struct, IElement
    {
        private readonly WindowAxis[] _axes = [.. p.Axes];
        private readonly long _plane = Plane(p);

        public override void Run(in KernelArgs args)
        {
            if (_plane == 0)
                return;
            var body = new Body<E>
            {
                Axes = _axes,
                Plane = _plane,
                Taps = p.Taps,
                Blocks = p.Blocks,
                X = (void*)args.Inputs[0],
                Y = (void*)args.Outputs[0],
                Sums = (double*)args.Workspace,
                Split = new RowSplit(p.N * p.C),
            };
            args.Workers.For(body.Split.Items, ref body);
        }
    }

    private struct Body<E> : IParallelBody where E : struct, IElement
    {
        public WindowAxis[] Axes;
        public long Plane, Taps, Blocks;
        public void* X;
        public void* Y;
        public double* Sums;
        public RowSplit Split;

        public readonly void Run(int begin, int end, int worker)
        {
            double* sums = Sums + worker * (nint)Plane;
            for (long plane = Split.Begin(begin); plane < Split.End(end); plane++)
            {
                new Span<double>(sums, (int)Plane).Clear();
                for (long tap = 0; tap < Taps; tap++)
                    Add(sums, (nint)((plane * Taps + tap) * Blocks), tap);
                for (nint i = 0; i < Plane; i++)
                    E.Store(Y, (nint)(plane * Plane) + i, sums[i]);
            }
        }

        // Adds a tap of every block, one line of blocks at a time.
        private readonly void Add(double* sums, nint x, long tap)
        {
            int last = Axes.Length - 1;
            long* shift = stackalloc long[MostAxes];
            for (int a = last; a >= 0; a--)
            {
                shift[a] = tap % Axes[a].Kernel * Axes[a].Dilation - Axes[a].PadBegin;
                tap /= Axes[a].Kernel;
            }
            WindowAxis inner = Axes[last];
            for (long line = 0; line * inner.Out < Blocks; line++)
            {
                long at = 0, rest = line, scale = inner.In;
                bool inside = true;
                for (int a = last - 1; a >= 0; a--)
                {
                    long position = rest % Axes[a].Out * Axes[a].Stride + shift[a];
                    rest /= Axes[a].Out;
                    inside &= position >= 0 && position < Axes[a].In;
                    at += position * scale;
                    scale *= Axes[a].In;
                }
                for (long o = 0; inside && o < inner.Out; o++)
                    if (o * inner.Stride + shift[last] is var column && column >= 0 && column < inner.In)
                        sums[at + column] += E.Load(X, x + (nint)(line * inner.Out + o));
            }
        }
    }
}
