using System.Collections.Immutable;
using Ai3.Ops;
using Ai3.Tensors;

namespace Ai3.Runtime;

/// <summary>A plan with the input facts it was made for.</summary>
/// <param name="Inputs">The facts of each input, in numbers; null for a value that is no tensor.</param>
/// <param name="Plan">The plan.</param>
internal sealed record CompiledShapes(ImmutableArray<TensorType?> Inputs, ExecutablePlan Plan)
{
    /// <summary>A plan for the shapes of values at hand.</summary>
    public static CompiledShapes Of(Value?[] values, ExecutablePlan plan) =>
        new([.. values.Select(v => v is Tensor t ? new TensorType(t.Type, t.Shape) : (TensorType?)null)], plan);

    public bool Fits(ReadOnlySpan<Value?> values)
    {
        for (int i = 0; i < values.Length; i++)
            if (values[i] is Tensor tensor ? Inputs[i] is not { } type || type.Type != tensor.Type || type.Shape != tensor.Shape : Inputs[i] is not null)
                return false;
        return true;
    }
}
