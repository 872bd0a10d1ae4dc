using System.Collections.Immutable;
using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>DeformConv with up to three spatial axes.</summary>
internal sealed class DeformConvOp() : OpDefinition<DeformConvProblem>(DeformConvAlgorithms.All)
{
    public static DeformConvOp Definition { get; } = new() { Name = "DeformConv", Since = 19, MinInputs = 3, MaxInputs = 5 };

    public override Oracle<DeformConvProblem> Oracle => DeformConvOracle.Evaluate;

    public override ImmutableArray<ValueFact> Infer(NodeFacts node)
    {
        DType type = node.SameType(0, 1, 2, 3, 4);
        TypeSet.Float.Check(node.Tensor(0), 0);
        SymbolicShape? x = node.Tensor(0).Shape, w = node.Tensor(1).Shape, offset = node.Tensor(2).Shape;
        if (x is null || w is null)
            return [new TensorFact(type, null)];
        if (offset is not null && offset.Rank != x.Rank)
            throw new OpException($"offset has shape {offset}, must have {x.Rank} dimensions like input 0");
        WindowAttributes? window = Window(node, x, w);
        var dims = new Dim[x.Rank];
        (dims[0], dims[1]) = (x[0], w[0]);
        for (int a = 2; a < dims.Length; a++)
            dims[a] = window is not null ? window.Output(a - 2, x[a], false, node.Fresh) : offset?[a] ?? node.Fresh();
        Check(node, x, w, dims);
        return [MovementFacts.Output(type, SymbolicShape.Create(dims))];
    }

    public override Problem CreateProblem(NodeFacts node)
    {
        Shape x = node.Operand(0).Shape, w = node.Operand(1).Shape;
        WindowAttributes window = Window(node, x, w)!;
        ImmutableArray<WindowAxis> axes = [.. Enumerable.Range(0, x.Rank - 2).Select(a => window.Resolve(a, x[a + 2], ceil: false))];
        Check(node, x, w, [x[0], w[0], .. axes.Select(a => (Dim)a.Out)]);
        return new DeformConvProblem
        {
            Type = node.Tensor(0).Type,
            N = x[0],
            C = x[1],
            M = w[0],
            Group = Groups(node, "group"),
            OffsetGroups = Groups(node, "offset_group"),
            Axes = axes,
            HasBias = node.Has(3),
            HasMask = node.Has(4),
            ConstantInputs = node.ConstantInputs,
        };
    }

    public override Problem? ParseProblem(string key) => DeformConvProblem.Parse(key);

    private static long Groups(NodeFacts node, string name)
    {
        long groups = node.Attributes.Int(name, 1);
        return groups is >= 1 and <= int.MaxValue ? groups : throw new OpException($"attribute {name} is {groups}, must be 1 or more");
    }

    // Null if the kernel is not known.
    private static WindowAttributes? Window(NodeFacts node, SymbolicShape x, SymbolicShape w)
    {
        if (x.Rank is < 3 or > 5)
            throw x.Rank < 3 ? new OpException($"input 0 has shape {x}, must have at least 3 dimensions: n, c and one spatial")
                : new OpUnsupportedException($"DeformConv with {x.Rank - 2} spatial axes is not supported, at most 3");
        if (w.Rank != x.Rank)
            throw new OpException($"w has shape {w}, must have {x.Rank} dimensions like input 0");
        int axes = x.Rank - 2;
        for (int a = 2; a < w.Rank; a++)
            if (!w[a].IsKnown)
                return null;
        ImmutableArray<long> kernel = [.. w.AsSpan()[2..].ToArray().Select(d => d.Value)];
        if (kernel.Any(k => k is < 1 or > WindowAttributes.Limit))
            throw new OpException($"w has shape {w}, whose kernel must not be empty");
        if (node.Attributes.Has("kernel_shape") && !WindowAttributes.List(node.Attributes, "kernel_shape", axes, 1, 1).SequenceEqual(kernel))
            throw new OpException($"attribute kernel_shape differs from w {w}");
        return WindowAttributes.Read(node.Attributes, axes, kernel);
    }

    private static void Check(NodeFacts node, SymbolicShape x, SymbolicShape w, ReadOnlySpan<Dim> y)
    {
        long group = Groups(node, "group"), offsetGroups = Groups(node, "offset_group");
        if (x[1].TryGetValue(out long c) && (c % group != 0 || c % offsetGroups != 0 || w[1].IsKnown && !w[1].Is(c / group)))
            throw new OpException($"input 0 has {c} channels in {group} groups and {offsetGroups} offset groups, w has shape {w}; they do not fit");
        if (w[0].TryGetValue(out long m) && m % group != 0)
            throw new OpException($"w has {m} output channels, must be a multiple of {group} groups");
        Dim taps = w.CountOf(2..);
        Expect(node, 2, [y[0], taps * (x.Rank - 2) * offsetGroups, .. y[2..]]);
        Expect(node, 3, [w[0]]);
        Expect(node, 4, [y[0], taps * offsetGroups, .. y[2..]]);
    }

    private static void Expect(NodeFacts node, int index, ReadOnlySpan<Dim> dims)
    {
        if (node.OptionalTensor(index)?.Shape is not { } shape)
            return;
        bool fits = shape.Rank == dims.Length;
        for (int i = 0; fits && i < dims.Length; i++)
            fits = !shape[i].IsKnown || !dims[i].IsKnown || shape[i] == dims[i];
        if (!fits)
            throw new OpException($"input {index} has shape {shape}, must be [{string.Join(",", dims.ToArray())}]");
    }
}
