using Ai3.Onnx.Protos;
using Ai3.Runtime;
using Ai3.Tensors;
using Google.Protobuf;
using static Ai3.Onnx.Protos.AttributeProto.Types;

namespace Ai3.Onnx.Tests;

/// <summary>Messages for tests, a line each.</summary>
internal static class Make
{
    /// <summary>A model with input x, output y and these nodes.</summary>
    public static ModelProto Model(params NodeProto[] nodes)
    {
        var model = new ModelProto { IrVersion = 8, Graph = new GraphProto { Name = "g" } };
        model.OpsetImport.Add(Import("", 17));
        model.Graph.Node.Add(nodes);
        model.Graph.Input.Add(Value("x"));
        model.Graph.Output.Add(Value(nodes.Length == 0 ? "x" : "y"));
        return model;
    }

    /// <summary>A model whose one constant is the tensor.</summary>
    public static ModelProto WithInitializer(TensorProto tensor)
    {
        ModelProto model = Model();
        model.Graph.Initializer.Add(tensor);
        return model;
    }

    public static OperatorSetIdProto Import(string domain, long version) => new() { Domain = domain, Version = version };

    public static NodeProto Node(string op, string[] inputs, string[] outputs, params AttributeProto[] attributes)
    {
        var node = new NodeProto { OpType = op, Name = $"{op}_node" };
        node.Input.Add(inputs);
        node.Output.Add(outputs);
        node.Attribute.Add(attributes);
        return node;
    }

    public static ValueInfoProto Value(string name, params TensorShapeProto.Types.Dimension[] dims)
    {
        var type = new TypeProto { TensorType = new() { ElemType = 1, Shape = new() } };
        type.TensorType.Shape.Dim.Add(dims);
        return new ValueInfoProto { Name = name, Type = type };
    }

    public static TensorProto Tensor(string name, DType type, params long[] dims)
    {
        var tensor = new TensorProto { Name = name, DataType = (int)type };
        tensor.Dims.Add(dims);
        return tensor;
    }

    public static TensorProto Raw(string name, DType type, byte[] bytes, params long[] dims)
    {
        TensorProto tensor = Tensor(name, type, dims);
        tensor.RawData = ByteString.CopyFrom(bytes);
        return tensor;
    }

    public static TensorProto With(this TensorProto tensor, Action<TensorProto> change)
    {
        change(tensor);
        return tensor;
    }

    public static AttributeProto Int(string name, long value) => new() { Name = name, Type = AttributeType.Int, I = value };

    public static AttributeProto Graph(string name, GraphProto graph) => new() { Name = name, Type = AttributeType.Graph, G = graph };

    public static AttributeProto Ref(string name, AttributeType type, string refersTo) => new() { Name = name, Type = type, RefAttrName = refersTo };

    public static Model Load(ModelProto proto, ImportLimits? limits = null, string? folder = null) => OnnxModel.Load(proto.ToByteArray(), limits, folder);

    /// <summary>The one constant of a model around the tensor.</summary>
    public static Tensor LoadTensor(TensorProto tensor, ImportLimits? limits = null, string? folder = null) =>
        Load(WithInitializer(tensor), limits, folder).Spec.Initializers.Single().Value;

    /// <summary>The message of the exception, which must be of the type and hold the parts.</summary>
    public static T Refuses<T>(Action action, params string[] parts) where T : Exception
    {
        T error = Assert.Throws<T>(action);
        foreach (string part in parts)
            Assert.Contains(part, error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error.Message);
        return error;
    }
}
