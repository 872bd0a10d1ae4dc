using System.Collections.Immutable;
using Ai3.Ops;
using Ai3.Tensors;

namespace Ai3.Runtime;

/// <summary>SequenceMap: a body for every element of a sequence; further sequences give it their element, tensors themselves.</summary>
internal sealed class SequenceMapOp : ControlFlowOp
{
    private const string BodyName = "body";

    public override ImmutableArray<ValueFact?> Infer(ControlFlowFacts node)
    {
        var inputs = new ValueFact?[node.InputCount];
        for (int i = 0; i < inputs.Length; i++)
            inputs[i] = node.Input(i) is SequenceFact sequence ? FactJoin.WithoutValue(sequence.Element) : FactJoin.WithoutValue(node.Input(i));
        if (inputs.Length == 0 || node.Input(0) is not SequenceFact)
            throw new OpException($"input 0 is {node.Input(0)?.ToString() ?? "missing"}, must be a sequence");
        ImmutableArray<ValueFact?> outputs = node.InferBody(BodyName, inputs);
        if (node.Node.Outputs.Count > outputs.Length)
            throw new OpException($"the node has {node.Node.Outputs.Count} outputs, its body gives {outputs.Length}");
        return [.. outputs.Select(f => f is null ? null : new SequenceFact(FactJoin.WithoutValue(f)!))];
    }

    public override Value[] Run(ControlFlowCall call)
    {
        var first = (SequenceValue)call.Inputs[0]!;
        Graph body = call.GraphOf(BodyName);
        var results = new List<Value>[body.Outputs.Count];
        for (int o = 0; o < results.Length; o++)
            results[o] = [];
        for (int trip = 0; trip < first.Items.Count; trip++)
        {
            call.CheckTrip(trip);
            var inputs = new Value?[call.Inputs.Length];
            for (int i = 0; i < inputs.Length; i++)
                inputs[i] = call.Inputs[i] is SequenceValue sequence ? ItemOf(sequence, trip, i, first.Items.Count) : call.Inputs[i];
            Value[] outputs = call.RunBody(BodyName, inputs);
            for (int o = 0; o < results.Length; o++)
                results[o].Add(outputs[o]);
        }
        return [.. results.Select((r, o) => new SequenceValue(FactJoin.WithoutValue(body.Outputs[o].Fact) ?? new TensorFact(DType.Undefined, null), r))];
    }

    private static Value ItemOf(SequenceValue sequence, int index, int input, int count) =>
        sequence.Items.Count == count ? sequence.Items[index] : throw new OpException($"input {input} has {sequence.Items.Count} elements, input 0 has {count}; must be as many");
}
