using Ai3.Ops;
using Ai3.Tensors;

namespace Ai3.Runtime;

/// <summary>The loop that every version of Scan runs.</summary>
internal static class ScanRun
{
    /// <summary>Scans.</summary>
    /// <param name="call">The run of the node.</param>
    /// <param name="axes">What is scanned and how.</param>
    /// <param name="body">The body's name.</param>
    /// <param name="states">The first states.</param>
    /// <param name="scanned">The values that are scanned.</param>
    /// <returns>The last states, then the stacked outputs.</returns>
    public static Value[] Run(ControlFlowCall call, ScanAxes axes, string body, Value?[] states, Value?[] scanned)
    {
        var sources = new Tensor[scanned.Length];
        for (int i = 0; i < sources.Length; i++)
            sources[i] = AxisFirst(call, scanned[i] as Tensor ?? throw new OpException($"scanned input {i} is {scanned[i]?.Fact}, must be a tensor"), axes.InputAxes[i]);
        long length = sources[0].Shape[0];
        if (sources.FirstOrDefault(s => s.Shape[0] != length) is { } other)
            throw new OpException($"one scanned input has {other.Shape[0]} slices, another {length}; must be as many");
        Graph graph = call.GraphOf(body);
        var stacks = new ScanStack[graph.Outputs.Count - states.Length];
        for (int o = 0; o < stacks.Length; o++)
            stacks[o] = new ScanStack(graph.Outputs[states.Length + o], call.Runner.Limits.TensorBytes);
        var inputs = new Value?[states.Length + sources.Length];
        states.CopyTo(inputs, 0);
        for (long trip = 0; trip < length; trip++)
        {
            call.CheckTrip(trip);
            for (int i = 0; i < sources.Length; i++)
                inputs[states.Length + i] = SliceOf(sources[i], axes.InputBackwards[i] ? length - 1 - trip : trip);
            Value[] outputs = call.RunBody(body, inputs);
            Array.Copy(outputs, inputs, states.Length);
            for (int o = 0; o < stacks.Length; o++)
                stacks[o].Add(outputs[states.Length + o]);
        }
        return [.. inputs[..states.Length].Select(s => s!), .. stacks.Select((s, o) => Placed(call, s.ToTensor(axes.OutputBackwards[o]), axes.OutputAxes[o]))];
    }

    // One slice along the first axis, in place.
    private static Tensor SliceOf(Tensor source, long index)
    {
        Shape shape = [.. source.Shape.ToArray()[1..]];
        return source.Part(index * shape.Count, shape);
    }

    private static Tensor AxisFirst(ControlFlowCall call, Tensor tensor, long axis)
    {
        int rank = tensor.Shape.Rank, at = ScanAxes.Resolve(axis, rank, "scan_input_axes value");
        return at == 0 ? tensor : call.Runner.Transpose(tensor, [at, .. Enumerable.Range(0, rank).Where(i => i != at)]);
    }

    private static Tensor Placed(ControlFlowCall call, Tensor stacked, long axis)
    {
        int rank = stacked.Shape.Rank, at = ScanAxes.Resolve(axis, rank, "scan_output_axes value");
        if (at == 0)
            return stacked;
        List<int> order = [.. Enumerable.Range(1, rank - 1)];
        order.Insert(at, 0);
        return call.Runner.Transpose(stacked, [.. order]);
    }
}
