using System.Collections.Immutable;
using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>Reshape: the shape is an attribute before opset 5, then an input. 0 copies a dimension, -1 is what remains.</summary>
internal sealed class ReshapeOp : ViewOp
{
    public static ReshapeOp V1 { get; } = new() { Name = "Reshape", Since = 1, Until = 4, MinInputs = 1, MaxInputs = 1 };

    public static ReshapeOp V5 { get; } = new() { Name = "Reshape", Since = 5, MinInputs = 2, MaxInputs = 2 };

    public override string Word => "reshape";

    protected override SymbolicShape? OutputShape(NodeFacts node)
    {
        SymbolicShape? input = node.Tensor(0).Shape;
        ImmutableArray<Dim> target = Target(node);
        if (!target.IsDefault)
            return Resolve(node, input, target, allowZero: node.Attributes.Flag("allowzero"));
        return MovementFacts.ListLength(node, 1) is { } rank ? MovementFacts.FreshShape(node, (int)rank) : null;
    }

    private ImmutableArray<Dim> Target(NodeFacts node)
    {
        if (Since >= 5)
            return MovementFacts.List(node, 1, "shape");
        ImmutableArray<long> attribute = node.Attributes.Ints("shape");
        return attribute.IsDefault ? throw new OpException("attribute shape is missing") : [.. attribute.Select(v => (Dim)v)];
    }

    private static SymbolicShape Resolve(NodeFacts node, SymbolicShape? input, ImmutableArray<Dim> target, bool allowZero)
    {
        var dims = new Dim[target.Length];
        int unknown = -1;
        // What -1 stands for: the product of the first list over that of the second. A copied dimension is in neither.
        List<Dim> numerator = input is null ? [] : [.. input];
        List<Dim> denominator = [];
        for (int i = 0; i < dims.Length; i++)
        {
            dims[i] = target[i];
            if (target[i].Is(-1))
            {
                if (unknown >= 0)
                    throw new OpException($"shape [{string.Join(",", target)}] has more than one -1");
                unknown = i;
            }
            else if (target[i].TryGetValue(out long value) && value < 0)
                throw new OpException($"shape [{string.Join(",", target)}] has a dimension {value}, must be -1 or more");
            else if (target[i].Is(0) && !allowZero)
            {
                if (input is not null && i >= input.Rank)
                    throw new OpException($"shape [{string.Join(",", target)}] copies dimension {i}, but the input is {input}");
                dims[i] = input is null ? node.Fresh() : input[i];
                numerator.Remove(dims[i]);
            }
            else
                denominator.Add(target[i]);
        }
        if (unknown >= 0)
        {
            if (allowZero && target.Any(d => d.Is(0)))
                throw new OpException($"shape [{string.Join(",", target)}] has both 0 and -1, which allowzero excludes");
            dims[unknown] = input is null ? node.Fresh() : Remaining(input, target, numerator, denominator);
        }
        SymbolicShape result = SymbolicShape.Create(dims);
        if (input is not null && input.TryGetShape(out Shape from) && result.TryGetShape(out Shape to) && from.Count != to.Count)
            throw new OpException($"{from} has {from.Count} elements and cannot become {to} with {to.Count}");
        return result;
    }

    private static Dim Remaining(SymbolicShape input, ImmutableArray<Dim> target, List<Dim> numerator, List<Dim> denominator)
    {
        foreach (Dim dim in denominator.ToArray())
            if (!dim.Is(0) && numerator.Remove(dim))
                denominator.Remove(dim);
        Dim total = Product(numerator), rest = Product(denominator);
        if (rest.Is(0))
            throw new OpException($"shape [{string.Join(",", target)}] leaves -1 open, as the other dimensions have product 0");
        if (total.TryGetValue(out long elements) && rest.TryGetValue(out long divisor) && elements % divisor != 0)
            throw new OpException($"{input} has no whole number of elements for the -1 in shape [{string.Join(",", target)}]");
        return Dim.FloorDiv(total, rest);
    }

    // A zero makes the product zero, whatever the others are.
    private static Dim Product(List<Dim> dims)
    {
        if (dims.Any(d => d.Is(0)))
            return 0;
        Dim product = 1;
        foreach (Dim dim in dims)
            product *= dim;
        return product;
    }
}
