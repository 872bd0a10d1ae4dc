using System.Collections.Immutable;
using Ai3.Tensors;

namespace Ai3.Ops.Tests;

/// <summary>Runs one operator through every row at every instruction set.</summary>
internal static class ElementwiseRunner
{
    public static Attributes Attributes(params (string Name, object Value)[] values)
    {
        Attributes attributes = Ai3.Ops.Attributes.Empty;
        foreach ((string name, object value) in values)
            attributes = attributes.With(name, value);
        return attributes;
    }

    public static NodeFacts Node(int opset, Attributes attributes, params Tensor?[] inputs)
    {
        int fresh = 0;
        return new NodeFacts(attributes, opset, [.. inputs.Select(t => t is null ? null : (ValueFact)TensorFact.Of(t))], 1, () => Dim.Symbol($"fresh{fresh++}"));
    }

    public static OpDefinition Find(string name, int opset) =>
        OpCatalog.Default.Find("", name, opset) ?? throw new InvalidOperationException($"no {name} at opset {opset}");

    /// <summary>The output of each accepted row with plain layouts, by row and instruction set.</summary>
    public static IEnumerable<(string Row, Tensor Output)> Run(string name, int opset, Attributes attributes, params Tensor?[] inputs)
    {
        OpDefinition op = Find(name, opset);
        NodeFacts node = Node(opset, attributes, inputs);
        ImmutableArray<ValueFact> inferred = op.Infer(node);
        Problem problem = op.CreateProblem(node);
        Assert.Equal(problem.Key, op.ParseProblem(problem.Key)?.Key);
        Assert.Equal(problem.Outputs[0].ToString(), inferred[0].ToString());
        foreach (IsaLevel isa in Isa.Supported)
            foreach (int threads in new[] { 1, 2 })
            {
                CandidateSet set = op.Candidates(problem, new Target(isa, threads, CacheSizes.Typical));
                Assert.NotEmpty(set.Accepted);
                foreach (Candidate candidate in set.Accepted.Where(c => c.Formats.Equals(FormatChoice.Plain)))
                    yield return ($"{candidate.Algorithm.Name} {isa} {threads}", Run(problem, candidate, threads, inputs));
            }
    }

    public static Tensor Run(Problem problem, Candidate candidate, int threads, params Tensor?[] inputs)
    {
        var output = Tensor.Allocate(problem.Outputs[0].Type, problem.Outputs[0].Shape, candidate.Formats.Output(0));
        output.AsBytes().Fill(0xA5);
        using var workspace = new NativeBuffer(candidate.WorkspaceBytes);
        using var workers = new WorkerPool(threads, 0);
        nint[] addresses = [.. inputs.Select(t => t?.Address ?? 0)];
        nint[] outputs = [output.Address];
        candidate.Bind(null).Run(new KernelArgs { Inputs = addresses, Outputs = outputs, Workspace = workspace.Address, Workers = workers });
        return output;
    }

    public static Tensor F32(long[] shape, params float[] values) => Tensor.From(values, Shape.Create(shape));

    public static Tensor F32(params float[] values) => Tensor.From(values, Shape.Create(values.Length));
}
