using System.Collections.Immutable;
using Ai3.Onnx.Protos;
using Ai3.Ops;
using Ai3.Runtime;
using Ai3.Tensors;
using Google.Protobuf;
using static Ai3.Onnx.Protos.AttributeProto.Types;

namespace Ai3.Onnx.Tests;

public class GraphTests
{
    [Fact]
    public void NodesMayComeInAnyOrder()
    {
        Model model = Make.Load(Make.Model(Make.Node("Exp", ["b"], ["y"]), Make.Node("Neg", ["a"], ["b"]), Make.Node("Abs", ["x"], ["a"])));
        Assert.Equal(["Abs", "Neg", "Exp"], model.Graph.Nodes.Select(n => n.OpType));
    }

    [Fact]
    public void InitializersMayBeInputsOrNot()
    {
        ModelProto proto = Make.Model(Make.Node("Sum", ["x", "v", "w"], ["y"]));
        proto.Graph.Initializer.Add([Make.Raw("v", DType.Float32, new byte[4]), Make.Raw("w", DType.Float32, new byte[4])]);
        proto.Graph.Input.Add(Make.Value("w"));
        Model model = Make.Load(proto);
        Assert.Equal(["x"], model.Inputs.Select(i => i.Name));
        Assert.Equal(["x", "w"], model.Spec.Inputs.Select(i => i.Name));
    }

    [Fact]
    public void DimensionsAreNumbersNamesOrUnknown()
    {
        ModelProto proto = Make.Model();
        proto.Graph.Input.Clear();
        proto.Graph.Input.Add(Make.Value("x", new() { DimValue = 3 }, new() { DimParam = "n" }, new(), new() { DimValue = -1 }, new() { DimParam = "" }, new() { DimParam = "n" }));
        proto.Graph.ValueInfo.Add(Make.Value("other", new TensorShapeProto.Types.Dimension { DimParam = "x_dim2" }));
        SymbolicShape shape = Make.Load(proto).Inputs[0].Tensor!.Shape!;
        Assert.Equal("[3,n,x_dim2#2,x_dim3,x_dim4,n]", shape.ToString());
    }

    [Fact]
    public void TypesMayBeOpen()
    {
        ModelProto proto = Make.Model(Make.Node("Neg", ["x"], ["y"]));
        proto.Graph.Input[0].Type.TensorType.Shape = null;
        proto.Graph.Output[0].Type = null;
        proto.Graph.ValueInfo.Add(new ValueInfoProto { Name = "z", Type = new TypeProto() });
        Model model = Make.Load(proto);
        Assert.Equal(new TensorFact(DType.Float32, null), model.Inputs[0].Fact);
        Assert.Null(model.Outputs[0].Fact);
        Assert.Null(model.Spec.Declared[0].Fact);
    }

    [Fact]
    public void TypesThatAreNoTensors()
    {
        ValueFact element = new TensorFact(DType.Float32, null);
        var tensor = new TypeProto { TensorType = new() { ElemType = 1 } };
        Assert.Equal(new SequenceFact(element), FactOf(new TypeProto { SequenceType = new() { ElemType = tensor } }));
        Assert.Equal(new OptionalFact(element), FactOf(new TypeProto { OptionalType = new() { ElemType = tensor } }));
        Assert.Equal(new MapFact(DType.String, element), FactOf(new TypeProto { MapType = new() { KeyType = 8, ValueType = tensor } }));
        Make.Refuses<OnnxFormatException>(() => FactOf(new TypeProto { MapType = new() { KeyType = 1, ValueType = tensor } }), "keys are integers or strings");
        Make.Refuses<OnnxFormatException>(() => FactOf(new TypeProto { TensorType = new() { ElemType = 99 } }), "data_type 99");
        Make.Refuses<UnsupportedModelException>(() => FactOf(new TypeProto { SparseTensorType = new() { ElemType = 1 } }), "sparse tensor");
        Make.Refuses<UnsupportedModelException>(() => FactOf(new TypeProto { OpaqueType = new() { Name = "o" } }), "opaque");

        static ValueFact? FactOf(TypeProto type)
        {
            ModelProto proto = Make.Model();
            proto.Graph.Input[0].Type = type;
            return Make.Load(proto).Inputs[0].Fact;
        }
    }

    [Fact]
    public void AbsentInputsAndOutputsAreEmptyNames()
    {
        Node node = Make.Load(Make.Model(Make.Node("Clip", ["x", "", "x"], ["y", ""]))).Graph.Nodes[0];
        Assert.Equal(["x", null, "x"], node.Inputs.Select(i => i?.Name));
        Assert.Equal(["y", null], node.Outputs.Select(o => o?.Name));
    }

    [Fact]
    public void AttributesKeepTheirValues()
    {
        var ints = new AttributeProto { Name = "ints", Type = AttributeType.Ints };
        ints.Ints.Add([1, -2]);
        var floats = new AttributeProto { Name = "floats", Type = AttributeType.Floats };
        floats.Floats.Add([0.5f]);
        var strings = new AttributeProto { Name = "strings", Type = AttributeType.Strings };
        strings.Strings.Add([ByteString.CopyFromUtf8("ä"), ByteString.CopyFrom(0xE4)]);
        Attributes a = AttributesOf(ints, floats, strings, Make.Int("int", -5),
            new AttributeProto { Name = "float", Type = AttributeType.Float, F = 2.5f },
            new AttributeProto { Name = "string", Type = AttributeType.String, S = ByteString.CopyFromUtf8("text") },
            new AttributeProto { Name = "tensor", Type = AttributeType.Tensor, T = Make.Raw("", DType.UInt8, [3]) },
            new AttributeProto { Name = "type", Type = AttributeType.TypeProto, Tp = new TypeProto { TensorType = new() { ElemType = 1 } } },
            // What a writer without field presence makes of 0, "" and [].
            new AttributeProto { Name = "zero", Type = AttributeType.Int },
            new AttributeProto { Name = "nothing", Type = AttributeType.String },
            new AttributeProto { Name = "none", Type = AttributeType.Floats },
            // What a very old writer makes.
            new AttributeProto { Name = "untyped", I = 4 });
        Assert.Equal<long>([1, -2], a.Ints("ints"));
        Assert.Equal<float>([0.5f], a.Floats("floats"));
        Assert.Equal<string>(["ä", "ä"], a.Strings("strings"));
        Assert.Equal((-5, 2.5f, "text", 0, "", 4), (a.Int("int"), a.Float("float"), a.String("string"), a.Int("zero"), a.String("nothing"), a.Int("untyped")));
        Assert.Equal([3], a.Tensor("tensor")!.AsBytes().ToArray());
        Assert.Equal(new TensorFact(DType.Float32, null), a.Values["type"]);
        Assert.Empty((ImmutableArray<float>)a.Values["none"]);
    }

    [Fact]
    public void AttributesThatContradictThemselvesAreRefused()
    {
        Make.Refuses<OnnxFormatException>(() => AttributesOf(new AttributeProto { Name = "a", Type = AttributeType.Int, F = 1 }),
            "attribute 'a' of node 'Op_node' (Op) has type INT but holds FLOAT");
        Make.Refuses<OnnxFormatException>(() => AttributesOf(new AttributeProto { Name = "a", Type = AttributeType.Int, I = 1, F = 1 }), "holds FLOAT and INT");
        Make.Refuses<OnnxFormatException>(() => AttributesOf(new AttributeProto { Name = "a" }), "neither a type nor a value");
        Make.Refuses<OnnxFormatException>(() => AttributesOf(new AttributeProto { Name = "a", Type = AttributeType.Tensor }), "has no value");
        Make.Refuses<OnnxFormatException>(() => AttributesOf(new AttributeProto { Name = "a", Type = AttributeType.Graph }), "has no value");
        Make.Refuses<OnnxFormatException>(() => AttributesOf(new AttributeProto { Name = "a", Type = (AttributeType)77 }), "has type 77");
        Make.Refuses<OnnxFormatException>(() => AttributesOf(Make.Ref("a", AttributeType.Int, "b")), "of a function, but it is in none");
        Make.Refuses<GraphException>(() => AttributesOf(Make.Int("a", 1), Make.Int("a", 1)), "given twice");
        Make.Refuses<GraphException>(() => AttributesOf(Make.Int("", 1)), "no name");
        Make.Refuses<UnsupportedModelException>(() => AttributesOf(new AttributeProto { Name = "a", Type = AttributeType.Tensors }), "attribute 'a' is of type TENSORS");
    }

    [Fact]
    public void GraphsThatContradictThemselvesAreRefused()
    {
        Make.Refuses<GraphException>(() => Make.Load(Make.Model(Make.Node("Neg", ["absent"], ["y"]))), "'absent' is defined nowhere");
        Make.Refuses<GraphException>(() => Make.Load(Make.Model(Make.Node("Neg", ["x"], ["y"]), Make.Node("Abs", ["x"], ["y"]))), "'y' is defined twice");
        Make.Refuses<GraphException>(() => Make.Load(Make.Model(Make.Node("Neg", ["z"], ["y"]), Make.Node("Abs", ["y"], ["z"]))), "cycle");
        Make.Refuses<GraphException>(() => Make.Load(Make.Model(Make.Node("", ["x"], ["y"]))), "no op_type");
        Make.Refuses<GraphException>(() => Make.Load(Make.WithInitializer(Make.Raw("", DType.UInt8, [1]))), "an initializer has no name");
        ModelProto model = Make.Model();
        model.Graph.Input.Add(new ValueInfoProto());
        Make.Refuses<GraphException>(() => Make.Load(model), "an input has no name");
        NodeProto foreign = Make.Node("Neg", ["x"], ["y"]);
        foreign.Domain = "com.example";
        Make.Refuses<GraphException>(() => Make.Load(Make.Model(foreign)), "the domain 'com.example' is in no opset_import");
    }

    [Fact]
    public void OfSeveralConstantsOfOneNameTheLastCounts()
    {
        Model model = Make.Load(Make.Model(Constant(1), Make.Node("Add", ["x", "c"], ["y"]), Constant(2)));
        Assert.Equal(2, model.Graph.Nodes.Single(n => n.OpType == "Constant").Attributes.Int("value_int"));

        static NodeProto Constant(long value) => Make.Node("Constant", [], ["c"], Make.Int("value_int", value));
    }

    [Fact]
    public void SubgraphsSeeTheNamesAroundThemAndMayHideThem()
    {
        GraphProto Body(params NodeProto[] nodes)
        {
            var body = new GraphProto { Name = "body" };
            body.Node.Add(nodes);
            body.Output.Add(new ValueInfoProto { Name = "r" });
            return body;
        }
        // The second branch has a z of its own; the outer z depends on the If.
        Model model = Make.Load(Make.Model(
            Make.Node("If", ["x"], ["z"],
                Make.Graph("then_branch", Body(Make.Node("Neg", ["x"], ["r"]))),
                Make.Graph("else_branch", Body(Make.Node("Abs", ["x"], ["z"]), Make.Node("Exp", ["z"], ["r"])))),
            Make.Node("Log", ["z"], ["y"])));
        Node branch = model.Graph.Nodes[0];
        Assert.Equal(["x"], branch.Subgraphs["then_branch"].Captures.Select(v => v.Name));
        Assert.Equal(["x"], branch.Subgraphs["else_branch"].Captures.Select(v => v.Name));
    }

    [Theory]
    [InlineData(64, true), InlineData(65, false), InlineData(3000, false)]
    public void SubgraphsNestWithinLimits(int depth, bool loads)
    {
        // By bytes, because the message class itself writes recursively: node, attribute, graph, again and again.
        byte[] graph = new GraphProto { Name = "innermost" }.ToByteArray();
        for (int i = 0; i < depth; i++)
        {
            byte[] attribute = [0x0A, 1, (byte)'b', 0xA0, 0x01, 5, .. Field(6, graph)];
            byte[] node = [.. Field(4, "If"u8), .. Field(5, attribute)];
            graph = Field(1, node);
        }
        byte[] model = [0x08, 8, 0x42, 2, 0x10, 17, .. Field(7, graph)];
        Exception? error = null;
        // A small stack shows that nesting is refused long before the stack ends.
        var thread = new Thread(() => error = Record.Exception(() => OnnxModel.Load(model)), 512 << 10);
        thread.Start();
        thread.Join();
        if (loads)
            Assert.Null(error);
        else
            Assert.Contains("nested more than 64 deep", Assert.IsType<LimitExceededException>(error).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void NodesAreCounted() => Make.Refuses<LimitExceededException>(
        () => Make.Load(Make.Model(Make.Node("Neg", ["x"], ["a"]), Make.Node("Neg", ["a"], ["y"])), ImportLimits.Default with { Nodes = 1 }), "more than 1 nodes");

    private static Attributes AttributesOf(params AttributeProto[] attributes) =>
        Make.Load(Make.Model(Make.Node("Op", ["x"], ["y"], attributes))).Spec.Nodes[0].Attributes;

    private static byte[] Field(int number, ReadOnlySpan<byte> content)
    {
        using var stream = new MemoryStream();
        var output = new CodedOutputStream(stream);
        output.WriteTag(number, WireFormat.WireType.LengthDelimited);
        output.WriteBytes(ByteString.CopyFrom(content));
        output.Flush();
        return stream.ToArray();
    }
}
