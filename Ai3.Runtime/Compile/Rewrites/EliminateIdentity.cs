namespace Ai3.Runtime;

/// <summary>Removes nodes that pass their input on: Identity, Dropout without a mask, Cast to the same type.</summary>
internal sealed class EliminateIdentity : IRewrite
{
    public string Name => "eliminate_identity";

    public bool Apply(RewriteContext context)
    {
        bool changed = false;
        foreach (Node node in context.NodesOf("Identity", "Dropout", "Cast"))
        {
            if (node.Inputs[0] is not { } input || node.Outputs[0] is not { } output || !PassesOn(node, input, output))
                continue;
            if (context.Patch.IsOutput(output))
            {
                if (!TakeOver(context, node, input, output))
                    continue;
            }
            else
            {
                context.Patch.ReplaceReads(output, input);
                context.Patch.Remove(node);
            }
            changed = true;
        }
        return changed;
    }

    private static bool PassesOn(Node node, GraphValue input, GraphValue output) => node.OpType switch
    {
        "Identity" => input.Tensor is not null,
        "Dropout" => node.Outputs.Skip(1).All(o => o is null || o.Readers.Count == 0) && !IsTraining(node),
        _ => input.Tensor is { } from && output.Tensor is { } to && from.Type == to.Type,
    };

    // A training_mode input that is not a constant false leaves the node to its operator.
    private static bool IsTraining(Node node) => node.Inputs.Count > 2 && node.Inputs[2] is { } mode && mode.Constant?.AsBytes()[0] != 0;

    // The output keeps its name: the input's producer writes it instead.
    private static bool TakeOver(RewriteContext context, Node node, GraphValue input, GraphValue output)
    {
        if (input.Producer is not { } producer || context.Patch.IsOutput(input))
            return false;
        int place = producer.OutputList.IndexOf(input);
        context.Patch.Remove(node);
        producer.OutputList[place] = output;
        output.Producer = producer;
        context.Patch.ReplaceReads(input, output);
        return true;
    }
}
