using System.Collections.Immutable;
using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>What an operator is told about one of its uses: attributes, opset, input facts, what is fused.</summary>
public sealed class NodeFacts
{
    private readonly Func<Dim> _fresh;

    /// <summary>Gathers the facts.</summary>
    /// <param name="attributes">The node's attributes.</param>
    /// <param name="opset">The version of the operator's domain that the model imports.</param>
    /// <param name="inputs">The facts of the operator's own inputs; null for an absent one.</param>
    /// <param name="outputCount">How many outputs the node names.</param>
    /// <param name="fresh">Makes a symbol for a dimension that nothing is known of.</param>
    public NodeFacts(Attributes attributes, int opset, ImmutableArray<ValueFact?> inputs, int outputCount, Func<Dim> fresh)
    {
        Attributes = attributes;
        Opset = opset;
        Inputs = inputs;
        OutputCount = outputCount;
        _fresh = fresh;
    }

    /// <summary>The node's attributes.</summary>
    public Attributes Attributes { get; }

    /// <summary>The version of the operator's domain.</summary>
    public int Opset { get; }

    /// <summary>The facts of the operator's own inputs; null for an absent one.</summary>
    public ImmutableArray<ValueFact?> Inputs { get; }

    /// <summary>How many outputs the node names.</summary>
    public int OutputCount { get; }

    /// <summary>What is fused with the node; the fused inputs' shapes follow from the operator's own.</summary>
    public Fusion Fusion { get; init; } = Fusion.None;

    /// <summary>Bit i set: input i in kernel order is a constant.</summary>
    public uint ConstantInputs
    {
        get
        {
            uint mask = 0;
            for (int i = 0; i < Inputs.Length && i < 32; i++)
                if (Inputs[i] is TensorFact { Constant: not null })
                    mask |= 1u << i;
            return mask;
        }
    }

    /// <summary>A symbol for a dimension that nothing is known of.</summary>
    public Dim Fresh() => _fresh();

    /// <summary>True if input <paramref name="index"/> is given.</summary>
    public bool Has(int index) => index < Inputs.Length && Inputs[index] is not null;

    /// <summary>The facts of a tensor input that must be there.</summary>
    public TensorFact Tensor(int index) => OptionalTensor(index) ?? throw new OpException($"input {index} is missing");

    /// <summary>The facts of a tensor input, or null if absent.</summary>
    public TensorFact? OptionalTensor(int index)
    {
        if (!Has(index))
            return null;
        return Inputs[index] as TensorFact ?? throw new OpException($"input {index} is {Inputs[index]}, must be a tensor");
    }

    /// <summary>The operand of a problem: element type and shape in numbers, or absent.</summary>
    public TensorType Operand(int index)
    {
        TensorFact? fact = OptionalTensor(index);
        return fact is null ? TensorType.Absent : new TensorType(fact.Type, fact.KnownShape);
    }

    /// <summary>
    /// The elements of an integer input used as shape arithmetic, as expressions; the default array if they are not known.
    /// </summary>
    public ImmutableArray<Dim> Elements(int index)
    {
        TensorFact fact = Tensor(index);
        if (!fact.Elements.IsDefault)
            return fact.Elements;
        return fact.Constant is null ? default : [.. ReadInts(fact.Constant, index).Select(v => (Dim)v)];
    }

    /// <summary>The elements of an integer input in numbers; the default array if they are not known.</summary>
    public ImmutableArray<long> Ints(int index)
    {
        ImmutableArray<Dim> elements = Elements(index);
        return elements.IsDefault || elements.Any(e => !e.IsKnown) ? default : [.. elements.Select(e => e.Value)];
    }

    /// <summary>Checks that every given input is of the same element type, and returns it.</summary>
    public DType SameType(params ReadOnlySpan<int> inputs)
    {
        DType type = DType.Undefined;
        foreach (int i in inputs)
        {
            if (OptionalTensor(i) is not { } fact || fact.Type == DType.Undefined)
                continue;
            if (type == DType.Undefined)
                type = fact.Type;
            else if (type != fact.Type)
                throw new OpException($"input {i} is {fact.Type.ShortName()}, must be {type.ShortName()} like the others");
        }
        return type;
    }

    private static long[] ReadInts(Tensor tensor, int index) => tensor.Type switch
    {
        DType.Int64 => tensor.AsSpan<long>().ToArray(),
        DType.Int32 => Array.ConvertAll(tensor.AsSpan<int>().ToArray(), v => (long)v),
        _ => throw new OpException($"input {index} is {tensor.Type.ShortName()}, must be i64 or i32"),
    };
}
