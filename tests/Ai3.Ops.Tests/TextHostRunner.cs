using Ai3.Tensors;

namespace Ai3.Ops.Tests;

/// <summary>Runs operators that are computed on values.</summary>
internal static class TextHostRunner
{
    public static Value[] Host(string name, int opset, Attributes attributes, params Value?[] inputs) => Host("", name, opset, attributes, 2, inputs);

    public static Value[] Host(string domain, string name, int opset, Attributes attributes, int outputs, params Value?[] inputs)
    {
        OpDefinition op = OpCatalog.Default.Find(domain, name, opset) ?? throw new InvalidOperationException($"{name} is missing");
        var node = new NodeFacts(attributes, opset, [.. inputs.Select(v => v is Tensor t ? TensorFact.OfConstant(t) : v?.Fact)], outputs, () => Dim.Symbol("?"));
        Assert.True(op.RunsOnHost(node));
        var facts = op.Infer(node);
        Value[] values = op.RunOnHost(node, inputs, 1 << 20);
        for (int i = 0; i < values.Length; i++)
            AssertAgrees(facts[i], values[i]);
        return values;
    }

    /// <summary>The message that the operator refuses with: one line.</summary>
    public static string Refused(string domain, string name, int opset, Attributes attributes, params Value?[] inputs)
    {
        Exception? thrown = Record.Exception(() => { Host(domain, name, opset, attributes, 2, inputs); });
        Assert.True(thrown is OpException or ShapeException or OpUnsupportedException, thrown?.ToString() ?? "not refused");
        Assert.DoesNotContain('\n', thrown!.Message);
        return thrown.Message;
    }

    public static string Refused(string name, int opset, Attributes attributes, params Value?[] inputs) => Refused("", name, opset, attributes, inputs);

    public static Tensor Strings(params string[] values) => Tensor.From(values, Shape.Create(values.Length));

    public static Tensor Strings(long[] dims, params string[] values) => Tensor.From(values, Shape.Create(dims));

    public static string[] Texts(Value value) => ((Tensor)value).AsStrings().ToArray();

    // What inference said must hold of the value: the type, and every dimension known in numbers.
    private static void AssertAgrees(ValueFact fact, Value value)
    {
        if (fact is not TensorFact tensor)
            return;
        var got = Assert.IsType<Tensor>(value);
        if (tensor.Type != DType.Undefined)
            Assert.Equal(tensor.Type, got.Type);
        if (tensor.Shape is null)
            return;
        Assert.Equal(tensor.Shape.Rank, got.Shape.Rank);
        for (int i = 0; i < got.Shape.Rank; i++)
            if (tensor.Shape[i].TryGetValue(out long dim))
                Assert.Equal(dim, got.Shape[i]);
    }
}
