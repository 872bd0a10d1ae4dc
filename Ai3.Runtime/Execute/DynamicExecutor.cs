using Ai3.Tensors;

namespace Ai3.Runtime;

/// <summary>Runs a step whose shapes or values only the run knows.</summary>
internal static class DynamicExecutor
{
    public static void Run(DynamicNode dynamic, RunContext context, ReadOnlySpan<nint> inputs, ReadOnlySpan<nint> outputs, NodeRunner runner)
    {
        var values = new Value?[dynamic.Inputs.Length];
        for (int i = 0; i < values.Length; i++)
            values[i] = dynamic.Inputs[i] is { } source ? Read(source, context, inputs, outputs) : null;
        Value[] results = runner.Run(dynamic.Node, values, view => dynamic.Selector.NamesFor(view), out bool isView);
        for (int o = 0; o < results.Length; o++)
        {
            if (o >= dynamic.Outputs.Length || dynamic.Outputs[o] is not { } target)
                continue;
            // A view of memory that the next run overwrites must not be handed out.
            Value result = isView ? ((Tensor)results[o]).Clone() : results[o];
            context.Objects[target.Object] = result;
            if (target.Slot is not null)
                CopyToSlot((Tensor)result, target.Slot, dynamic.Node, context.AddressOf(target.Slot, inputs, outputs));
        }
    }

    private static Value Read(DynamicSource source, RunContext context, ReadOnlySpan<nint> inputs, ReadOnlySpan<nint> outputs)
    {
        if (source.Slot is not { } slot)
            return context.Objects[source.Object] ?? throw new InvalidOperationException("a value is read before it is made");
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
