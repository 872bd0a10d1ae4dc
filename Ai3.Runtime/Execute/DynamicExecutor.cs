using Ai3.Ops;
using Ai3.Tensors;

namespace Ai3.Runtime;

/// <summary>Runs a step whose shapes or values only the run knows.</summary>
internal static class DynamicExecutor
{
    public static void Run(DynamicNode dynamic, RunContext context, ReadOnlySpan<nint> inputs, ReadOnlySpan<nint> outputs, NodeRunner runner, RunScope scope)
    {
        var values = new Value?[dynamic.Inputs.Length];
        for (int i = 0; i < values.Length; i++)
            values[i] = dynamic.Inputs[i] is { } source ? Read(source, context, inputs, outputs) : null;
        Value[] results = Compute(dynamic, values, runner, scope, out bool isView);
        for (int o = 0; o < results.Length; o++)
        {
            if (o >= dynamic.Outputs.Length || dynamic.Outputs[o] is not { } target)
                continue;
            // A view of memory that the next run overwrites must not be handed out.
            Value result = isView || IsBorrowed(results[o], values) ? ((Tensor)results[o]).Clone() : results[o];
            context.Objects[target.Object] = result;
            if (target.Slot is not null)
                CopyToSlot((Tensor)result, target.Slot, dynamic.Node, context.AddressOf(target.Slot, inputs, outputs));
        }
    }

    /// <summary>Computes the step on values at hand.</summary>
    /// <param name="dynamic">The step.</param>
    /// <param name="values">Its inputs, those of fused parts last; null for an absent one.</param>
    /// <param name="runner">Computes nodes.</param>
    /// <param name="scope">What ends the run early.</param>
    /// <param name="isView">Whether the result shares memory with the first input.</param>
    public static Value[] Compute(DynamicNode dynamic, Value?[] values, NodeRunner runner, RunScope scope, out bool isView)
    {
        isView = false;
        return dynamic.Bodies.Count > 0 ? RunBodies(dynamic, values, runner, scope)
            : runner.Run(dynamic.Node, values, view => dynamic.Selector.NamesFor(view), out isView);
    }

    private static Value[] RunBodies(DynamicNode dynamic, Value?[] values, NodeRunner runner, RunScope scope)
    {
        try
        {
            return ControlFlowOps.Find(dynamic.Node)!.Run(new ControlFlowCall(dynamic.Node, values, dynamic.Bodies, runner, scope.ForBody()));
        }
        catch (Exception e) when (e is OpException or ShapeException)
        {
            throw new GraphException(e.Message, dynamic.Node.Name, dynamic.Node.QualifiedOp, e);
        }
    }

    // A loop without trips, or a host step, may hand an input on.
    private static bool IsBorrowed(Value result, Value?[] values) => result is Tensor && Array.IndexOf(values, result) >= 0;

    private static Value Read(DynamicSource source, RunContext context, ReadOnlySpan<nint> inputs, ReadOnlySpan<nint> outputs)
    {
        if (source.Slot is not { } slot)
            return context.Objects[source.Object] ?? throw new InvalidOperationException("a value is read before it is made");
        if (slot.Operand.Type == DType.String)
            return slot.Constant!;
        return Tensor.Borrow(slot.Operand.Type, slot.Operand.Shape, context.AddressOf(slot, inputs, outputs), slot.Bytes);
    }

    private static void CopyToSlot(Tensor result, PlanSlot slot, Node node, nint address)
    {
        if (result.Type != slot.Operand.Type || result.Shape != slot.Operand.Shape)
            throw new GraphException($"the node gave {result}, inference said {slot.Operand}", node.Name, node.QualifiedOp);
        using Tensor memory = Tensor.Borrow(slot.Operand.Type, slot.Operand.Shape, address, slot.Bytes);
        result.CopyTo(memory);
    }
}
