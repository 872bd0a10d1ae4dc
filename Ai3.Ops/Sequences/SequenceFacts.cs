using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>What operators on sequences have in common.</summary>
/// <remarks>
/// Elements are never written, so sequences share them. A tensor that comes from outside a sequence may be memory that the next run
/// overwrites, and one that leaves a sequence gets an owner of its own: both are copied.
/// </remarks>
internal static class SequenceFacts
{
    /// <summary>The facts of the elements of a sequence input.</summary>
    public static ValueFact Element(NodeFacts node, int index) => node.Has(index)
        ? node.Inputs[index] switch
        {
            SequenceFact sequence => sequence.Element,
            TensorFact { Type: DType.Undefined } => Unknown,
            ValueFact other => throw new OpException($"input {index} is {other}, must be a sequence"),
            null => Unknown,
        }
        : throw new OpException($"input {index} is missing");

    /// <summary>Nothing known.</summary>
    public static TensorFact Unknown { get; } = new(DType.Undefined, null);

    /// <summary>What holds for both of two elements of one sequence.</summary>
    /// <exception cref="OpException">They are of different kinds.</exception>
    public static ValueFact Merge(NodeFacts node, ValueFact a, ValueFact b)
    {
        if (a is not TensorFact first || b is not TensorFact second)
            return a.Equals(b) || b is TensorFact { Type: DType.Undefined } ? a : a is TensorFact { Type: DType.Undefined } ? b
                : throw new OpException($"a sequence of {a} cannot hold {b}");
        if (first.Type != second.Type && first.Type != DType.Undefined && second.Type != DType.Undefined)
            throw new OpException($"a sequence of {first.Type.ShortName()} cannot hold {second.Type.ShortName()}");
        DType type = first.Type == DType.Undefined ? second.Type : first.Type;
        if (first.Shape is null || second.Shape is null || first.Shape.Rank != second.Shape.Rank)
            return new TensorFact(type, null);
        return new TensorFact(type, SymbolicShape.Create([.. first.Shape.Zip(second.Shape, (x, y) => x == y ? x : node.Fresh())]));
    }

    /// <summary>The facts of an element: type and shape, without the value.</summary>
    public static ValueFact Kind(ValueFact fact) => fact is TensorFact tensor ? new TensorFact(tensor.Type, tensor.Shape) : fact;

    /// <summary>The facts that elements of a sequence at hand share: the type, as shapes may differ.</summary>
    public static ValueFact RunTime(ValueFact element) => element is TensorFact tensor ? new TensorFact(tensor.Type, null) : element;

    /// <summary>Checks a position input as inference does.</summary>
    public static void CheckPosition(NodeFacts node, int index)
    {
        if (node.OptionalTensor(index) is not { } position)
            return;
        MovementFacts.RequireIndexType(position.Type, "position");
        if (position.Shape is not null && position.Shape.TryGetShape(out Shape shape) && (shape.Count != 1 || shape.Rank > 1))
            throw new OpException($"position has shape {shape}, must be a scalar");
    }

    /// <summary>A position input as an index in [0, count), where <paramref name="count"/> includes the end if one may insert there.</summary>
    /// <exception cref="OpException">It is outside.</exception>
    public static int Position(Value position, int length, int count)
    {
        long at = Integer((Tensor)position);
        if (at < -length || at >= count)
            throw new OpException($"position {at} is outside [{-length}, {count - 1}] for a sequence of {length}");
        return (int)(at < 0 ? at + length : at);
    }

    /// <summary>The one element of an i32 or i64 tensor.</summary>
    public static long Integer(Tensor tensor) => tensor.Type == DType.Int32 ? tensor.AsSpan<int>()[0] : tensor.AsSpan<long>()[0];

    /// <summary>A value in memory of its own where it is a tensor.</summary>
    public static Value Copy(Value value) => value is Tensor tensor ? tensor.Clone() : value;
}
