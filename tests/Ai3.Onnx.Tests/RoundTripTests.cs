using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using Ai3.Onnx.Protos;
using Ai3.Ops;
using Ai3.Runtime;
using Ai3.Tensors;
using FsCheck.Xunit;
using Google.Protobuf;

namespace Ai3.Onnx.Tests;

public sealed class RoundTripTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("ai3-save-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Property(MaxTest = 300)]
    public void WhatIsWrittenIsReadBack(int seed)
    {
        Model model = new RandomModel(seed).Make();
        using var stream = new MemoryStream();
        OnnxModel.Save(model, stream);
        using Model again = OnnxModel.Load(stream.ToArray());
        Assert.Equal(Describe(model), Describe(again));
        using var second = new MemoryStream();
        OnnxModel.Save(again, second);
        Assert.Equal(stream.ToArray(), second.ToArray());
    }

    [Fact]
    public void AModelMayReplaceTheFileItIsMappedFrom()
    {
        string path = Path.Combine(_folder, "m.onnx");
        File.WriteAllBytes(path, Make.WithInitializer(Make.Raw("w", DType.UInt8, [1, 2, 3], 3)).ToByteArray());
        using Model model = OnnxModel.Load(path);
        OnnxModel.Save(model, path);
        using Model again = OnnxModel.Load(path);
        Assert.Equal(Describe(model), Describe(again));
        Assert.Equal([path], Directory.GetFiles(_folder));
    }

    [Fact]
    public void NothingIsLeftWhereSavingFails()
    {
        Model model = Model.Create(new GraphSpec("g", [], [], [], [new NodeSpec("n", "", "Op", [], ["y"],
            Attributes.Empty.With("a", new object()), ImmutableSortedDictionary<string, GraphSpec>.Empty)], []), new Dictionary<string, int> { [""] = 17 });
        Assert.Throws<ArgumentException>(() => OnnxModel.Save(model, Path.Combine(_folder, "m.onnx")));
        Assert.Empty(Directory.GetFiles(_folder));
    }

    [Fact]
    public void LargeWeightsGoToASecondFile()
    {

        Tensor tensor = Tensor.Copy<byte>([.. Enumerable.Range(0, 3000).Select(i => (byte)i)], [3000]);
        string data = Path.Combine(_folder, "weights.bin");
        using (FileStream file = File.Create(data))
        {
            var external = new ExternalWriter(file, "weights.bin");
            var encoder = new TensorEncoder(external);
            ModelProto proto = Make.WithInitializer(encoder.Encode(tensor, "w"));
            proto.Graph.Initializer.Add([encoder.Encode(tensor, "v"), encoder.Encode(Tensor.Scalar(1f), "s")]);
            File.WriteAllBytes(Path.Combine(_folder, "m.onnx"), proto.ToByteArray());
        }
        Assert.Equal(4096 + 3000, new FileInfo(data).Length);
        using Model model = OnnxModel.Load(Path.Combine(_folder, "m.onnx"));
        Assert.Equal(3, model.Spec.Initializers.Length);
        Assert.All(model.Spec.Initializers.Take(2), i => Assert.Equal(tensor.AsBytes().ToArray(), i.Value.AsBytes().ToArray()));
    }

    [Fact]
    public void NodesOfOtherVersionsKeepThem()
    {
        NodeSpec Node(string op, string from, string to, int? opset) =>
            new(op, "", op, [from], [to], Attributes.Empty.With("axis", 1L), ImmutableSortedDictionary<string, GraphSpec>.Empty) { Opset = opset };
        Model model = Model.Create(
            new GraphSpec("g", [new("x", null)], [new("y", null)], [], [Node("A", "x", "a", 11), Node("B", "a", "b", null), Node("A", "b", "y", 11)], []),
            new Dictionary<string, int> { [""] = 17 });
        using var stream = new MemoryStream();
        OnnxModel.Save(model, stream);
        ModelProto proto = ModelProto.Parser.ParseFrom(stream.ToArray());
        Assert.Single(proto.Functions);
        using Model again = OnnxModel.Load(stream.ToArray());
        Assert.Equal([("A", 11), ("B", 17), ("A", 11)], again.Graph.Nodes.Select(n => (n.OpType, n.Opset)));
        Assert.All(again.Graph.Nodes, n => Assert.Equal(1, n.Attributes.Int("axis")));
        Assert.Equal(["a", "b", "y"], again.Graph.Nodes.Select(n => n.Outputs[0]!.Name));
    }

    [SkippableFact]
    public void EveryModelOfTheCollectionIsReadBack()
    {
        foreach (string file in Directory.GetFiles(SharedData.Require("models"), "model.onnx", SearchOption.AllDirectories))
        {
            using Model model = OnnxModel.Load(file);
            using var stream = new MemoryStream();
            OnnxModel.Save(model, stream);
            using Model again = OnnxModel.Load(stream.ToArray());
            if (model.Spec.Nodes.All(n => n.Opset is null))
                Assert.True(Describe(model) == Describe(again), file);
            Assert.Equal(model.Graph.Nodes.Select(n => (n.OpType, n.Opset)), again.Graph.Nodes.Select(n => (n.OpType, n.Opset)));
        }
    }

    // Everything a model says, as text.
    private static string Describe(Model model)
    {
        var text = new StringBuilder();
        text.AppendLine(CultureInfo.InvariantCulture, $"{model.Metadata with { Properties = null! }}");
        foreach ((string key, string value) in model.Metadata.Properties)
            text.AppendLine(CultureInfo.InvariantCulture, $"{key}={value}");
        text.AppendJoin(",", model.Opsets);
        Describe(model.Spec, text);
        return text.ToString();
    }

    private static void Describe(GraphSpec graph, StringBuilder text)
    {
        text.AppendLine(CultureInfo.InvariantCulture, $"graph {graph.Name}");
        text.AppendJoin("; ", graph.Inputs).AppendLine();
        text.AppendJoin("; ", graph.Outputs).AppendLine();
        text.AppendJoin("; ", graph.Declared).AppendLine();
        foreach ((string name, Tensor tensor) in graph.Initializers)
            text.AppendLine(CultureInfo.InvariantCulture, $"{name}: {Describe(tensor)}");
        foreach (NodeSpec node in graph.Nodes)
        {
            text.AppendLine(CultureInfo.InvariantCulture, $"{node.Name}: {string.Join(",", node.Outputs)} = {node.Domain}.{node.OpType}({string.Join(",", node.Inputs)}) {node.Opset}");
            foreach ((string name, object value) in node.Attributes.Values)
                text.AppendLine(CultureInfo.InvariantCulture, $"  {name} = {Describe(value)}");
            foreach ((string name, GraphSpec body) in node.Subgraphs)
                Describe(body, text.Append("  ").AppendLine(name));
        }
    }

    private static string Describe(object value) => value switch
    {
        Tensor { Type: DType.String } tensor => $"{tensor} {string.Join("|", tensor.AsStrings().ToArray())}",
        Tensor tensor => $"{tensor} {Convert.ToHexString(System.Security.Cryptography.SHA256.HashData(tensor.AsBytes()))}",
        float number => $"float {BitConverter.SingleToInt32Bits(number)}",
        ImmutableArray<long> list => $"longs {string.Join(",", list)}",
        ImmutableArray<float> list => $"floats {string.Join(",", list.Select(BitConverter.SingleToInt32Bits))}",
        ImmutableArray<string> list => $"strings {string.Join("|", list)}",
        _ => $"{value.GetType().Name} {value}",
    };
}
