using Ai3.Runtime;
using Ai3.Tensors;

namespace Ai3.Onnx;

/// <summary>What one import carries along: the source bytes, external files, limits and what is left of them.</summary>
/// <param name="source">The bytes that raw handles point into.</param>
/// <param name="modelFile">The model's own file; null where it has none.</param>
/// <param name="baseFolder">The folder of external data; null where there is none.</param>
/// <param name="limits">The limits.</param>
internal sealed class ImportContext(TensorStorage source, string? modelFile, string? baseFolder, ImportLimits limits) : IDisposable
{
    private long _expandedBytes;
    private long _nodes;
    private ExternalFiles? _external;

    public TensorStorage Source { get; } = source;

    public ImportLimits Limits { get; } = limits;

    /// <summary>Everything that holds bytes of tensors.</summary>
    public ModelStorage Storage { get; } = new(source);

    public ExternalFiles External => _external ??= new ExternalFiles(modelFile, baseFolder, Limits, Storage);

    public void CountNode()
    {
        if (++_nodes > Limits.Nodes)
            throw new LimitExceededException($"the model has more than {Limits.Nodes} nodes, inlined calls counted");
    }

    /// <summary>Counts bytes of a tensor that takes more than the file did.</summary>
    public void CountExpanded(long bytes, string what)
    {
        if (bytes > int.MaxValue || bytes > Limits.ExpandedBytes - _expandedBytes)
            throw new LimitExceededException(
                $"{what} takes {bytes} bytes dense; a sparse tensor may take {int.MaxValue}, all together {Limits.ExpandedBytes}");
        _expandedBytes += bytes;
    }

    /// <summary>A tensor of the model in memory of its own, given back with the model.</summary>
    public Tensor Allocate(DType type, Shape shape, bool clear = false)
    {
        Tensor tensor = Tensor.Allocate(type, shape, clear: clear);
        if (type != DType.String)
            Storage.Add(tensor);
        return tensor;
    }

    /// <summary>Closes files; the storage stays.</summary>
    public void Dispose() => _external?.Dispose();
}

/// <summary>What holds a model's tensors.</summary>
internal sealed class ModelStorage(IDisposable first) : IDisposable
{
    private readonly List<IDisposable> _parts = [first];

    public void Add(IDisposable part) => _parts.Add(part);

    public void Dispose()
    {
        foreach (IDisposable part in _parts)
            part.Dispose();
        _parts.Clear();
    }
}
