using System.Collections.Immutable;
using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>What the inference of movement operators has in common.</summary>
internal static class MovementFacts
{
    /// <summary>Integer tensors of up to this many elements take part in shape arithmetic.</summary>
    public const int MaxElements = 1024;

    /// <summary>The facts of an output; a size that no memory could hold is refused.</summary>
    public static TensorFact Output(DType type, SymbolicShape? shape, ImmutableArray<Dim> elements = default)
    {
        if (shape is not null && shape.TryGetShape(out Shape known) && type != DType.Undefined)
            CheckBytes(type, known);
        return new TensorFact(type, shape) { Elements = elements };
    }

    /// <summary>An operand of a problem; a size that no memory could hold is refused.</summary>
    public static TensorType Operand(DType type, SymbolicShape? shape)
    {
        if (shape is null || !shape.TryGetShape(out Shape known))
            throw new OpException($"output shape {shape?.ToString() ?? "of unknown rank"} is not known in numbers");
        CheckBytes(type, known);
        return new TensorType(type, known);
    }

    /// <summary>The operands of all inputs, in order.</summary>
    public static ImmutableArray<TensorType> Operands(NodeFacts node) =>
        [.. Enumerable.Range(0, node.Inputs.Length).Select(node.Operand)];

    /// <summary>The elements of an integer input for shape arithmetic: the default array if unknown, not integers or too many.</summary>
    public static ImmutableArray<Dim> SmallElements(NodeFacts node, int index)
    {
        TensorFact? fact = node.OptionalTensor(index);
        if (fact is null || fact.Type is not (DType.Int64 or DType.Int32))
            return default;
        if (!fact.Elements.IsDefault)
            return fact.Elements.Length <= MaxElements ? fact.Elements : default;
        return fact.Constant is { } constant && constant.Count <= MaxElements ? node.Elements(index) : default;
    }

    /// <summary>
    /// The elements of an input that lists one value for each of some axes (a shape, starts, repeats); the default array if
    /// they are not known.
    /// </summary>
    public static ImmutableArray<Dim> List(NodeFacts node, int index, string what)
    {
        TensorFact fact = node.Tensor(index);
        if (fact.Type is not (DType.Int64 or DType.Int32 or DType.Undefined))
            throw new OpException($"{what} is {fact.Type.ShortName()}, must be i64 or i32");
        if (fact.Shape is { Rank: > 1 })
            throw new OpException($"{what} has shape {fact.Shape}, must be a list (rank 1) or a single value");
        if (fact.Shape is { Rank: 1 } && fact.Shape[0].TryGetValue(out long length) && length > MaxElements)
            throw new OpException($"{what} has {length} entries, at most {MaxElements} are supported");
        return SmallElements(node, index);
    }

    /// <summary>As <see cref="List"/>, in numbers; the default array if one is not known.</summary>
    public static ImmutableArray<long> IntList(NodeFacts node, int index, string what)
    {
        ImmutableArray<Dim> list = List(node, index, what);
        return list.IsDefault || list.Any(d => !d.IsKnown) ? default : [.. list.Select(d => d.Value)];
    }

    /// <summary>The length of a list input, whose elements need not be known; null if not known.</summary>
    public static long? ListLength(NodeFacts node, int index)
    {
        TensorFact fact = node.Tensor(index);
        if (!fact.Elements.IsDefault)
            return fact.Elements.Length;
        return fact.Shape is { } shape && shape.CountOf(..).TryGetValue(out long length) ? length : null;
    }

    /// <summary>A shape of which only the rank is known.</summary>
    public static SymbolicShape FreshShape(NodeFacts node, int rank)
    {
        var dims = new Dim[rank];
        for (int i = 0; i < rank; i++)
            dims[i] = node.Fresh();
        return SymbolicShape.Create(dims);
    }

    /// <summary>Two facts about the same dimension: the number if one is known.</summary>
    public static Dim Merge(Dim a, Dim b, string what)
    {
        if (a.IsKnown && b.IsKnown && a != b)
            throw new OpException($"{what} differ: {a} and {b}");
        return a.IsKnown ? a : b;
    }

    /// <summary>Refuses strings, which live outside native memory.</summary>
    public static void RefuseStrings(string op, DType type)
    {
        if (type == DType.String)
            throw new OpUnsupportedException($"{op} of strings is not supported");
    }

    /// <summary>Refuses types that share bytes.</summary>
    public static void RequireWholeBytesOrStrings(string op, DType type)
    {
        if (type.IsPacked())
            throw new OpUnsupportedException($"{op} of {type.ShortName()} is not supported, which shares bytes between elements");
    }

    /// <summary>Refuses strings and types that share bytes.</summary>
    public static void RequireWholeBytes(string op, DType type)
    {
        RefuseStrings(op, type);
        RequireWholeBytesOrStrings(op, type);
    }

    /// <summary>Checks the type of an index input.</summary>
    public static void RequireIndexType(DType type, string what)
    {
        if (type is not (DType.Int64 or DType.Int32 or DType.Undefined))
            throw new OpException($"{what} is {type.ShortName()}, must be i64 or i32");
    }

    private static void CheckBytes(DType type, Shape shape)
    {
        int bits = Math.Max(type.BitsPerElement(), 8);
        if (shape.Count > long.MaxValue / (bits / 8))
            throw new OpException($"an output of {type.ShortName()}{shape} takes more than 2^63 bytes");
    }
}
