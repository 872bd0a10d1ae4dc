using System.Collections.Immutable;
using Ai3.Ops;
using Ai3.Tensors;

namespace Ai3.Runtime;

/// <summary>Scan: a body (state..., slice...) -> (state..., scanned...) for every slice of its scanned inputs; states keep their shapes.</summary>
internal sealed class ScanOp : ControlFlowOp
{
    private const string BodyName = "body";

    public override ImmutableArray<ValueFact?> Infer(ControlFlowFacts node)
    {
        int states = StateCount(node);
        ScanAxes axes = ScanAxes.Read(node.Node.Attributes, node.InputCount, node.Body(BodyName).Outputs.Count - states);
        var inputs = new ValueFact?[node.InputCount];
        Dim? length = null;
        for (int i = 0; i < inputs.Length; i++)
        {
            ValueFact? fact = node.Input(i) ?? throw new OpException($"input {i} is missing");
            inputs[i] = i < states ? FactJoin.WithoutValue(fact) : SliceOf(fact, axes.InputAxes[i - states], i, ref length);
        }
        ImmutableArray<ValueFact?> outputs = node.InferBody(BodyName, inputs);
        var result = ImmutableArray.CreateBuilder<ValueFact?>(outputs.Length);
        for (int o = 0; o < outputs.Length; o++)
            result.Add(o < states ? FactJoin.Join(inputs[o], FactJoin.WithoutValue(outputs[o]), _ => node.Fresh())
                : Stacked(outputs[o], axes.OutputAxes[o - states], length ?? node.Fresh()));
        return result.MoveToImmutable();
    }

    public override Value[] Run(ControlFlowCall call)
    {
        Graph body = call.GraphOf(BodyName);
        int states = call.Inputs.Length - (int)call.Node.Attributes.Int("num_scan_inputs");
        ScanAxes axes = ScanAxes.Read(call.Node.Attributes, call.Inputs.Length, body.Outputs.Count - states);
        return ScanRun.Run(call, axes, BodyName, [.. call.Inputs[..states]], [.. call.Inputs[states..]]);
    }

    /// <summary>How many inputs are states: those that are not scanned, as many as the body's first outputs.</summary>
    internal static int StateCount(ControlFlowFacts node)
    {
        int states = node.InputCount - ScanAxes.CountOf(node.Node.Attributes, node.InputCount);
        int outputs = node.Body(BodyName).Outputs.Count;
        if (outputs < states)
            throw new OpException($"'body' gives {outputs} outputs, must be {states} states or more");
        return node.Node.Outputs.Count <= outputs ? states : throw new OpException($"the node has {node.Node.Outputs.Count} outputs, its body gives {outputs}");
    }

    private static TensorFact SliceOf(ValueFact fact, long axis, int index, ref Dim? length)
    {
        if (fact is not TensorFact tensor)
            throw new OpException($"input {index} is {fact}, a scanned input must be a tensor");
        if (tensor.Shape is not { } shape)
            return new TensorFact(tensor.Type, null);
        int at = ScanAxes.Resolve(axis, shape.Rank, "scan_input_axes value");
        if (length is { IsKnown: true } known && shape[at].IsKnown && known != shape[at])
            throw new OpException($"input {index} has {shape[at]} slices, the others have {known}");
        if (length is not { IsKnown: true })
            length = shape[at];
        return new TensorFact(tensor.Type, [.. shape.Where((_, i) => i != at)]);
    }

    private static TensorFact? Stacked(ValueFact? fact, long axis, Dim length)
    {
        if (fact is null)
            return null;
        if (fact is not TensorFact tensor)
            throw new OpException($"a scanned output of 'body' is {fact}, must be a tensor");
        if (tensor.Shape is not { } shape)
            return new TensorFact(tensor.Type, null);
        List<Dim> dims = [.. shape];
        dims.Insert(ScanAxes.Resolve(axis, dims.Count + 1, "scan_output_axes value"), length);
        return new TensorFact(tensor.Type, [.. dims]);
    }
}
