using System.Collections.Immutable;
using Ai3.Tensors;

namespace Ai3.Ops.Tests;

/// <summary>Runs an operator on tensors: infers, makes the problem, and demands the same bytes of every algorithm at every level.</summary>
internal static class MovementRunner
{
    public static readonly IsaLevel[] Levels =
    [
        .. Enum.GetValues<IsaLevel>().Where(l => l switch
        {
            IsaLevel.Avx512 => System.Runtime.Intrinsics.X86.Avx512BW.IsSupported,
            IsaLevel.Avx2 => System.Runtime.Intrinsics.X86.Avx2.IsSupported,
            _ => true,
        }),
    ];

    public static Attributes Attributes(params (string Name, object Value)[] values)
    {
        Attributes attributes = Ai3.Ops.Attributes.Empty;
        foreach ((string name, object value) in values)
            attributes = attributes.With(name, value switch
            {
                int i => (long)i,
                int[] list => list.Select(v => (long)v).ToImmutableArray(),
                long[] list => list.ToImmutableArray(),
                float[] list => list.ToImmutableArray(),
                string[] list => list.ToImmutableArray(),
                _ => value,
            });
        return attributes;
    }

    public static NodeFacts Node(int opset, Attributes attributes, int outputs, params ValueFact?[] inputs)
    {
        int next = 0;
        return new NodeFacts(attributes, opset, [.. inputs], outputs, () => Dim.Symbol($"fresh{next++}"));
    }

    public static OpDefinition Find(string op, int opset) =>
        MovementOps.All.Single(o => o.Name == op && o.Since <= opset && opset <= o.Until);

    /// <summary>The operator's outputs; all rows and levels must agree on every byte.</summary>
    public static Tensor[] Run(string op, int opset, Attributes attributes, Tensor?[] inputs, int outputs = 1)
    {
        OpDefinition definition = Find(op, opset);
        NodeFacts node = Node(opset, attributes, outputs, [.. inputs.Select(t => t is null ? null : TensorFact.OfConstant(t))]);
        ImmutableArray<ValueFact> facts = definition.Infer(node);
        Problem problem = definition.CreateProblem(node);
        Assert.Equal(problem.Outputs.Length, facts.Length);
        for (int i = 0; i < facts.Length; i++)
        {
            var fact = (TensorFact)facts[i];
            Assert.Equal(problem.Outputs[i].Type, fact.Type);
            if (fact.Shape is { IsKnown: true })
                Assert.Equal(problem.Outputs[i].Shape, fact.KnownShape);
        }
        CheckKey(definition, problem);
        Tensor[]? expected = null;
        using var pool = new WorkerPool(3);
        foreach (IsaLevel isa in Levels)
        {
            var target = new Target(isa, 3, CacheSizes.Typical);
            CandidateSet set = definition.Candidates(problem, target);
            Assert.NotEmpty(set.Accepted);
            foreach (Candidate candidate in set.Accepted.Reverse().Where(c => c.Formats.Inputs.All(f => f == Format.Plain)))
                foreach (byte poison in new byte[] { 0x5A, 0xA5 })
                    foreach (WorkerPool workers in new[] { WorkerPool.Single, pool })
                    {
                        Tensor[] actual = Execute(candidate, problem, inputs, workers, poison);
                        expected ??= actual;
                        for (int i = 0; i < actual.Length; i++)
                            Assert.True(expected[i].AsBytes().SequenceEqual(actual[i].AsBytes()), $"{candidate.Algorithm.Name} {isa} differs: {problem.Key}");
                    }
        }
        return expected!;
    }

    public static unsafe Tensor[] Execute(Candidate candidate, Problem problem, Tensor?[] inputs, WorkerPool workers, byte poison)
    {
        var results = new Tensor[problem.Outputs.Length];
        var outputAddresses = new nint[results.Length];
        for (int i = 0; i < results.Length; i++)
        {
            results[i] = Tensor.Allocate(problem.Outputs[i].Type, problem.Outputs[i].Shape, candidate.Formats.Output(i));
            results[i].AsBytes().Fill(poison);
            outputAddresses[i] = results[i].Address;
        }
        nint[] inputAddresses = [.. inputs.Select(t => t?.Address ?? 0)];
        using var workspace = new NativeBuffer(candidate.WorkspaceBytes);
        PackedConstants? packed = candidate.PackKey is null ? null : candidate.Pack(inputs);
        candidate.Bind(packed).Run(new KernelArgs { Inputs = inputAddresses, Outputs = outputAddresses, Workspace = workspace.Address, Workers = workers });
        GC.KeepAlive(inputs);
        return results;
    }

    /// <summary>The one output's elements.</summary>
    public static T[] Run<T>(string op, int opset, Attributes attributes, params Tensor?[] inputs) where T : unmanaged =>
        Run(op, opset, attributes, inputs)[0].AsSpan<T>().ToArray();

    /// <summary>What inference says of the one output.</summary>
    public static TensorFact Infer(string op, int opset, Attributes attributes, params ValueFact?[] inputs) =>
        (TensorFact)Find(op, opset).Infer(Node(opset, attributes, 1, inputs))[0];

    /// <summary>The message that inference or the problem's creation refuses with: one line.</summary>
    public static string Refusal(string op, int opset, Attributes attributes, params Tensor?[] inputs)
    {
        OpDefinition definition = Find(op, opset);
        Exception? thrown = Record.Exception(() =>
        {
            NodeFacts node = Node(opset, attributes, 1, [.. inputs.Select(t => t is null ? null : TensorFact.OfConstant(t))]);
            definition.Infer(node);
            definition.CreateProblem(node);
        });
        Assert.True(thrown is OpException or ShapeException or OpUnsupportedException, thrown?.ToString() ?? "not refused");
        Assert.DoesNotContain('\n', thrown!.Message);
        return thrown.Message;
    }

    public static TensorFact Symbolic(DType type, params object[] dims) =>
        new(type, SymbolicShape.Create([.. dims.Select(d => d is string s ? Dim.Symbol(s) : (Dim)Convert.ToInt64(d))]));

    public static TensorFact Elements(params object[] elements) => Symbolic(DType.Int64, elements.Length) with
    {
        Elements = [.. elements.Select(d => d is string s ? Dim.Symbol(s) : (Dim)Convert.ToInt64(d))],
    };

    /// <summary>Demands elements of shape arithmetic: numbers and symbols.</summary>
    public static void AssertElements(TensorFact fact, params object[] expected)
    {
        Assert.False(fact.Elements.IsDefault);
        Assert.Equal(Elements(expected).Elements.ToArray(), fact.Elements.ToArray());
    }

    public static Tensor Iota(DType type, params long[] dims)
    {
        Tensor tensor = Tensor.Allocate(type, Shape.Create(dims));
        Span<byte> bytes = tensor.AsBytes();
        for (int i = 0; i < bytes.Length; i++)
            bytes[i] = (byte)(i * 7 + i / 256 * 13);
        // Unused bits of the last byte are zeros, as kernels leave them.
        int used = (int)(tensor.Count * type.BitsPerElement() % 8);
        if (used != 0)
            bytes[^1] &= (byte)((1 << used) - 1);
        return tensor;
    }

    public static Tensor Floats(long[] dims, params float[] values) => Tensor.Copy<float>(values, Shape.Create(dims));

    public static Tensor Longs(params long[] values) => Tensor.Copy<long>(values, [values.Length]);

    public static float[] Count(int n) => [.. Enumerable.Range(0, n).Select(i => (float)i)];

    private static void CheckKey(OpDefinition definition, Problem problem)
    {
        Problem? parsed = definition.ParseProblem(problem.Key);
        Assert.NotNull(parsed);
        Assert.Equal(problem.Key, parsed.Key);
        Assert.Equal(problem.Inputs.AsEnumerable(), parsed.Inputs);
        Assert.Equal(problem.Outputs.AsEnumerable(), parsed.Outputs);
    }
}
