using Ai3.ModelZoo;
using Ai3.Tensors;

namespace Ai3.Runtime.Tests;

/// <summary>The networks of the zoo: they have the published number of parameters, and what runs quickly gives sane numbers.</summary>
public sealed class ZooTests
{
    public static TheoryData<string> Names => [.. Zoo.All.Select(m => m.Name)];

    [Theory, MemberData(nameof(Names))]
    public void HasThePublishedNumberOfParameters(string name)
    {
        ZooModel network = Zoo.Find(name)!;
        Assert.Equal(network.PublishedParameters, network.CountParameters());
    }

    [Theory, MemberData(nameof(Names))]
    public void ShapesAreKnownToTheEnd(string name)
    {
        var net = new Net(name, null);
        Zoo.Find(name)!.Write(net);
        using Model model = net.Graph.Build();
        HashSet<string> given = [.. model.Inputs.SelectMany(i => i.Tensor!.Shape!).SelectMany(d => d.Symbols)];
        foreach (GraphValue output in model.InferShapes().Outputs)
            Assert.Subset(given, output.Tensor!.Shape!.SelectMany(d => d.Symbols).ToHashSet());
    }

    [Theory, InlineData("squeezenet1_1"), InlineData("mobilenet_v2"), InlineData("mobilenet_v3_large")]
    public void LogitsAreSane(string name)
    {
        using Model model = Zoo.Find(name)!.Create();
        using Session session = model.Compile();
        float[] first = Run(session, 1), second = Run(session, 2);
        Assert.All(first, v => Assert.InRange(v, -100f, 100f));
        Assert.InRange(Deviation(first), 1e-2, 30);
        Assert.NotEqual(first, second);
    }

    [Fact]
    public void WeightsDependOnTheSeedAlone()
    {
        using Model a = Zoo.Find("squeezenet1_1")!.Create(), b = Zoo.Find("squeezenet1_1")!.Create(), other = Zoo.Find("squeezenet1_1")!.Create(2);
        Assert.Equal(First(a), First(b));
        Assert.NotEqual(First(a), First(other));
        Assert.Equal(a.Spec.Initializers.Select(i => i.Key), b.Spec.Initializers.Select(i => i.Key));
    }

    private static float[] First(Model model) => model.Spec.Initializers[0].Value.AsSpan<float>().ToArray();

    private static float[] Run(Session session, int seed)
    {
        var random = new Random(seed);
        var pixels = new float[3 * 224 * 224];
        for (int i = 0; i < pixels.Length; i++)
            pixels[i] = random.NextSingle();
        using Outputs outputs = session.Run(("input", Tensor.From(pixels, [1, 3, 224, 224])));
        return outputs["logits"].AsSpan<float>().ToArray();
    }

    private static double Deviation(float[] values)
    {
        double mean = values.Average(v => (double)v);
        return Math.Sqrt(values.Average(v => (v - mean) * (v - mean)));
    }
}
