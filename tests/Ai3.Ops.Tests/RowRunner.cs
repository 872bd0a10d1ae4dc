using Ai3.Tensors;

namespace Ai3.Ops.Tests;

/// <summary>Runs an operator with several outputs, whose inputs are constants to inference, through every row at every instruction set.</summary>
internal static class RowRunner
{
    public static IEnumerable<(string Row, Tensor[] Outputs)> Run(OpDefinition op, int opset, Attributes attributes, int outputCount, params Tensor?[] inputs)
    {
        var node = new NodeFacts(attributes, opset, [.. inputs.Select(t => t is null ? null : (ValueFact)TensorFact.OfConstant(t))], outputCount, () => Dim.Symbol("?"));
        var inferred = op.Infer(node);
        Problem problem = op.CreateProblem(node);
        for (int o = 0; o < problem.Outputs.Length; o++)
            Assert.Equal(problem.Outputs[o].ToString(), inferred[o].ToString());
        Assert.Equal(problem.Key, op.ParseProblem(problem.Key)?.Key);
        foreach (IsaLevel isa in Isa.Supported)
            foreach (int threads in new[] { 1, 2 })
                foreach (Candidate candidate in op.Candidates(problem, new Target(isa, threads, CacheSizes.Typical)).Accepted.Where(c => c.Formats.Equals(FormatChoice.Plain)))
                    yield return ($"{candidate.Algorithm.Name} {isa} {threads}", Execute(problem, candidate, threads, inputs));
    }

    private static Tensor[] Execute(Problem problem, Candidate candidate, int threads, Tensor?[] inputs)
    {
        Tensor[] outputs = [.. problem.Outputs.Select(o => Tensor.Allocate(o.Type, o.Shape))];
        foreach (Tensor output in outputs)
            output.AsBytes().Fill(0xA5);
        using var workspace = new NativeBuffer(candidate.WorkspaceBytes);
        using var workers = new WorkerPool(threads, 0);
        var inputAddresses = new nint[problem.Inputs.Length];
        for (int i = 0; i < Math.Min(inputs.Length, inputAddresses.Length); i++)
            inputAddresses[i] = inputs[i]?.Address ?? 0;
        candidate.Bind(null).Run(new KernelArgs
        {
            Inputs = inputAddresses,
            Outputs = Array.ConvertAll(outputs, t => t.Address),
            Workspace = workspace.Address,
            Workers = workers,
        });
        GC.KeepAlive(inputs);
        return outputs;
    }
}
