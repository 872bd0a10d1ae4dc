using Ai3.Runtime;

namespace Ai3.Onnx;

/// <summary>ONNX model files in and out.</summary>
/// <remarks>
/// Errors: <see cref="OnnxFormatException"/> for bytes that are no ONNX model, <see cref="GraphException"/> for a graph that
/// contradicts itself, <see cref="UnsupportedModelException"/> for what is valid but not known here,
/// <see cref="LimitExceededException"/> for what is over <see cref="ImportLimits"/>.
/// </remarks>
public static class OnnxModel
{
    /// <summary>The newest version of the ai.onnx operators that models may import.</summary>
    public const int NewestOpset = Opsets.Newest;

    /// <summary>Reads a model file; external data comes from its folder. Weights stay in the mapped file until they are used.</summary>
    /// <param name="path">The file.</param>
    /// <param name="limits">Limits; null for <see cref="ImportLimits.Default"/>.</param>
    public static Model Load(string path, ImportLimits? limits = null)
    {
        limits ??= ImportLimits.Default;
        try
        {
            return ModelDecoder.Decode(FileBytes.Open(path, limits), Path.GetDirectoryName(Path.GetFullPath(path)), limits);
        }
        catch (OnnxFormatException e)
        {
            throw e.In(path);
        }
    }

    /// <summary>Reads a model from a stream, to its end; the stream stays open.</summary>
    /// <param name="stream">The stream.</param>
    /// <param name="limits">Limits; null for <see cref="ImportLimits.Default"/>.</param>
    /// <param name="baseFolder">The folder of external data; null refuses models that have any.</param>
    public static Model Load(Stream stream, ImportLimits? limits = null, string? baseFolder = null)
    {
        limits ??= ImportLimits.Default;
        return ModelDecoder.Decode(FileBytes.Copy(stream, limits), baseFolder, limits);
    }

    /// <summary>Reads a model from memory; the bytes are copied.</summary>
    /// <param name="bytes">The file's bytes.</param>
    /// <param name="limits">Limits; null for <see cref="ImportLimits.Default"/>.</param>
    /// <param name="baseFolder">The folder of external data; null refuses models that have any.</param>
    public static Model Load(ReadOnlyMemory<byte> bytes, ImportLimits? limits = null, string? baseFolder = null)
    {
        limits ??= ImportLimits.Default;
        return ModelDecoder.Decode(FileBytes.Copy(bytes.Span, limits), baseFolder, limits);
    }
}
