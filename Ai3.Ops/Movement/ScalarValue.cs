using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>Reads constant inputs of one element and any numeric type.</summary>
internal static class ScalarValue
{
    /// <summary>The constant of an input that holds one number; null if it is not known.</summary>
    public static Tensor? Constant(NodeFacts node, int index, string what)
    {
        TensorFact fact = node.Tensor(index);
        if (fact.Shape is not null && fact.Shape.TryGetShape(out Shape shape) && shape.Count != 1)
            throw new OpException($"{what} has shape {shape}, must be one number");
        if (fact.Type != DType.Undefined && !fact.Type.IsInteger() && !fact.Type.IsFloat())
            throw new OpException($"{what} is {fact.Type.ShortName()}, must be a number");
        return fact.Constant;
    }

    /// <summary>The value of an input that holds one whole number, of integer or float type; null if it is not known.</summary>
    public static long? Integer(NodeFacts node, int index, string what)
    {
        Tensor? constant = Constant(node, index, what);
        if (constant is null)
        {
            TensorFact fact = node.Tensor(index);
            return !fact.Elements.IsDefault && fact.Elements.Length == 1 && fact.Elements[0].TryGetValue(out long element) ? element : null;
        }
        if (constant.Type.IsInteger())
            return Whole(constant) is var whole && whole <= long.MaxValue ? (long)whole : throw new OpException($"{what} is {whole}, must fit in 63 bits");
        double value = Double(constant);
        if (!(Math.Abs(value) < 9e18) || value != Math.Truncate(value))
            throw new OpException($"{what} is {value}, must be a whole number of at most 63 bits");
        return (long)value;
    }

    /// <summary>A tensor of one number of an integer type.</summary>
    public static Int128 Whole(Tensor tensor) => tensor.Type switch
    {
        DType.Int64 => tensor.AsSpan<long>()[0],
        DType.UInt64 => tensor.AsSpan<ulong>()[0],
        _ => (long)Double(tensor),
    };

    /// <summary>A tensor of one number as a double.</summary>
    public static unsafe double Double(Tensor tensor)
    {
        double value = ElementAccess.Read((void*)tensor.Address, tensor.Type, 0);
        GC.KeepAlive(tensor);
        return value;
    }
}
