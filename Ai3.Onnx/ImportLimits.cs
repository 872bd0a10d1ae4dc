using Ai3.Runtime;

namespace Ai3.Onnx;

/// <summary>What a file may ask for while it is read. What exceeds a limit is refused with <see cref="LimitExceededException"/> before it is allocated.</summary>
public sealed record ImportLimits
{
    /// <summary>For a model you chose yourself: files are mapped, limits are those of the format.</summary>
    /// <remarks>A mapped file must not be truncated while the model lives: the system ends a process that reads pages that are gone.</remarks>
    public static ImportLimits Default { get; } = new();

    /// <summary>For a model from somewhere else: everything is copied, and the caps are tight.</summary>
    public static ImportLimits Untrusted { get; } = new()
    {
        MapFiles = false,
        ModelBytes = 1L << 30,
        Messages = 2_000_000,
        Nodes = 100_000,
        Nesting = 32,
        Rank = 16,
        TensorBytes = 1L << 30,
        ExternalBytes = 4L << 30,
        ExpandedBytes = 64L << 20,
    };

    /// <summary>Whether files given by path (the model's and those of external data) are mapped into memory instead of copied.</summary>
    public bool MapFiles { get; init; } = true;

    /// <summary>Bytes of the model file. The format itself ends at 2 GiB; larger models keep weights in external files.</summary>
    public long ModelBytes { get; init; } = int.MaxValue;

    /// <summary>Messages in the file: nodes, attributes, tensors, types, dimensions, properties.</summary>
    public long Messages { get; init; } = 50_000_000;

    /// <summary>Nodes, those of subgraphs and of every inlined call counted.</summary>
    public long Nodes { get; init; } = 2_000_000;

    /// <summary>How deep subgraphs, and calls of functions, may nest.</summary>
    public int Nesting { get; init; } = GraphLinker.MaxDepth;

    /// <summary>Dimensions of a tensor.</summary>
    public int Rank { get; init; } = 64;

    /// <summary>Bytes of one tensor.</summary>
    public long TensorBytes { get; init; } = 1L << 40;

    /// <summary>Bytes of all external data together, where it is copied.</summary>
    public long ExternalBytes { get; init; } = 1L << 40;

    /// <summary>Bytes of all tensors that take more memory than the file, together: sparse tensors made dense.</summary>
    public long ExpandedBytes { get; init; } = int.MaxValue;
}
