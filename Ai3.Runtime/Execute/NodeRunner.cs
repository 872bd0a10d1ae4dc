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
    /// <summary>The limits that every made tensor is checked against.</summary>
    public RunLimits Limits => limits;

    /// <summary>Computes a node.</summary>
    /// <param name="node">The node.</param>
    /// <param name="inputs">Values of its inputs; null for absent ones.</param>
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

    private Value[] RunCore(Node node, IReadOnlyList<Value?> inputs, Func<NodeView, ImmutableArray<string>> names, out bool isView)
    {
        isView = false;
        OpDefinition op = catalog.Find(node.Domain, node.OpType, node.Opset)!;
        var facts = new NodeFacts(node.Attributes, node.Opset, [.. inputs.Select(FactOf)], node.Outputs.Count, () => Dim.Symbol("?"));
        if (op.RunsOnHost(facts))
            return op.RunOnHost(facts, inputs, limits.TensorBytes);
        ImmutableArray<ValueFact> outputs = op.Infer(facts);
        if (outputs.OfType<TensorFact>().All(f => f.Constant is not null) && outputs.All(f => f is TensorFact))
            return [.. outputs.Select(f => ((TensorFact)f).Constant!.Clone())];
        Problem problem = op.CreateProblem(facts);
        foreach (TensorType output in problem.Outputs)
            CheckBytes(output);
        CandidateSet set = op.Candidates(problem, target);
        Candidate candidate = AlgorithmSelector.Choose(set, names(new NodeView(node.Name, node.QualifiedOp, 0, problem)), node, plainOnly: true)
            .MinBy(c => c.CostNanoseconds)!;
        if (candidate.Algorithm.IsView)
        {
            isView = true;
            return [((Tensor)inputs[0]!).Reshape(problem.Outputs[0].Shape)];
        }
        return Execute(problem, candidate, inputs);
    }

    private Value[] Execute(Problem problem, Candidate candidate, IReadOnlyList<Value?> inputs)
    {
        var constants = new Tensor?[problem.Inputs.Length];
        var inputAddresses = new nint[problem.Inputs.Length];
        for (int i = 0; i < inputs.Count; i++)
        {
            if (inputs[i] is not Tensor tensor)
                continue;
            constants[i] = tensor;
            if (i < inputAddresses.Length && tensor.Type != DType.String)
                inputAddresses[i] = tensor.Address;
        }
        Tensor?[] outputs = [.. problem.Outputs.Select(o => o.IsAbsent ? null : Tensor.Allocate(o.Type, o.Shape))];
        try
        {
            CheckBytes(candidate.WorkspaceBytes, "workspace");
            using var workspace = new NativeBuffer(candidate.WorkspaceBytes);
            using PackedConstants? packed = candidate.PackKey is null ? null : candidate.Pack(constants);
            candidate.Bind(packed).Run(new KernelArgs
            {
                Inputs = inputAddresses,
                Outputs = Array.ConvertAll(outputs, o => o?.Address ?? 0),
                Workspace = workspace.Address,
                Workers = workers,
            });
        }
        catch
        {
            foreach (Tensor? output in outputs)
                output?.Dispose();
            throw;
        }
        foreach (Value? input in inputs)
            GC.KeepAlive(input);
        return outputs!;
    }

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
