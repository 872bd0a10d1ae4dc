using System.Collections.Immutable;
using Ai3.Ops;
using Ai3.Tensors;

namespace Ai3.Runtime;

/// <summary>Scan of opset 8: input 0 holds sequence lengths, every other input has a batch axis in front, and the next axis is scanned.</summary>
internal sealed class BatchScanOp : ControlFlowOp
{
    private const string BodyName = "body";

    public override ImmutableArray<ValueFact?> Infer(ControlFlowFacts node)
    {
        int outputs = node.Body(BodyName).Outputs.Count;
        int states = node.InputCount - 1 - ScanAxes.CountOf(node.Node.Attributes, node.InputCount - 1);
        if (outputs < states)
            throw new OpException($"'body' gives {outputs} outputs, must be {states} states or more");
        if (node.Node.Outputs.Count > outputs)
            throw new OpException($"the node has {node.Node.Outputs.Count} outputs, its body gives {outputs}");
        ScanAxes.ReadBatch(node.Node.Attributes, node.InputCount - 1, outputs - states);
        var inputs = new ValueFact?[node.InputCount - 1];
        Dim batch = node.Fresh(), length = node.Fresh();
        for (int i = 0; i < inputs.Length; i++)
        {
            int leading = i < states ? 1 : 2;
            if (node.Input(1 + i) is not TensorFact tensor)
                throw new OpException($"input {1 + i} is {node.Input(1 + i)?.ToString() ?? "missing"}, must be a tensor");
            if (tensor.Shape is { } shape && shape.Rank < leading)
                throw new OpException($"input {1 + i} is {tensor}, must have {leading} axes or more");
            if (tensor.Shape is { } s)
                (batch, length) = (s[0], leading == 2 ? s[1] : length);
            inputs[i] = new TensorFact(tensor.Type, tensor.Shape is { } full ? [.. full.Skip(leading)] : null);
        }
        ImmutableArray<ValueFact?> facts = node.InferBody(BodyName, inputs);
        return [.. facts.Select((f, o) => f is TensorFact t ? new TensorFact(t.Type, t.Shape is { } s ? o < states ? [batch, .. s] : [batch, length, .. s] : null) : null)];
    }

    public override Value[] Run(ControlFlowCall call)
    {
        ReadOnlySpan<Value?> inputs = call.Inputs[1..];
        int outputs = call.GraphOf(BodyName).Outputs.Count, states = inputs.Length - (int)call.Node.Attributes.Int("num_scan_inputs");
        ScanAxes axes = ScanAxes.ReadBatch(call.Node.Attributes, inputs.Length, outputs - states);
        var tensors = new Tensor[inputs.Length];
        for (int i = 0; i < tensors.Length; i++)
            tensors[i] = (Tensor)inputs[i]!;
        long batch = tensors[0].Shape[0], longest = tensors[states].Shape[1];
        if (tensors.FirstOrDefault(t => t.Shape[0] != batch) is { } other)
            throw new OpException($"one input has {other.Shape[0]} batch items, another {batch}; must be as many");
        long[] lengths = LengthsOf(call.Inputs[0], batch, longest);
        var stacks = new ScanStack[outputs];
        for (int o = 0; o < outputs; o++)
            stacks[o] = new ScanStack(call.GraphOf(BodyName).Outputs[o], call.Runner.Limits.TensorBytes);
        for (long item = 0; item < batch; item++)
        {
            Value?[] own = [.. tensors.Select((t, i) => i < states ? ItemOf(t, item, []) : ItemOf(t, item, [lengths[item]]))];
            Value[] results = ScanRun.Run(call, axes, BodyName, own[..states], own[states..]);
            for (int o = 0; o < outputs; o++)
                stacks[o].Add(o < states ? results[o] : Lengthened((Tensor)results[o], longest));
        }
        return [.. stacks.Select(s => s.ToTensor())];
    }

    private static long[] LengthsOf(Value? value, long batch, long longest)
    {
        if (value is null)
            return [.. Enumerable.Repeat(longest, (int)batch)];
        long[] lengths = value is Tensor { Type: DType.Int64 } t && t.Count == batch ? t.AsSpan<long>().ToArray()
            : throw new OpException($"sequence_lens is {value.Fact}, must be i64[{batch}]");
        return lengths.All(l => l >= 0 && l <= longest) ? lengths : throw new OpException($"sequence_lens holds values outside [0, {longest}]");
    }

    // One batch item; of a scanned input, its first slices.
    private static Tensor ItemOf(Tensor tensor, long item, ReadOnlySpan<long> length)
    {
        long[] dims = tensor.Shape.ToArray();
        Shape whole = [.. dims[1..]];
        return tensor.Part(item * whole.Count, [.. length, .. dims[(1 + length.Length)..]]);
    }

    // Zeros behind a shorter sequence.
    private static Tensor Lengthened(Tensor tensor, long length)
    {
        if (tensor.Shape[0] == length)
            return tensor;
        Tensor longer = Tensor.Zeros(tensor.Type, [length, .. tensor.Shape.ToArray()[1..]]);
        tensor.CopyTo(longer.Part(0, tensor.Shape));
        return longer;
    }
}
