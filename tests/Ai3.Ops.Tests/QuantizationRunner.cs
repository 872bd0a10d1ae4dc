using System.Collections.Immutable;
using Ai3.Tensors;

namespace Ai3.Ops.Tests;

/// <summary>Runs an operator by every row at every level, on one thread and on three, and demands the same bytes of all.</summary>
internal static class QuantizationRunner
{
    public static Tensor Bytes(long[] dims, params byte[] values) => Tensor.Copy<byte>(values, Shape.Create(dims));

    public static Tensor SBytes(long[] dims, params sbyte[] values) => Tensor.Copy<sbyte>(values, Shape.Create(dims));

    public static Tensor Floats(long[] dims, params float[] values) => Tensor.Copy<float>(values, Shape.Create(dims));

    public static Tensor Ints(long[] dims, params int[] values) => Tensor.Copy<int>(values, Shape.Create(dims));

    public static void Gives(byte[] actual, params byte[] expected) => Assert.Equal<byte>(expected, actual);

    public static void Gives(sbyte[] actual, params sbyte[] expected) => Assert.Equal<sbyte>(expected, actual);

    public static void Gives(int[] actual, params int[] expected) => Assert.Equal<int>(expected, actual);

    public static void Gives(float[] actual, params float[] expected) => Assert.Equal<float>(expected, actual);

    public static T[] Run<T>(string domain, string op, int opset, Attributes attributes, params Tensor?[] inputs) where T : unmanaged =>
        Run(domain, op, opset, attributes, 1, inputs)[0].AsSpan<T>().ToArray();

    public static Tensor[] Run(string domain, string op, int opset, Attributes attributes, int outputs, params Tensor?[] inputs)
    {
        (OpDefinition definition, Problem problem) = Create(domain, op, opset, attributes, outputs, inputs);
        Assert.Equal(problem.Key, definition.ParseProblem(problem.Key)?.Key);
        Tensor?[] padded = [.. inputs, .. Enumerable.Repeat<Tensor?>(null, Math.Max(0, problem.Inputs.Length - inputs.Length))];
        Tensor[]? expected = null;
        using var three = new WorkerPool(3);
        foreach (IsaLevel isa in Isa.Supported)
            foreach (WorkerPool workers in new[] { WorkerPool.Single, three })
                foreach (Candidate candidate in definition.Candidates(problem, new Target(isa, workers.Threads, CacheSizes.Typical)).Accepted.Reverse())
                {
                    Tensor[] actual = MovementRunner.Execute(candidate, problem, padded, workers, 0xA5);
                    expected ??= actual;
                    for (int i = 0; i < actual.Length; i++)
                        Assert.True(expected[i].AsBytes().SequenceEqual(actual[i].AsBytes()), $"{candidate.Algorithm.Name} {isa} differs: {problem.Key}");
                }
        return expected!;
    }

    public static string Refusal(string domain, string op, int opset, Attributes attributes, params Tensor?[] inputs)
    {
        Exception? thrown = Record.Exception(() => Create(domain, op, opset, attributes, 1, inputs));
        Assert.True(thrown is OpException or ShapeException or OpUnsupportedException, thrown?.ToString() ?? "not refused");
        Assert.DoesNotContain('\n', thrown!.Message);
        return thrown.Message;
    }

    private static (OpDefinition, Problem) Create(string domain, string op, int opset, Attributes attributes, int outputs, Tensor?[] inputs)
    {
        OpDefinition definition = OpCatalog.Default.Find(domain, op, opset)!;
        NodeFacts node = MovementRunner.Node(opset, attributes, outputs, [.. inputs.Select(t => t is null ? null : TensorFact.OfConstant(t))]);
        ImmutableArray<ValueFact> facts = definition.Infer(node);
        Problem problem = definition.CreateProblem(node);
        for (int i = 0; i < facts.Length; i++)
            Assert.Equal(new TensorFact(problem.Outputs[i].Type, problem.Outputs[i].Shape).ToString(), facts[i].ToString());
        return (definition, problem);
    }
}
