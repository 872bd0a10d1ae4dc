using System.Collections.Immutable;
using Ai3.Tensors;

namespace Ai3.Ops.Tests;

/// <summary>An input given by its elements as doubles.</summary>
internal sealed record Operand(double[] Values, params long[] Dims)
{
    public DType Type { get; init; } = DType.Float32;

    public bool IsConstant { get; init; }

    public static Operand Ramp(params long[] dims) => new([.. Enumerable.Range(1, (int)Shape.Create(dims).Count).Select(i => (double)i)], dims);
}

/// <summary>Runs every row of an operator at every level, in every format, on 1 and 3 threads, and compares with values written out.</summary>
internal static unsafe class EveryRow
{
    private static readonly WorkerPool s_three = new(3);

    public static Attributes Attributes(params (string Name, object Value)[] values)
    {
        Attributes attributes = Ops.Attributes.Empty;
        foreach ((string name, object value) in values)
            attributes = attributes.With(name, value switch
            {
                int i => (long)i,
                int[] list => list.Select(v => (long)v).ToImmutableArray(),
                _ => value,
            });
        return attributes;
    }

    public static NodeFacts Node(int opset, Attributes attributes, int outputs, params Operand?[] inputs)
    {
        int symbols = 0;
        return new NodeFacts(attributes, opset, [.. inputs.Select(Fact)], outputs, () => Dim.Symbol($"fresh{symbols++}"));
    }

    /// <summary>The operator, its domain in front with a dot unless it is ai.onnx.</summary>
    public static OpDefinition Find(string op, int opset)
    {
        int dot = op.LastIndexOf('.');
        return OpCatalog.Default.Find(dot < 0 ? "" : op[..dot], op[(dot + 1)..], opset) ?? throw new ArgumentException($"no operator {op}");
    }

    public static string? InferredShape(string op, int opset, Attributes attributes, params Dim[] shape)
    {
        var node = new NodeFacts(attributes, opset, [new TensorFact(DType.Float32, SymbolicShape.Create(shape))], 1, () => Dim.Symbol("fresh"));
        return ((TensorFact)Find(op, opset).Infer(node)[0]).Shape?.ToString();
    }

    /// <summary>Checks all outputs of all rows: |y - expected| is at most tolerance * max(1, |expected|); NaN where NaN is expected.</summary>
    /// <returns>The names of the rows that ran.</returns>
    public static ImmutableSortedSet<string> Gives(string op, int opset, Attributes attributes, Operand?[] inputs, double[]?[] expected, double tolerance = 0)
    {
        OpDefinition definition = Find(op, opset);
        NodeFacts node = Node(opset, attributes, expected.Length, inputs);
        ImmutableArray<ValueFact> facts = definition.Infer(node);
        Problem problem = definition.CreateProblem(node);
        for (int i = 0; i < expected.Length; i++)
            if (!problem.Outputs[i].IsAbsent)
                Assert.Equal(((TensorFact)facts[i]).ToString(), TensorFact.Of(Tensor.Allocate(problem.Outputs[i].Type, problem.Outputs[i].Shape)).ToString());
        Assert.Equal(problem.Key, definition.ParseProblem(problem.Key)?.Key);

        var names = ImmutableSortedSet.CreateBuilder<string>(StringComparer.Ordinal);
        inputs = [.. inputs, .. Enumerable.Repeat<Operand?>(null, Math.Max(0, problem.Inputs.Length - inputs.Length))];
        double[]?[] values = [.. inputs.Select(i => i?.Values)];
        if (definition.Evaluate(problem, values) is { } oracle)
            for (int i = 0; i < expected.Length; i++)
                if (expected[i] is not null)
                    Compare("oracle", i, expected[i]!, oracle.Values[i], tolerance);
        foreach (IsaLevel isa in Isa.Supported)
            foreach (WorkerPool workers in new[] { WorkerPool.Single, s_three })
                foreach (Candidate candidate in definition.Candidates(problem, new Target(isa, workers.Threads, CacheSizes.Typical)).Accepted)
                {
                    names.Add(candidate.Algorithm.Name);
                    double[]?[] actual = Run(problem, candidate, inputs, workers);
                    for (int i = 0; i < expected.Length; i++)
                        if (expected[i] is not null)
                            Compare($"{candidate.Algorithm.Name} {isa} {candidate.Formats}", i, expected[i]!, actual[i]!, tolerance);
                }
        return names.ToImmutable();
    }

    /// <summary>Demands that every algorithm refuses the data of a valid problem.</summary>
    public static void Refuses(string op, int opset, Attributes attributes, params Operand?[] inputs)
    {
        OpDefinition definition = Find(op, opset);
        Problem problem = definition.CreateProblem(Node(opset, attributes, 1, inputs));
        inputs = [.. inputs, .. Enumerable.Repeat<Operand?>(null, Math.Max(0, problem.Inputs.Length - inputs.Length))];
        foreach (Candidate candidate in definition.Candidates(problem, new Target(Isa.Best, 1, CacheSizes.Typical)).Accepted)
            if (!candidate.Algorithm.IsReference)
                Assert.Throws<OpException>(() => Run(problem, candidate, inputs, WorkerPool.Single));
    }

    private static TensorFact? Fact(Operand? operand)
    {
        if (operand is null)
            return null;
        var fact = new TensorFact(operand.Type, Shape.Create(operand.Dims));
        return operand.IsConstant ? fact with { Constant = ToTensor(operand, Format.Plain) } : fact;
    }

    private static double[]?[] Run(Problem problem, Candidate candidate, Operand?[] inputs, WorkerPool workers)
    {
        Tensor?[] given = [.. inputs.Select((input, i) => input is null ? null : ToTensor(input, candidate.Formats.Input(i)))];
        Tensor?[] results = [.. problem.Outputs.Select((t, i) => t.IsAbsent ? null : Tensor.Allocate(t.Type, t.Shape, candidate.Formats.Output(i)))];
        foreach (Tensor? result in results)
            result?.AsBytes().Fill(0xFF);
        PackedConstants? packed = candidate.PackKey is null ? null
            : candidate.Pack([.. inputs.Select((input, i) => input is { IsConstant: true } ? ToTensor(input, Format.Plain) : null)]);
        using var workspace = new NativeBuffer(candidate.WorkspaceBytes);
        candidate.Bind(packed).Run(new KernelArgs
        {
            Inputs = (nint[])[.. given.Select(t => t?.Address ?? 0)],
            Outputs = (nint[])[.. results.Select(t => t?.Address ?? 0)],
            Workspace = workspace.Address,
            Workers = workers,
        });
        GC.KeepAlive(given);
        return [.. results.Select(r => r is null ? null : FromTensor(r))];
    }

    private static Tensor ToTensor(Operand operand, Format format)
    {
        Tensor tensor = Tensor.Allocate(operand.Type, Shape.Create(operand.Dims), format, clear: true);
        for (long i = 0; i < operand.Values.Length; i++)
            ElementAccess.Write((void*)tensor.Address, operand.Type, Position(tensor, i), operand.Values[i]);
        return tensor;
    }

    private static double[] FromTensor(Tensor tensor)
    {
        var values = new double[tensor.Count];
        var padding = new HashSet<long>(Enumerable.Range(0, (int)tensor.Format.StorageCount(tensor.Shape)).Select(i => (long)i));
        for (long i = 0; i < values.Length; i++)
        {
            padding.Remove(Position(tensor, i));
            values[i] = ElementAccess.Read((void*)tensor.Address, tensor.Type, Position(tensor, i));
        }
        foreach (long p in padding)
            Assert.Equal(0, ElementAccess.Read((void*)tensor.Address, tensor.Type, p));
        return values;
    }

    // Where element i, row-major, is in storage.
    private static long Position(Tensor tensor, long i)
    {
        if (tensor.Format.Kind != FormatKind.Blocked)
            return i;
        long c = tensor.Format.Block, channels = tensor.Shape[1], inner = tensor.Shape.CountOf(2..);
        long n = i / (channels * inner), channel = i / inner % channels, pixel = i % inner;
        return ((n * ShapeMath.CeilDiv(channels, c) + channel / c) * inner + pixel) * c + channel % c;
    }

    private static void Compare(string what, int output, double[] expected, double[] actual, double tolerance)
    {
        Assert.Equal(expected.Length, actual.Length);
        for (int i = 0; i < expected.Length; i++)
        {
            bool same = expected[i].Equals(actual[i]) || expected[i] == actual[i]
                || Math.Abs(expected[i] - actual[i]) <= tolerance * Math.Max(1, Math.Abs(expected[i]));
            Assert.True(same, $"{what}: output {output}[{i}] is {actual[i]:R}, expected {expected[i]:R}");
        }
    }
}
