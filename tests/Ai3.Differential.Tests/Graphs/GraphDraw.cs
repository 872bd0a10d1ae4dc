using System.Collections.Immutable;
using Ai3.Onnx;
using Ai3.Ops;
using Ai3.Runtime;
using Ai3.Tensors;

namespace Ai3.Differential.Tests;

/// <summary>A model with values for its inputs.</summary>
internal sealed record DrawnGraph(byte[] Bytes, IReadOnlyList<(string Name, Value Value)> Inputs, string Text);

/// <summary>
/// Draws small networks of images and matrices: chains, branches that meet in Add and Concat, and the patterns that rewrites look
/// for. Weights are small enough that values stay near 1 however deep the graph is.
/// </summary>
internal sealed class GraphDraw(Draw draw)
{
    private const int Opset = 17;

    private readonly record struct Edge(string Name, long[] Shape);

    private readonly List<NodeSpec> _nodes = [];
    private readonly List<KeyValuePair<string, Tensor>> _constants = [];
    private readonly List<Edge> _edges = [];
    private readonly HashSet<string> _read = [];
    private readonly List<string> _text = [];

    /// <summary>Draws a graph.</summary>
    public static DrawnGraph Make(Draw draw) => new GraphDraw(draw).Make();

    private DrawnGraph Make()
    {
        long batch = draw.Between(1, 2), channels = draw.Pick(4, 3, 8, 16, 17, 32), side = draw.Between(4, 12);
        var inputs = new List<(string, Value)>();
        for (int i = draw.Between(1, 2); i > 0; i--)
        {
            long[] shape = [batch, channels, side, side + draw.Below(3)];
            var edge = new Edge($"in{inputs.Count}", inputs.Count > 0 ? _edges[0].Shape : shape);
            _edges.Add(edge);
            inputs.Add((edge.Name, Random(edge.Shape, Content.Unit)));
        }
        bool symbolic = draw.OnceIn(4);
        for (int i = draw.Between(1, 9); i > 0; i--)
            Step();
        ImmutableArray<ValueSpec> outputs = [.. _edges.Where(e => !_read.Contains(e.Name) || (!e.Name.StartsWith("in", StringComparison.Ordinal) && draw.OnceIn(8)))
            .Where(e => !e.Name.StartsWith("in", StringComparison.Ordinal)).Select(e => new ValueSpec(e.Name, null))];
        ImmutableArray<ValueSpec> declared = [.. inputs.Select(i => new ValueSpec(i.Item1, new TensorFact(DType.Float32, Dims((Tensor)i.Item2, symbolic))))];
        var graph = new GraphSpec("drawn", declared, outputs, [.. _constants], [.. _nodes], []);
        using var stream = new MemoryStream();
        OnnxModel.Save(Model.Create(graph, new Dictionary<string, int> { [""] = Opset }), stream);
        return new DrawnGraph(stream.ToArray(), inputs, $"inputs {string.Join(", ", inputs.Select(i => i.Item2.Fact))}{(symbolic ? " (batch symbolic)" : "")}\n      {string.Join("\n      ", _text)}\n      outputs {string.Join(", ", outputs.Select(o => o.Name))}");
    }

    private static SymbolicShape Dims(Tensor tensor, bool symbolic) =>
        SymbolicShape.Create([.. tensor.Shape.Select((d, i) => symbolic && i == 0 ? Dim.Symbol("batch") : (Dim)d)]);

    private void Step()
    {
        // Mostly the latest value, so that chains grow; now and then an older one, so that branches do.
        Edge x = draw.OnceIn(4) ? _edges[draw.Below(_edges.Count)] : _edges[^1];
        if (x.Shape.Length == 4)
            ImageStep(x);
        else
            MatrixStep(x);
    }

    private void ImageStep(Edge x)
    {
        switch (draw.Below(20))
        {
            case 0 or 1 or 2:
                Convolution(x);
                break;
            case 3:
                Activation(x);
                break;
            case 4:
                BatchNorm(x);
                break;
            case 5:
                Activation(BatchNorm(Convolution(x)));
                break;
            case 6:
                // A residual block: the convolution keeps the shape.
                Activation(Add(Convolution(x, same: true), x));
                break;
            case 7:
                Activation(BatchNorm(x));
                Convolution(_edges[^1]);
                break;
            case 8:
                Meet(x);
                break;
            case 9:
                Concatenate(x);
                break;
            case 10:
                Pool(x);
                break;
            case 11:
                PadThenConvolve(x);
                break;
            case 12:
                ScaleByChannel(x);
                break;
            case 13:
                Node("Transpose", [x], [x.Shape[0], x.Shape[2], x.Shape[3], x.Shape[1]], Ints("perm", 0, 2, 3, 1));
                break;
            case 14:
                Node("Flatten", [Node("GlobalAveragePool", [x], [x.Shape[0], x.Shape[1], 1, 1])], [x.Shape[0], x.Shape[1]]);
                break;
            case 15:
                Reshape(x, [x.Shape[0], x.Shape[1], x.Shape[2] * x.Shape[3]]);
                break;
            case 16:
                Halves(x);
                break;
            case 17:
                Branch(x);
                break;
            case 18:
                Repeat(x);
                break;
            default:
                // Mul by a sigmoid of itself, as in mobile networks.
                Node("Mul", [x, Node("Sigmoid", [x], x.Shape)], x.Shape);
                break;
        }
    }

    private void MatrixStep(Edge x)
    {
        switch (draw.Below(9))
        {
            case 0 or 1:
                Linear(x);
                break;
            case 2:
                Activation(Linear(x));
                break;
            case 3:
                Node("Softmax", [x], x.Shape, Int("axis", -1));
                break;
            case 4:
                Meet(x);
                break;
            case 5:
                Concatenate(x);
                break;
            case 6:
                LayerNorm(x);
                break;
            case 7:
                long[] turned = [.. x.Shape[..^2], x.Shape[^1], x.Shape[^2]];
                int rank = x.Shape.Length;
                Node("Transpose", [x], turned, Ints("perm", [.. Enumerable.Range(0, rank - 2).Select(i => (long)i), rank - 1, rank - 2]));
                break;
            default:
                Attention(x);
                break;
        }
    }

    private Edge Convolution(Edge x, bool same = false)
    {
        long c = x.Shape[1], kernel = Math.Min(draw.Pick(3, 1, 3, 5), Math.Min(x.Shape[2], x.Shape[3])), stride = same ? 1 : draw.Pick(1, 1, 1, 2);
        if (kernel == 2 || kernel == 4)
            kernel--;
        long group = draw.OnceIn(4) ? c : draw.OnceIn(6) && c % 2 == 0 ? 2 : 1, pad = same || draw.OnceIn(2) ? kernel / 2 : 0;
        long m = same ? c : group == c ? c * draw.Between(1, 2) : group * draw.Pick(4, 8, 5, 16);
        var inputs = new List<Edge> { x, Weights([m, c / group, kernel, kernel], c / group * kernel * kernel) };
        if (draw.OnceIn(2))
            inputs.Add(Weights([m], 4));
        long Out(long extent) => (extent + 2 * pad - kernel) / stride + 1;
        return Node("Conv", inputs, [x.Shape[0], m, Out(x.Shape[2]), Out(x.Shape[3])],
            Ints("pads", pad, pad, pad, pad).With("strides", ImmutableArray.Create(stride, stride)).With("group", group).With("kernel_shape", ImmutableArray.Create(kernel, kernel)));
    }

    private Edge BatchNorm(Edge x)
    {
        long[] c = [x.Shape[1]];
        return Node("BatchNormalization", [x, Constant(Random(c, Content.Positive)), Weights(c, 4), Weights(c, 4), Constant(Random(c, Content.Positive))], x.Shape);
    }

    private Edge Activation(Edge x) => draw.Below(6) switch
    {
        0 or 1 => Node("Relu", [x], x.Shape),
        2 => Node("LeakyRelu", [x], x.Shape, Attributes.Empty.With("alpha", 0.1f)),
        3 => Node("Clip", [x, Constant(Elements.Of(DType.Float32, [], 0)), Constant(Elements.Of(DType.Float32, [], 6))], x.Shape),
        4 => Node("HardSwish", [x], x.Shape),
        _ => Node("Tanh", [x], x.Shape),
    };

    private Edge Add(Edge a, Edge b) => draw.OnceIn(2) ? Node("Add", [b, a], a.Shape) : Node("Add", [a, b], a.Shape);

    // Two branches of one shape, if there are some; otherwise a value with itself.
    private void Meet(Edge x)
    {
        Edge[] others = [.. _edges.Where(e => e.Shape.AsSpan().SequenceEqual(x.Shape))];
        Edge other = others[draw.Below(others.Length)];
        Node(draw.Pick("Add", "Mul", "Sub", "Max"), [x, other], x.Shape);
    }

    private void Concatenate(Edge x)
    {
        Edge[] others = [.. _edges.Where(e => e.Shape.Length == x.Shape.Length && !e.Shape.Where((d, i) => i != 1 && d != x.Shape[i]).Any())];
        Edge other = others[draw.Below(others.Length)];
        long[] shape = [.. x.Shape];
        shape[1] += other.Shape[1];
        Node("Concat", [x, other], shape, Int("axis", 1));
    }

    private void Pool(Edge x)
    {
        long kernel = Math.Min(draw.Pick(2, 3), Math.Min(x.Shape[2], x.Shape[3])), stride = draw.Between(1, 2);
        long Out(long extent) => (extent - kernel) / stride + 1;
        Node(draw.Pick("MaxPool", "AveragePool"), [x], [x.Shape[0], x.Shape[1], Out(x.Shape[2]), Out(x.Shape[3])],
            Ints("kernel_shape", kernel, kernel).With("strides", ImmutableArray.Create(stride, stride)));
    }

    private void PadThenConvolve(Edge x)
    {
        long p = draw.Between(1, 2);
        Convolution(Node("Pad", [x, Constant(Elements.List(0, 0, p, 1, 0, 0, 1, p))], [x.Shape[0], x.Shape[1], x.Shape[2] + p + 1, x.Shape[3] + p + 1]));
    }

    private void ScaleByChannel(Edge x)
    {
        long[] c = [1, x.Shape[1], 1, 1];
        Edge scaled = Node("Mul", [draw.OnceIn(2) ? Convolution(x, same: true) : x, Constant(Random(c, Content.Positive))], x.Shape);
        Node("Add", [Weights(draw.OnceIn(2) ? c : c[1..], 4), scaled], x.Shape);
    }

    private void Halves(Edge x)
    {
        long c = x.Shape[1], first = c / 2;
        if (first == 0)
            return;
        Edge a = new($"v{_nodes.Count}a", [x.Shape[0], first, x.Shape[2], x.Shape[3]]), b = new($"v{_nodes.Count}b", [x.Shape[0], c - first, x.Shape[2], x.Shape[3]]);
        Emit("Split", [x, Constant(Elements.List(first, c - first))], [a, b], Int("axis", 1));
    }

    // One of two bodies that read x from around them; which one the data say.
    private void Branch(Edge x)
    {
        Edge largest = new($"v{_nodes.Count}", []), test = new($"v{_nodes.Count + 1}", []), output = new($"v{_nodes.Count + 2}", x.Shape);
        Emit("ReduceMax", [x], [largest], Int("keepdims", 0), isHidden: true);
        Emit("Greater", [largest, Constant(Elements.Of(DType.Float32, [], 0.9))], [test], Attributes.Empty, isHidden: true);
        GraphSpec Body(string op) => new(op, [], [new ValueSpec($"{output.Name}_{op}", null)], [], [Spec(op, [x.Name], [$"{output.Name}_{op}"])], []);
        _read.Add(x.Name);
        Emit("If", [test], [output], Attributes.Empty, ImmutableSortedDictionary<string, GraphSpec>.Empty.Add("then_branch", Body("Relu")).Add("else_branch", Body("Tanh")));
    }

    // v = tanh(v) + x, two or three times from v = x.
    private void Repeat(Edge x)
    {
        string v = $"v{_nodes.Count}";
        var output = new Edge(v, x.Shape);
        ImmutableArray<ValueSpec> inputs = [new($"{v}_i", new TensorFact(DType.Int64, [])), new($"{v}_c", new TensorFact(DType.Bool, [])), new($"{v}_in", new TensorFact(DType.Float32, null))];
        ImmutableArray<NodeSpec> nodes = [Spec("Identity", [$"{v}_c"], [$"{v}_go"]), Spec("Tanh", [$"{v}_in"], [$"{v}_t"]), Spec("Add", [$"{v}_t", x.Name], [$"{v}_out"])];
        var body = new GraphSpec("body", inputs, [new ValueSpec($"{v}_go", null), new ValueSpec($"{v}_out", null)], [], nodes, []);
        Emit("Loop", [Constant(Elements.Of(DType.Int64, [], draw.Between(2, 3))), Constant(Elements.Of(DType.Bool, [], 1)), x], [output], Attributes.Empty,
            ImmutableSortedDictionary<string, GraphSpec>.Empty.Add("body", body));
    }

    private static NodeSpec Spec(string op, ImmutableArray<string> inputs, ImmutableArray<string> outputs) =>
        new("", "", op, inputs, outputs, Attributes.Empty, ImmutableSortedDictionary<string, GraphSpec>.Empty);

    private void Reshape(Edge x, long[] shape)
    {
        long[] target = [.. shape];
        target[0] = 0;
        if (draw.OnceIn(2))
            target[^1] = -1;
        Node("Reshape", [x, Constant(Elements.List(target))], shape);
    }

    private Edge Linear(Edge x)
    {
        long k = x.Shape[^1], n = draw.Pick(4, 8, 10, 17, 33);
        long[] shape = [.. x.Shape[..^1], n];
        if (x.Shape.Length == 2 && draw.OnceIn(2))
            return Node("Gemm", [x, Weights([n, k], k), Weights([n], 4)], shape, Int("transB", 1));
        Edge product = Node("MatMul", [x, Weights([k, n], k)], shape);
        return draw.OnceIn(2) ? Node("Add", draw.OnceIn(2) ? [product, Weights([n], 4)] : [Weights([n], 4), product], shape) : product;
    }

    private void LayerNorm(Edge x)
    {
        long[] n = [x.Shape[^1]];
        // A large epsilon: a row of nearly equal elements must not magnify what came before.
        Node("LayerNormalization", [x, Constant(Random(n, Content.Positive)), Weights(n, 4)], x.Shape, Int("axis", -1).With("epsilon", 0.1f));
    }

    private void Attention(Edge x)
    {
        long[] turned = [.. x.Shape[..^2], x.Shape[^1], x.Shape[^2]], square = [.. x.Shape[..^1], x.Shape[^2]];
        int rank = x.Shape.Length;
        Edge keys = Node("Transpose", [x], turned, Ints("perm", [.. Enumerable.Range(0, rank - 2).Select(i => (long)i), rank - 1, rank - 2]));
        Edge scaled = Node("Mul", [Node("MatMul", [x, keys], square), Constant(Elements.Of(DType.Float32, [], 0.125))], square);
        Node("MatMul", [Node("Softmax", [scaled], square, Int("axis", -1)), x], x.Shape);
    }

    private Edge Node(string op, IReadOnlyList<Edge> inputs, long[] shape, Attributes? attributes = null)
    {
        var output = new Edge($"v{_nodes.Count}", shape);
        Emit(op, inputs, [output], attributes ?? Attributes.Empty);
        return output;
    }

    private void Emit(string op, IReadOnlyList<Edge> inputs, Edge[] outputs, Attributes attributes, ImmutableSortedDictionary<string, GraphSpec>? bodies = null, bool isHidden = false)
    {
        // HardSwish came in opset 14; nothing else here is newer than Opset.
        _nodes.Add(new NodeSpec($"n{_nodes.Count}", "", op, [.. inputs.Select(i => i.Name)], [.. outputs.Select(o => o.Name)], attributes, bodies ?? ImmutableSortedDictionary<string, GraphSpec>.Empty));
        foreach (Edge input in inputs)
            _read.Add(input.Name);
        if (!isHidden)
            _edges.AddRange(outputs);
        string settings = string.Join(" ", attributes.Values.Select(a => $"{a.Key}={Use.Describe(a.Value)}"));
        _text.Add($"{string.Join(", ", outputs.Select(o => $"{o.Name}[{string.Join(",", o.Shape)}]"))} = {op}({string.Join(", ", inputs.Select(i => i.Name))}) {settings}");
    }

    private Edge Weights(long[] shape, long fanIn)
    {
        Tensor tensor = Random(shape, Content.Unit);
        float scale = 1.5f / MathF.Sqrt(fanIn);
        foreach (ref float weight in tensor.AsSpan<float>())
            weight *= scale;
        return Constant(tensor);
    }

    private Edge Constant(Tensor tensor)
    {
        string name = $"c{_constants.Count}";
        _constants.Add(new(name, tensor));
        return new Edge(name, tensor.Shape.ToArray());
    }

    private Tensor Random(long[] shape, Content content) => Elements.Random(DType.Float32, shape, content, (ulong)draw.Below(1 << 20));

    private static Attributes Int(string name, long value) => Attributes.Empty.With(name, value);

    private static Attributes Ints(string name, params long[] values) => Attributes.Empty.With(name, ImmutableArray.Create(values));
}
