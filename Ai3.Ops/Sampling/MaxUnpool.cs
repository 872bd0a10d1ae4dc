using System.Collections.Immutable;
using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>
/// Zeros, and each x at the place that its index names: a flat index into [n, c, Grid...], which the output holds in its first corner.
/// Of equal indices the last one counts.
/// </summary>
internal sealed record MaxUnpoolProblem : Problem
{
    public const string Name = "maxunpool";

    public required DType Type { get; init; }

    /// <summary>The shape of x and of the indices.</summary>
    public required Shape In { get; init; }

    /// <summary>The shape that indices count in.</summary>
    public required Shape Grid { get; init; }

    /// <summary>The output's shape, along no axis smaller than <see cref="Grid"/>.</summary>
    public required Shape Out { get; init; }

    public override ImmutableArray<TensorType> Inputs => [new TensorType(Type, In), new TensorType(DType.Int64, In)];

    public override ImmutableArray<TensorType> Outputs => [new TensorType(Type, Out)];

    public override string Key => $"{Name}/{Type.ShortName()} in{KeyWords.Join(In)} grid{KeyWords.Join(Grid)} out{KeyWords.Join(Out)}";

    public static MaxUnpoolProblem? Parse(string key) =>
        KeyWords.Parse(key) is not { Name: Name } words || !words.Type.IsFloat() || words.Shape("in") is not { } input || words.Shape("grid") is not { } grid || words.Shape("out") is not { } output
            || input.Rank != grid.Rank || grid.Rank != output.Rank || grid.Zip(output).Any(p => p.First > p.Second)
            ? null : new MaxUnpoolProblem { Type = words.Type, In = input, Grid = grid, Out = output };
}

/// <summary>MaxUnpool.</summary>
internal sealed class MaxUnpoolOp() : OpDefinition<MaxUnpoolProblem>(MaxUnpool.Rows)
{
    public static MaxUnpoolOp Definition { get; } = new() { Name = "MaxUnpool", Since = 9, MinInputs = 2, MaxInputs = 3 };

    public override bool ReadsValues(NodeFacts node, int index) => index == 2;

    public override ImmutableArray<ValueFact> Infer(NodeFacts node)
    {
        TensorFact x = node.Tensor(0), indices = node.Tensor(1);
        TypeSet.Float.Check(x, 0);
        if (indices.Type is not (DType.Int64 or DType.Undefined))
            throw new OpException($"indices are {indices.Type.ShortName()}, must be i64");
        SymbolicShape? shape = x.Shape ?? indices.Shape;
        if (shape is null)
            return [new TensorFact(x.Type, null)];
        if (x.Shape is not null && indices.Shape is not null && (x.Shape.Rank != indices.Shape.Rank || x.Shape.AsSpan().ToArray().Zip(indices.Shape).Any(p => p.First.IsKnown && p.Second.IsKnown && p.First != p.Second)))
            throw new OpException($"indices have shape {indices.Shape}, must be {x.Shape} like input 0");
        Dim[] grid = Grid(node, shape);
        if (!node.Has(2))
            return [MovementFacts.Output(x.Type, SymbolicShape.Create(grid))];
        ImmutableArray<Dim> size = MovementFacts.List(node, 2, "output_shape");
        if (size.IsDefault)
            return [new TensorFact(x.Type, MovementFacts.FreshShape(node, shape.Rank))];
        CheckSize(grid, size);
        return [MovementFacts.Output(x.Type, SymbolicShape.Create(size.AsSpan()))];
    }

    public override Problem CreateProblem(NodeFacts node)
    {
        TensorType x = node.Operand(0);
        Shape grid = Shape.Create([.. Grid(node, x.Shape).Select(d => d.Value)]), output = grid;
        if (node.Has(2))
        {
            ImmutableArray<long> size = MovementFacts.IntList(node, 2, "output_shape");
            if (size.IsDefault)
                throw new OpException("output_shape is not known");
            CheckSize([.. grid.Select(d => (Dim)d)], [.. size.Select(s => (Dim)s)]);
            output = Shape.Create(size.AsSpan());
        }
        return new MaxUnpoolProblem { Type = x.Type, In = x.Shape, Grid = grid, Out = output };
    }

    public override Problem? ParseProblem(string key) => MaxUnpoolProblem.Parse(key);

    private static Dim[] Grid(NodeFacts node, SymbolicShape x)
    {
        if (x.Rank < 3)
            throw new OpException($"input 0 has shape {x}, must have at least 3 dimensions: n, c and one spatial");
        var window = WindowAttributes.Read(node.Attributes, x.Rank - 2);
        Dim[] dims = x.AsSpan().ToArray();
        for (int a = 0; a < window.Kernel.Length; a++)
        {
            dims[a + 2] = (x[a + 2] - 1) * window.Strides[a] + (window.Kernel[a] - window.Pads[a] - window.Pads[a + window.Kernel.Length]);
            if (dims[a + 2].TryGetValue(out long length) && length < 0)
                throw new OpException($"axis {a + 2} of the output would have length {length}, pads must be smaller");
        }
        return dims;
    }

    private static void CheckSize(ReadOnlySpan<Dim> grid, ImmutableArray<Dim> size)
    {
        if (size.Length != grid.Length)
            throw new OpException($"output_shape has {size.Length} entries, must have {grid.Length}");
        for (int i = 0; i < grid.Length; i++)
            if (size[i].TryGetValue(out long length) && (length < 0 || grid[i].TryGetValue(out long least) && length < least))
                throw new OpException($"output_shape is [{string.Join(",", size)}], must be at least [{string.Join(",", grid.ToArray())}]");
    }
}

/// <summary>The ways to compute MaxUnpool: moves elements, so the reference is exact.</summary>
internal static unsafe class MaxUnpool
{
    public static readonly ImmutableArray<Algorithm<MaxUnpoolProblem>> Rows =
    [
        new()
        {
            Name = "scatter",
            Source = "stores in the order of the input",
            Supports = static (p, _) => Applicability.If(p.Type.IsFloat(), $"element type is {p.Type.ShortName()}, needs a float type"),
            CostHint = static r => 100 + r.Problem.Out.Count * 0.3 + r.Problem.In.Count * 2,
            Error = static (_, _) => ErrorBound.Exact,
            Bind = static (r, _) => new Kernel(r.Problem),
        },
        new()
        {
            Name = "reference",
            Source = "looks up the coordinates of every index",
            IsReference = true,
            Workspace = "managed memory",
            Supports = static (p, _) => Applicability.If(p.Type.IsFloat(), $"element type is {p.Type.ShortName()}, needs a float type"),
            CostHint = static r => 1e6 + 100.0 * r.Problem.Out.Count,
            Error = static (_, _) => ErrorBound.Exact,
            Bind = static (r, _) => new Reference(r.Problem),
        },
    ];

    private static long Checked(MaxUnpoolProblem p, long index, long places) =>
        index >= 0 && index < places ? index : throw new OpException($"index {index} is outside the {places} places of {p.Grid}");

    private sealed class Kernel(MaxUnpoolProblem p) : PreparedKernel
    {
        private readonly long[] _grid = p.Grid.ToArray();
        private readonly long[] _strides = ShapeMath.RowMajorStrides(p.Out.AsSpan());
        private readonly long _places = p.Grid.Count;
        private readonly long _count = p.In.Count;
        private readonly int _size = p.Type.ByteSize();
        private readonly long _outBytes = p.Out.Count * p.Type.ByteSize();
        private readonly bool _same = p.Grid == p.Out;

        public override void Run(in KernelArgs args)
        {
            var indices = (long*)args.Inputs[1];
            byte* x = (byte*)args.Inputs[0], y = (byte*)args.Outputs[0];
            for (nint i = 0; i < _count; i++)
                Checked(p, indices[i], _places);
            System.Runtime.InteropServices.NativeMemory.Clear(y, (nuint)_outBytes);
            for (nint i = 0; i < _count; i++)
            {
                nint to = (nint)(_same ? indices[i] : Place(indices[i]));
                switch (_size)
                {
                    case 2: ((ushort*)y)[to] = ((ushort*)x)[i]; break;
                    case 4: ((uint*)y)[to] = ((uint*)x)[i]; break;
                    default: ((ulong*)y)[to] = ((ulong*)x)[i]; break;
                }
            }
        }

        private long Place(long index)
        {
            long place = 0;
            for (int i = _grid.Length - 1; i >= 0; i--)
            {
                place += index % _grid[i] * _strides[i];
                index /= _grid[i];
            }
            return place;
        }
    }

    private sealed class Reference(MaxUnpoolProblem p) : PreparedKernel
    {
        public override void Run(in KernelArgs args)
        {
            int size = p.Type.ByteSize();
            var result = new byte[p.Out.Count * size];
            for (long i = 0; i < p.In.Count; i++)
            {
                long rest = Checked(p, ((long*)args.Inputs[1])[i], p.Grid.Count), place = 0, scale = 1;
                for (int a = p.Grid.Rank - 1; a >= 0; a--)
                {
                    place += rest % p.Grid[a] * scale;
                    rest /= p.Grid[a];
                    scale *= p.Out[a];
                }
                new ReadOnlySpan<byte>((byte*)args.Inputs[0] + i * size, size).CopyTo(result.AsSpan((int)(place * size)));
            }
            result.CopyTo(new Span<byte>((void*)args.Outputs[0], result.Length));
        }
    }
}
