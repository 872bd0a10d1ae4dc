using Ai3.Onnx.Protos;
using Ai3.Tensors;
using Google.Protobuf;
using static Ai3.Onnx.Protos.AttributeProto.Types;

namespace Ai3.Onnx.Fuzz;

/// <summary>Small inputs that between them use every part of the format.</summary>
internal static class Corpus
{
    public static void Write(string folder)
    {
        Directory.CreateDirectory(folder);
        foreach ((string name, ModelProto model) in Models())
            File.WriteAllBytes(Path.Combine(folder, $"{name}.onnx"), model.ToByteArray());
        var numbers = Tensor.Copy<float>([1, 2], [2]);
        ValueFact fact = new TensorFact(DType.Float32, null);
        OnnxValue.Write(Path.Combine(folder, "tensor.pb"), numbers, "x");
        OnnxValue.Write(Path.Combine(folder, "strings.pb"), Tensor.From(["a", "é"], [2]));
        OnnxValue.Write(Path.Combine(folder, "sequence.pb"), new SequenceValue(fact, [numbers, numbers]));
        OnnxValue.Write(Path.Combine(folder, "map.pb"), new SequenceValue(new MapFact(DType.Int64, fact), [new MapValue(DType.Int64, fact, [new(1L, numbers)])]));
        OnnxValue.Write(Path.Combine(folder, "optional.pb"), new OptionalValue(new SequenceFact(fact), new SequenceValue(fact, [numbers])));
    }

    private static IEnumerable<(string Name, ModelProto Model)> Models()
    {
        yield return ("empty", Model());
        yield return ("initializers", Initializers());
        yield return ("attributes", Attributes());
        yield return ("subgraphs", Subgraphs());
        yield return ("function", Function());
        yield return ("sparse", Sparse());
        yield return ("external", External());
        yield return ("types", Types());
    }

    private static ModelProto Model(params NodeProto[] nodes)
    {
        var model = new ModelProto { IrVersion = 10, ProducerName = "corpus", Graph = new GraphProto { Name = "g" } };
        model.OpsetImport.Add(new OperatorSetIdProto { Domain = "", Version = 21 });
        model.MetadataProps.Add(new StringStringEntryProto { Key = "k", Value = "v" });
        model.Graph.Input.Add(new ValueInfoProto { Name = "x", Type = Type("n", 2) });
        model.Graph.Output.Add(new ValueInfoProto { Name = nodes.Length > 0 ? "y" : "x", Type = Type("n", 2) });
        model.Graph.Node.Add(nodes);
        return model;
    }

    private static TypeProto Type(string dim, long size)
    {
        var shape = new TensorShapeProto();
        shape.Dim.Add(new TensorShapeProto.Types.Dimension { DimParam = dim });
        shape.Dim.Add(new TensorShapeProto.Types.Dimension { DimValue = size });
        return new TypeProto { TensorType = new TypeProto.Types.Tensor { ElemType = 1, Shape = shape } };
    }

    private static NodeProto Node(string op, string[] inputs, string[] outputs, params AttributeProto[] attributes)
    {
        var node = new NodeProto { Name = op, OpType = op };
        node.Input.Add(inputs);
        node.Output.Add(outputs);
        node.Attribute.Add(attributes);
        return node;
    }

    private static TensorProto Raw(string name, DType type, byte[] bytes, params long[] dims)
    {
        var tensor = new TensorProto { Name = name, DataType = (int)type, RawData = ByteString.CopyFrom(bytes) };
        tensor.Dims.Add(dims);
        return tensor;
    }

    private static TensorProto Typed(string name, DType type, Action<TensorProto> data)
    {
        var tensor = new TensorProto { Name = name, DataType = (int)type };
        tensor.Dims.Add(2);
        data(tensor);
        return tensor;
    }

    private static ModelProto Initializers()
    {
        ModelProto model = Model(Node("Add", ["x", "f32"], ["y"]));
        model.Graph.Initializer.Add(
        [
            Raw("f32", DType.Float32, new byte[8], 2),
            Raw("i4", DType.Int4, [0x21, 0x03], 3),
            Raw("u2", DType.UInt2, [0xE4], 4),
            Raw("none", DType.Int64, [], 0),
            Typed("f", DType.Float32, t => t.FloatData.Add([1, 2])),
            Typed("c", DType.Complex64, t => t.FloatData.Add([1, 2, 3, 4])),
            Typed("d", DType.Float64, t => t.DoubleData.Add([1, 2])),
            Typed("i", DType.Int32, t => t.Int32Data.Add([-1, 2])),
            Typed("h", DType.Float16, t => t.Int32Data.Add([0x3C00, 0xFC00])),
            Typed("b", DType.Bool, t => t.Int32Data.Add([0, 1])),
            Typed("l", DType.Int64, t => t.Int64Data.Add([-1, 2])),
            Typed("u", DType.UInt32, t => t.Uint64Data.Add([1, 2])),
            Typed("s", DType.String, t => t.StringData.Add([ByteString.CopyFromUtf8("a"), ByteString.CopyFrom(0xFF)])),
        ]);
        return model;
    }

    private static ModelProto Attributes()
    {
        var ints = new AttributeProto { Name = "ints", Type = AttributeType.Ints };
        ints.Ints.Add([1, -2]);
        var floats = new AttributeProto { Name = "floats", Type = AttributeType.Floats };
        floats.Floats.Add([1, 2]);
        var strings = new AttributeProto { Name = "strings", Type = AttributeType.Strings };
        strings.Strings.Add([ByteString.CopyFromUtf8("a"), ByteString.CopyFromUtf8("b")]);
        return Model(Node("Op", ["x", ""], ["y", ""], ints, floats, strings,
            new AttributeProto { Name = "int", Type = AttributeType.Int, I = 3 },
            new AttributeProto { Name = "float", Type = AttributeType.Float, F = 3 },
            new AttributeProto { Name = "string", Type = AttributeType.String, S = ByteString.CopyFromUtf8("s") },
            new AttributeProto { Name = "tensor", Type = AttributeType.Tensor, T = Raw("", DType.Int32, new byte[4]) },
            new AttributeProto { Name = "type", Type = AttributeType.TypeProto, Tp = Type("m", 3) }));
    }

    private static ModelProto Subgraphs()
    {
        var inner = new GraphProto { Name = "inner" };
        inner.Node.Add(Node("Neg", ["x"], ["z"]));
        inner.Output.Add(new ValueInfoProto { Name = "z" });
        var middle = new GraphProto { Name = "middle" };
        middle.Node.Add(Node("If", ["c"], ["w"],
            new AttributeProto { Name = "then_branch", Type = AttributeType.Graph, G = inner },
            new AttributeProto { Name = "else_branch", Type = AttributeType.Graph, G = inner.Clone() }));
        middle.Output.Add(new ValueInfoProto { Name = "w" });
        ModelProto model = Model(Node("If", ["c"], ["y"],
            new AttributeProto { Name = "then_branch", Type = AttributeType.Graph, G = middle },
            new AttributeProto { Name = "else_branch", Type = AttributeType.Graph, G = inner.Clone() }));
        model.Graph.Initializer.Add(Raw("c", DType.Bool, [1]));
        return model;
    }

    private static ModelProto Function()
    {
        NodeProto call = Node("Twice", ["x"], ["y"], new AttributeProto { Name = "alpha", Type = AttributeType.Float, F = 0.5f });
        call.Domain = "own";
        ModelProto model = Model(call);
        model.OpsetImport.Add(new OperatorSetIdProto { Domain = "own", Version = 1 });
        model.Functions.Add(Body("Twice", "Once", "own", 0));
        model.Functions.Add(Body("Once", "LeakyRelu", "", 16));
        return model;
    }

    private static FunctionProto Body(string name, string calls, string domain, int opset)
    {
        var function = new FunctionProto { Name = name, Domain = "own" };
        function.Input.Add("a");
        function.Output.Add("b");
        function.Attribute.Add("alpha");
        function.AttributeProto.Add(new AttributeProto { Name = "beta", Type = AttributeType.Int, I = 1 });
        if (opset > 0)
            function.OpsetImport.Add(new OperatorSetIdProto { Version = opset });
        foreach ((string from, string to) in new[] { ("a", "m"), ("m", "b") })
        {
            NodeProto node = Node(calls, [from], [to], new AttributeProto { Name = "alpha", Type = AttributeType.Float, RefAttrName = "alpha" });
            node.Domain = domain;
            function.Node.Add(node);
        }
        return function;
    }

    private static ModelProto Sparse()
    {
        ModelProto model = Model(Node("Add", ["x", "s"], ["y"]));
        var linear = new SparseTensorProto { Values = Raw("s", DType.Float32, new byte[8], 2), Indices = Typed("", DType.Int64, t => t.Int64Data.Add([1, 3])) };
        linear.Dims.Add([2, 2]);
        var pairs = new SparseTensorProto { Values = Raw("p", DType.Int8, [5], 1), Indices = new TensorProto { DataType = (int)DType.Int64 } };
        pairs.Indices.Dims.Add([1, 2]);
        pairs.Indices.Int64Data.Add([1, 0]);
        pairs.Dims.Add([2, 2]);
        model.Graph.SparseInitializer.Add([linear, pairs]);
        return model;
    }

    private static ModelProto External()
    {
        ModelProto model = Model(Node("Add", ["x", "e"], ["y"]));
        var tensor = new TensorProto { Name = "e", DataType = 1, DataLocation = TensorProto.Types.DataLocation.External };
        tensor.Dims.Add(2);
        foreach ((string key, string value) in new[] { ("location", "weights.bin"), ("offset", "0"), ("length", "8") })
            tensor.ExternalData.Add(new StringStringEntryProto { Key = key, Value = value });
        model.Graph.Initializer.Add(tensor);
        return model;
    }

    private static ModelProto Types()
    {
        ModelProto model = Model(Node("SequenceConstruct", ["x"], ["y"]));
        model.Graph.Output[0].Type = new TypeProto { SequenceType = new TypeProto.Types.Sequence { ElemType = Type("n", 2) } };
        model.Graph.ValueInfo.Add(new ValueInfoProto { Name = "o", Type = new TypeProto { OptionalType = new TypeProto.Types.Optional { ElemType = Type("k", -1) } } });
        model.Graph.ValueInfo.Add(new ValueInfoProto { Name = "m", Type = new TypeProto { MapType = new TypeProto.Types.Map { KeyType = 8, ValueType = Type("", 1) } } });
        return model;
    }
}
