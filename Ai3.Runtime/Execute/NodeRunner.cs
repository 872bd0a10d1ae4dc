using System.Collections.Immutable;
using Ai3.Ops;
using Ai3.Tensors;

namespace Ai3.Runtime;

/// <summary>
/// Computes one node on values at hand: infers, selects, binds and runs in one go. Constant folding, steps whose shapes only
/// the run decides, and single operations use it.
/// </summary>
internal sealed class NodeRunner(OpCatalog catalog, Target target, WorkerPool workers, RunLimits limits)
{
    private readonly Reorders _reorders = new(catalog, target);

    /// <summary>The limits that every made tensor is checked against.</summary>
    public RunLimits Limits => limits;

    /// <summary>Computes a node.</summary>
    /// <param name="node">The node.</param>
    /// <param name="inputs">Values of its inputs, those of fused parts last; null for absent ones.</param>
    /// <param name="names">Algorithm names to try, in order.</param>
    /// <param name="isView">Whether the result shares memory with the first input.</param>
    /// <returns>New values, one an output.</returns>
    public Value[] Run(Node node, IReadOnlyList<Value?> inputs, Func<NodeView, ImmutableArray<string>> names, out bool isView)
    {
        bool view = false;
        Value[] result = NodeFactsOf.Guard(node, () => RunCore(node, inputs, names, out view));
        isView = view;
        return result;
    }

    /// <summary>A tensor with its axes in another order: axis i of the result is axis order[i].</summary>
    public Tensor Transpose(Tensor tensor, ImmutableArray<int> order)
    {
        OpDefinition op = catalog.Find("", "Transpose", int.MaxValue)!;
        var attributes = new Attributes(ImmutableSortedDictionary<string, object>.Empty.Add("perm", ImmutableArray.CreateRange(order, i => (long)i)));
        var node = new Node("", "", op.Name, attributes) { Opset = op.Since };
        node.OutputList.Add(new GraphValue("", null));
        Value[] result = Run(node, [tensor], static _ => [Selector.Auto], out bool isView);
        return isView ? ((Tensor)result[0]).Clone() : (Tensor)result[0];
    }

    private Value[] RunCore(Node node, IReadOnlyList<Value?> inputs, Func<NodeView, ImmutableArray<string>> names, out bool isView)
    {
        isView = false;
        OpDefinition op = catalog.Find(node.Domain, node.OpType, node.Opset)!;
        ImmutableArray<ValueFact?> own = [.. inputs.Take(inputs.Count - node.FusedInputs.Count).Select(FactOf)];
        var facts = new NodeFacts(node.Attributes, node.Opset, own, node.Outputs.Count, () => Dim.Symbol("?")) { Fusion = node.Fusion };
        if (op.RunsOnHost(facts))
            return op.RunOnHost(facts, inputs, limits.TensorBytes);
        ImmutableArray<ValueFact> outputs = op.Infer(facts);
        if (outputs.OfType<TensorFact>().All(f => f.Constant is not null) && outputs.All(f => f is TensorFact))
            return [.. outputs.Select(f => ((TensorFact)f).Constant!.Clone())];
        Problem problem = op.CreateProblem(facts);
        foreach (TensorType output in problem.Outputs)
            CheckBytes(output);
        CandidateSet set = op.Candidates(problem, target);
        Candidate candidate = AlgorithmSelector.Choose(set, names(new NodeView(node.Name, node.QualifiedOp, 0, problem)), node)
            .MinBy(c => c.CostNanoseconds + LayoutCost(problem, c))!;
        if (candidate.Algorithm.IsView)
        {
            isView = true;
            return [((Tensor)inputs[0]!).Reshape(problem.Outputs[0].Shape)];
        }
        return Compute(problem, candidate, InKernelOrder(problem, inputs, node.FusedInputs.Count));
    }

    // The operator's own inputs, padded with absent ones, then those of fused parts.
    private static Value?[] InKernelOrder(Problem problem, IReadOnlyList<Value?> inputs, int fused)
    {
        var ordered = new Value?[problem.Inputs.Length];
        for (int i = 0; i < inputs.Count - fused && i < ordered.Length - fused; i++)
            ordered[i] = inputs[i];
        for (int i = 0; i < fused; i++)
            ordered[^(fused - i)] = inputs[inputs.Count - fused + i];
        return ordered;
    }

    /// <summary>Computes a problem by one candidate.</summary>
    /// <param name="problem">The problem.</param>
    /// <param name="candidate">Who computes it; no view.</param>
    /// <param name="inputs">Tensors in kernel order, row-major; null for an absent one.</param>
    /// <returns>New row-major tensors; null for an absent output.</returns>
    public Tensor[] Compute(Problem problem, Candidate candidate, Value?[] inputs)
    {
        CheckBytes(candidate.WorkspaceBytes, "workspace");
        var owned = new List<Tensor>();
        try
        {
            var constants = new Tensor?[problem.Inputs.Length];
            var placed = new Tensor?[problem.Inputs.Length];
            for (int i = 0; i < placed.Length; i++)
            {
                if (inputs[i] is not Tensor tensor)
                    continue;
                constants[i] = tensor;
                placed[i] = InFormat(tensor, candidate.Formats.Input(i), owned);
            }
            Tensor?[] outputs = [.. problem.Outputs.Select((o, k) => o.IsAbsent ? null : Own(Tensor.Allocate(o.Type, o.Shape, candidate.Formats.Output(k)), owned))];
            using var workspace = new NativeBuffer(candidate.WorkspaceBytes);
            using PackedConstants? packed = candidate.PackKey is null ? null : candidate.Pack(constants);
            candidate.Bind(packed).Run(new KernelArgs
            {
                Inputs = Array.ConvertAll(placed, AddressOf),
                Outputs = Array.ConvertAll(outputs, AddressOf),
                Workspace = workspace.Address,
                Workers = workers,
            });
            Tensor[] results = [.. outputs.Select(o => o is null ? null! : InFormat(o, Format.Plain, owned))];
            owned.RemoveAll(t => Array.IndexOf(results, t) >= 0);
            GC.KeepAlive(inputs);
            return results;
        }
        finally
        {
            foreach (Tensor tensor in owned)
                tensor.Dispose();
        }
    }

    private Tensor InFormat(Tensor tensor, Format format, List<Tensor> owned) =>
        tensor.Format == format ? tensor : Own(_reorders.Apply(tensor, format), owned);

    private double LayoutCost(Problem problem, Candidate candidate)
    {
        double cost = 0;
        for (int i = 0; i < problem.Inputs.Length; i++)
            cost += AlgorithmSelector.ReorderCost(Format.Plain, candidate.Formats.Input(i), problem.Inputs[i], target);
        for (int o = 0; o < problem.Outputs.Length; o++)
            cost += AlgorithmSelector.ReorderCost(candidate.Formats.Output(o), Format.Plain, problem.Outputs[o], target);
        return cost;
    }

    private static Tensor Own(Tensor tensor, List<Tensor> owned)
    {
        owned.Add(tensor);
        return tensor;
    }

    private static nint AddressOf(Tensor? tensor) => tensor is null || tensor.Type == DType.String ? 0 : tensor.Address;

    private void CheckBytes(TensorType output)
    {
        if (!output.IsAbsent)
            CheckBytes(output.ByteLength, $"output {output}");
    }

    private void CheckBytes(long bytes, string what)
    {
        if (bytes > limits.TensorBytes)
            throw new OpException($"{what} takes {bytes} bytes, over the limit of {limits.TensorBytes} a tensor");
    }

    private static ValueFact? FactOf(Value? value) => value is Tensor tensor ? TensorFact.OfConstant(tensor) : value?.Fact;
}
