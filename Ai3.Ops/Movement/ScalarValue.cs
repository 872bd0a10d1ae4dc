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
        double value = Double(constant);
        if (constant.Type == DType.Int64)
            return constant.AsSpan<long>()[0];
        if (!(Math.Abs(value) < 9e18) || value != Math.Truncate(value))
            throw new OpException($"{what} is {value}, must be a whole number of at most 63 bits");
        return (long)value;
    }

    /// <summary>A tensor of one number as a double.</summary>
    public static unsafe double Double(Tensor tensor)
    {
        double value = ElementAccess.Read((void*)tensor.Address, tensor.Type, 0);
        GC.KeepAlive(tensor);
        return value;
    }
}
