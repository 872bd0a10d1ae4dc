using System.Collections.Immutable;
using Ai3.Ops;
using Ai3.Runtime;
using Ai3.Tensors;

namespace Ai3.DigitReader;

/// <summary>Writes the network as an ONNX graph.</summary>
internal static class DigitModel
{
    private const int Opset = 17;
    private const int IrVersion = 8;

    /// <summary>picture [1,1,24,24], 0 for paper and 1 for ink, to probabilities [1,10] and the scores [1,10] before the softmax.</summary>
    public static Model Build(Network network)
    {
        var graph = new Builder();
        graph.Conv("conv1", "picture", network.Conv1, pads: 2, group: 1);
        graph.Pool("pool1", "conv1_relu");
        graph.Conv("conv2", "pool1", network.Conv2, pads: 1, group: 1);
        graph.Pool("pool2", "conv2_relu");
        graph.Conv("depthwise", "pool2", network.Depthwise, pads: 1, group: 16);
        graph.Conv("pointwise", "depthwise_relu", network.Pointwise, pads: 0, group: 1);
        graph.Node("Flatten", "features", ["pointwise_relu"], Attributes.Empty.With("axis", 1L));
        graph.Constant("linear_weight", network.LinearWeight);
        graph.Constant("linear_bias", network.LinearBias);
        graph.Node("Gemm", "scores", ["features", "linear_weight", "linear_bias"], Attributes.Empty.With("transB", 1L));
        graph.Node("Softmax", "probabilities", ["scores"], Attributes.Empty.With("axis", 1L));
        return graph.Build();
    }

    private sealed class Builder
    {
        private readonly ImmutableArray<NodeSpec>.Builder _nodes = ImmutableArray.CreateBuilder<NodeSpec>();
        private readonly ImmutableArray<KeyValuePair<string, Tensor>>.Builder _constants = ImmutableArray.CreateBuilder<KeyValuePair<string, Tensor>>();

        public void Constant(string name, Parameter parameter) => _constants.Add(new(name, Tensor.From(parameter.Values, Shape.Create(parameter.Shape))));

        public void Node(string op, string output, ImmutableArray<string> inputs, Attributes attributes) =>
            _nodes.Add(new NodeSpec(output, "", op, inputs, [output], attributes, ImmutableSortedDictionary<string, GraphSpec>.Empty));

        public void Conv(string name, string input, ConvLayer layer, long pads, long group)
        {
            Constant($"{name}_weight", layer.Weight);
            Constant($"{name}_bias", layer.Bias);
            Attributes attributes = Attributes.Empty.With("group", group).With("kernel_shape", ImmutableArray.Create(layer.Weight.Shape[2], layer.Weight.Shape[3]))
                .With("pads", ImmutableArray.Create(pads, pads, pads, pads));
            Node("Conv", name, [input, $"{name}_weight", $"{name}_bias"], attributes);
            Node("Relu", $"{name}_relu", [name], Attributes.Empty);
        }

        public void Pool(string name, string input) =>
            Node("MaxPool", name, [input], Attributes.Empty.With("kernel_shape", ImmutableArray.Create(2L, 2L)).With("strides", ImmutableArray.Create(2L, 2L)));

        public Model Build()
        {
            var picture = new TensorFact(DType.Float32, Shape.Create(1, 1, Network.Size, Network.Size));
            var classes = new TensorFact(DType.Float32, Shape.Create(1, Network.Classes));
            var spec = new GraphSpec(
                "digit_reader", [new ValueSpec("picture", picture)], [new ValueSpec("probabilities", classes), new ValueSpec("scores", classes)],
                _constants.ToImmutable(), _nodes.ToImmutable(), []);
            var metadata = new ModelMetadata(
                IrVersion, "Ai3.DigitReader", "", 1, "Reads drawn digits. Trained on strokes that samples/Ai3.DigitReader draws itself.", ImmutableSortedDictionary<string, string>.Empty);
            return Model.Create(spec, new Dictionary<string, int> { [""] = Opset }, metadata);
        }
    }
}
