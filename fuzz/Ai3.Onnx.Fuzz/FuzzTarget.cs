using Ai3.Runtime;
using Ai3.Tensors;

namespace Ai3.Onnx.Fuzz;

/// <summary>What must hold for any bytes: they are read, or refused with one of the typed exceptions, within bounds.</summary>
public static class FuzzTarget
{
    // Objects for the densest encoding of the structure, two bytes a message, and what a parse takes in any case.
    private const long BytesPerByte = 400;
    private const long BytesAlways = 8 << 20;

    private static readonly ValueFact Float = new TensorFact(DType.Float32, null);

    private static readonly ValueFact?[] Kinds =
    [
        null,
        new SequenceFact(Float),
        new SequenceFact(new MapFact(DType.Int64, Float)),
        new OptionalFact(new SequenceFact(Float)),
    ];

    /// <summary>Reads the bytes as a model and as each kind of value; returns how many of these they are.</summary>
    public static int Run(byte[] bytes)
    {
        int accepted = 0;
        long before = GC.GetAllocatedBytesForCurrentThread();
        if (Accepts(() => Check(bytes)))
            accepted++;
        foreach (ValueFact? kind in Kinds)
            if (Accepts(() => OnnxValue.Read(bytes, kind, ImportLimits.Untrusted).Dispose()))
                accepted++;
        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        if (allocated > BytesAlways + BytesPerByte * bytes.Length)
            throw new InvalidOperationException($"{bytes.Length} bytes made the reader allocate {allocated}");
        return accepted;
    }

    // What was read can be touched, written, and read again.
    private static void Check(byte[] bytes)
    {
        using Model model = OnnxModel.Load(bytes, ImportLimits.Untrusted);
        Touch(model.Spec);
        using var saved = new MemoryStream();
        OnnxModel.Save(model, saved);
        using Model again = OnnxModel.Load(saved.ToArray(), ImportLimits.Untrusted with { Nodes = long.MaxValue, Messages = long.MaxValue, Nesting = GraphLinker.MaxDepth });
        if (again.Graph.Nodes.Count != model.Graph.Nodes.Count)
            throw new InvalidOperationException($"a model of {model.Graph.Nodes.Count} nodes has {again.Graph.Nodes.Count} after writing and reading");
    }

    private static void Touch(GraphSpec graph)
    {
        foreach (Tensor tensor in graph.Initializers.Select(i => i.Value).Concat(graph.Nodes.SelectMany(n => n.Attributes.Values.Values.OfType<Tensor>())))
        {
            if (tensor.Type == DType.String)
                foreach (string text in tensor.AsStrings())
                    ArgumentNullException.ThrowIfNull(text);
            else
                tensor.AsBytes().Contains((byte)0xA5);
        }
        foreach (GraphSpec body in graph.Nodes.SelectMany(n => n.Subgraphs.Values))
            Touch(body);
    }

    private static bool Accepts(Action read)
    {
        try
        {
            read();
            return true;
        }
        catch (Exception e) when (e is OnnxFormatException or GraphException or UnsupportedModelException or LimitExceededException)
        {
            if (e.Message.Length == 0 || e.Message.Contains('\n', StringComparison.Ordinal))
                throw new InvalidOperationException($"the message of a {e.GetType().Name} is not one line", e);
            return false;
        }
    }
}
