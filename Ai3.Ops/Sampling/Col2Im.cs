using System.Collections.Immutable;
using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>
/// An image from columns, each a block of it: y[n, c, position] is the sum of all x[n, (c, tap), block] whose block has the tap at the position.
/// </summary>
/// <remarks>x [n, c*taps, blocks] -> y [n, c, image...]; blocks slide over the image like windows of a convolution.</remarks>
internal sealed record Col2ImProblem : Problem
{
    public const string Name = "col2im";

    public required DType Type { get; init; }

    public required long N { get; init; }

    public required long C { get; init; }

    /// <summary>For each axis of the image: In its length, Out the blocks along it, Kernel the block's length.</summary>
    public required ImmutableArray<WindowAxis> Axes { get; init; }

    public long Taps => Axes.Aggregate(1L, (n, a) => ShapeMath.Multiply(n, a.Kernel));

    public long Blocks => Axes.Aggregate(1L, (n, a) => ShapeMath.Multiply(n, a.Out));

    public override ImmutableArray<TensorType> Inputs => [new TensorType(Type, [N, ShapeMath.Multiply(C, Taps), Blocks])];

    public override ImmutableArray<TensorType> Outputs => [new TensorType(Type, Shape.Create([N, C, .. Axes.Select(a => a.In)]))];

    public override double Flops => (double)N * C * Taps * Blocks;

    public override string Key => $"{Name}/{Type.ShortName()} n{N} c{C} in{Join(a => a.In)} out{Join(a => a.Out)} k{Join(a => a.Kernel)} s{Join(a => a.Stride)}"
        + $" pb{Join(a => a.PadBegin)} pe{Join(a => a.PadEnd)} d{Join(a => a.Dilation)}";

    public static Col2ImProblem? Parse(string key)
    {
        if (KeyWords.Parse(key) is not { Name: Name } words || words.Int("n") is not (>= 0 and var n) || words.Int("c") is not (>= 0 and var c)
            || words.Ints("in", 0) is not { Length: > 0 } input || words.Ints("out", 0) is not { } output || words.Ints("k", 1) is not { } kernel
            || words.Ints("s", 1) is not { } stride || words.Ints("d", 1) is not { } dilation || words.Ints("pb", 0) is not { } begin || words.Ints("pe", 0) is not { } end)
            return null;
        ImmutableArray<long>[] lists = [input, output, kernel, stride, dilation, begin, end];
        return lists.Any(l => l.Length != input.Length || l.Any(v => v > WindowAttributes.Limit)) ? null : new Col2ImProblem
        {
            Type = words.Type,
            N = n,
            C = c,
            Axes = [.. Enumerable.Range(0, input.Length).Select(i => new WindowAxis(input[i], output[i], kernel[i], stride[i], begin[i], end[i], dilation[i]))],
        };
    }

    private string Join(Func<WindowAxis, long> number) => KeyWords.Join(Axes.Select(number));
}

/// <summary>Col2Im.</summary>
internal sealed class Col2ImOp() : OpDefinition<Col2ImProblem>(Col2Im.Rows)
{
    public static Col2ImOp Definition { get; } = new() { Name = "Col2Im", Since = 18, MinInputs = 3, MaxInputs = 3 };

    public override Oracle<Col2ImProblem> Oracle => Col2Im.Evaluate;

    public override bool ReadsValues(NodeFacts node, int index) => index is 1 or 2;

    public override ImmutableArray<ValueFact> Infer(NodeFacts node)
    {
        TensorFact x = node.Tensor(0);
        TypeSet.Numeric.Check(x, 0);
        if (x.Shape is { Rank: not 3 })
            throw new OpException($"input 0 has shape {x.Shape}, must have 3 dimensions");
        ImmutableArray<long> image = MovementFacts.IntList(node, 1, "image_shape"), block = MovementFacts.IntList(node, 2, "block_shape");
        if (image.IsDefault || block.IsDefault)
            return [new TensorFact(x.Type, null)];
        Windows(image, block, node);
        long taps = block.Aggregate(1L, ShapeMath.Multiply);
        Dim channels = x.Shape is null ? node.Fresh() : Dim.FloorDiv(x.Shape[1], taps);
        if (x.Shape is not null && x.Shape[1].TryGetValue(out long rows) && rows % taps != 0)
            throw new OpException($"input 0 has {rows} rows, must be a multiple of the block's {taps} elements");
        return [MovementFacts.Output(x.Type, SymbolicShape.Create([x.Shape?[0] ?? node.Fresh(), channels, .. image.Select(d => (Dim)d)]))];
    }

    public override Problem CreateProblem(NodeFacts node)
    {
        TensorType x = node.Operand(0);
        ImmutableArray<long> image = MovementFacts.IntList(node, 1, "image_shape"), block = MovementFacts.IntList(node, 2, "block_shape");
        if (image.IsDefault || block.IsDefault)
            throw new OpException("image_shape and block_shape are not known");
        ImmutableArray<WindowAxis> axes = Windows(image, block, node);
        long taps = block.Aggregate(1L, ShapeMath.Multiply);
        if (x.Shape.Rank != 3 || x.Shape[1] % taps != 0)
            throw new OpException($"input 0 has shape {x.Shape}, must be [n, c * {taps}, blocks]");
        var problem = new Col2ImProblem { Type = x.Type, N = x.Shape[0], C = x.Shape[1] / taps, Axes = axes };
        if (problem.Blocks != x.Shape[2])
            throw new OpException($"input 0 has {x.Shape[2]} blocks, must have {problem.Blocks}: those of [{string.Join(",", block)}] in [{string.Join(",", image)}]");
        return problem;
    }

    public override Problem? ParseProblem(string key) => Col2ImProblem.Parse(key);

    private static ImmutableArray<WindowAxis> Windows(ImmutableArray<long> image, ImmutableArray<long> block, NodeFacts node)
    {
        if (image.IsEmpty || image.Length != block.Length || image.Concat(block).Any(d => d is < 1 or > WindowAttributes.Limit))
            throw new OpException($"image_shape [{string.Join(",", image)}] and block_shape [{string.Join(",", block)}] must be as long as each other and positive");
        var window = WindowAttributes.Read(node.Attributes, image.Length, block);
        return [.. image.Select((length, i) => window.Resolve(i, length, ceil: false))];
    }
}

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
