using System.Collections.Immutable;
using Ai3.Tensors;

namespace Ai3.Ops;

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
