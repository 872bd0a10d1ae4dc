using System.Collections.Immutable;
using Ai3.Onnx.Protos;
using Ai3.Runtime;
using Ai3.Tensors;
using static Ai3.Onnx.Protos.AttributeProto.Types;

namespace Ai3.Onnx;

/// <summary>Graph by names to GraphProto.</summary>
internal sealed class GraphEncoder(TensorEncoder tensors, VersionedOps versions)
{
    public GraphProto Encode(GraphSpec graph)
    {
        var proto = new GraphProto { Name = graph.Name };
        proto.Input.Add(graph.Inputs.Select(TypeEncoder.Encode));
        proto.Output.Add(graph.Outputs.Select(TypeEncoder.Encode));
        proto.ValueInfo.Add(graph.Declared.Select(TypeEncoder.Encode));
        proto.Initializer.Add(graph.Initializers.Select(i => tensors.Encode(i.Value, i.Key)));
        proto.Node.Add(graph.Nodes.Select(Encode));
        return proto;
    }

    private NodeProto Encode(NodeSpec node)
    {
        var proto = new NodeProto { OpType = node.OpType };
        if (node.Name.Length > 0)
            proto.Name = node.Name;
        if (node.Domain.Length > 0)
            proto.Domain = node.Domain;
        proto.Input.Add(node.Inputs);
        proto.Output.Add(node.Outputs);
        foreach ((string name, object value) in node.Attributes.Values)
            proto.Attribute.Add(Encode(name, value));
        foreach ((string name, GraphSpec graph) in node.Subgraphs)
            proto.Attribute.Add(new AttributeProto { Name = name, Type = AttributeType.Graph, G = Encode(graph) });
        return node.Opset is int version ? versions.Pin(proto, version) : proto;
    }

    private AttributeProto Encode(string name, object value)
    {
        var proto = new AttributeProto { Name = name };
        switch (value)
        {
            case float number:
                proto.Type = AttributeType.Float;
                proto.F = number;
                break;
            case long number:
                proto.Type = AttributeType.Int;
                proto.I = number;
                break;
            case string text:
                proto.Type = AttributeType.String;
                proto.S = Text.Encode(text);
                break;
            case Tensor tensor:
                proto.Type = AttributeType.Tensor;
                proto.T = tensors.Encode(tensor, "");
                break;
            case ImmutableArray<float> numbers:
                proto.Type = AttributeType.Floats;
                proto.Floats.Add(numbers);
                break;
            case ImmutableArray<long> numbers:
                proto.Type = AttributeType.Ints;
                proto.Ints.Add(numbers);
                break;
            case ImmutableArray<string> texts:
                proto.Type = AttributeType.Strings;
                proto.Strings.Add(texts.Select(Text.Encode));
                break;
            case ValueFact fact:
                proto.Type = AttributeType.TypeProto;
                proto.Tp = TypeEncoder.Encode(fact);
                break;
            default:
                throw new ArgumentException($"attribute '{name}' is a {value.GetType().Name}, which ONNX has no attribute for");
        }
        return proto;
    }
}
