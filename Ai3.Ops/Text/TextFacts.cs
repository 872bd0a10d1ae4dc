using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>What operators on strings have in common.</summary>
internal static class TextFacts
{
    /// <summary>The facts of an input that must be strings.</summary>
    public static TensorFact Strings(NodeFacts node, int index)
    {
        TensorFact fact = node.Tensor(index);
        return fact.Type is DType.String or DType.Undefined ? fact : throw new OpException($"input {index} is {fact.Type.ShortName()}, must be string");
    }
}
