using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>
/// Moves strings, which no kernel can address: the operator's own kernel moves the numbers of the strings instead, counted through all
/// string inputs, and its output says which string goes where.
/// </summary>
internal static class StringMoves
{
    // In the place of strings that nothing names: what a kernel fills in by itself.
    private const long None = 0;

    /// <summary>True if the data is strings.</summary>
    public static bool Applies(NodeFacts node, int index = 0) => node.Has(index) && node.Inputs[index] is TensorFact { Type: DType.String };

    /// <summary>Computes a node with string inputs on the host.</summary>
    /// <typeparam name="TProblem">The operator's problem.</typeparam>
    public static Value[] Run<TProblem>(OpDefinition<TProblem> op, NodeFacts node, IReadOnlyList<Value?> inputs, long maxBytes) where TProblem : Problem
    {
        op.Infer(node);
        var pool = new List<string> { "" };
        var owned = new List<Tensor>();
        try
        {
            Tensor?[] values = [.. inputs.Select(v => v is Tensor { Type: DType.String } strings ? Numbered(strings, pool, owned) : (Tensor?)v)];
            var facts = new NodeFacts(node.Attributes, node.Opset, [.. values.Select(v => (ValueFact?)(v is null ? null : TensorFact.OfConstant(v)))],
                node.OutputCount, node.Fresh);
            Problem problem = op.CreateProblem(facts);
            var memory = new HostMemory(maxBytes);
            foreach (TensorType output in problem.Outputs)
                memory.Check(DType.String, output.Shape);
            Tensor[] moved = [.. problem.Outputs.Select(o => Own(Tensor.Allocate(o.Type, o.Shape), owned))];
            Run(op, problem, values, moved);
            return [.. moved.Select(m => Picked(m, pool))];
        }
        finally
        {
            foreach (Tensor tensor in owned)
                tensor.Dispose();
        }
    }

    private static void Run(OpDefinition op, Problem problem, Tensor?[] inputs, Tensor[] outputs)
    {
        Candidate candidate = op.Candidates(problem, new Target(IsaLevel.Scalar, 1, CacheSizes.Typical)).Accepted
            .First(c => !c.Algorithm.IsView && c.PackKey is null && c.Formats == FormatChoice.Plain);
        using var workspace = new NativeBuffer(candidate.WorkspaceBytes);
        candidate.Bind(null).Run(new KernelArgs
        {
            Inputs = Array.ConvertAll(inputs, t => t?.Address ?? 0),
            Outputs = Array.ConvertAll(outputs, t => t.Address),
            Workspace = workspace.Address,
            Workers = WorkerPool.Single,
        });
        GC.KeepAlive(inputs);
    }

    private static Tensor Numbered(Tensor strings, List<string> pool, List<Tensor> owned)
    {
        Tensor numbers = Own(Tensor.Allocate(DType.Int64, strings.Shape), owned);
        Span<long> to = numbers.AsSpan<long>();
        for (int i = 0; i < to.Length; i++)
            to[i] = pool.Count + i;
        pool.AddRange(strings.AsStrings());
        return numbers;
    }

    private static Tensor Picked(Tensor numbers, List<string> pool)
    {
        Tensor result = Tensor.Allocate(DType.String, numbers.Shape);
        Span<long> from = numbers.AsSpan<long>();
        Span<string> to = result.AsStrings();
        for (int i = 0; i < to.Length; i++)
            to[i] = from[i] == None ? "" : pool[(int)from[i]];
        return result;
    }

    private static Tensor Own(Tensor tensor, List<Tensor> owned)
    {
        owned.Add(tensor);
        return tensor;
    }
}
