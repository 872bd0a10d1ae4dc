using Ai3.Runtime;

namespace Ai3.Onnx;

/// <summary>ONNX model files in and out.</summary>
/// <remarks>
/// Errors: <see cref="OnnxFormatException"/> for bytes that are no ONNX model, <see cref="GraphException"/> for a graph that
/// contradicts itself, <see cref="UnsupportedModelException"/> for what is valid but not known here,
/// <see cref="LimitExceededException"/> for what is over <see cref="ImportLimits"/>.
/// Read as it is found in circulation: nodes in any order; initializers that are inputs or not; ranks, dimensions and types left
/// open; the domain <c>ai.onnx</c> by that name; of several Constant nodes with one output name the last.
/// String attributes and elements that are not UTF-8 become one char for each byte.
/// </remarks>
public static class OnnxModel
{
    /// <summary>The newest version of the ai.onnx operators that models may import.</summary>
    public const int NewestOpset = Opsets.Newest;

    // The format ends at 2 GiB; the rest is for the graph.
    private const long MostBytesInside = 3L << 29;

    /// <summary>Reads a model file; external data comes from its folder. Weights stay in the mapped file until they are used.</summary>
    /// <param name="path">The file.</param>
    /// <param name="limits">Limits; null for <see cref="ImportLimits.Default"/>.</param>
    public static Model Load(string path, ImportLimits? limits = null)
    {
        limits ??= ImportLimits.Default;
        try
        {
            return ModelDecoder.Decode(FileBytes.Open(path, limits), path, Path.GetDirectoryName(Path.GetFullPath(path)), limits);
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
        return ModelDecoder.Decode(FileBytes.Copy(stream, limits), null, baseFolder, limits);
    }

    /// <summary>Reads a model from memory; the bytes are copied.</summary>
    /// <param name="bytes">The file's bytes.</param>
    /// <param name="limits">Limits; null for <see cref="ImportLimits.Default"/>.</param>
    /// <param name="baseFolder">The folder of external data; null refuses models that have any.</param>
    public static Model Load(ReadOnlyMemory<byte> bytes, ImportLimits? limits = null, string? baseFolder = null)
    {
        limits ??= ImportLimits.Default;
        return ModelDecoder.Decode(FileBytes.Copy(bytes.Span, limits), null, baseFolder, limits);
    }

    /// <summary>Writes a model file, weights in it; weights over 1.5 GiB together go to a file beside it, named like it with <c>.data</c> after.</summary>
    /// <remarks>Text that was no UTF-8 in the file the model came from is written as the text it was read as.</remarks>
    public static void Save(Model model, string path)
    {
        using var file = new FileReplacement(path);
        if (ExternalWriter.BytesOf(model.Spec) <= MostBytesInside)
        {
            MessageWriter.Write(ModelEncoder.Encode(model, null), file.Stream);
        }
        else
        {
            using var weights = new FileReplacement($"{path}.data");
            MessageWriter.Write(ModelEncoder.Encode(model, new ExternalWriter(weights.Stream, $"{Path.GetFileName(path)}.data")), file.Stream);
            weights.Commit();
        }
        file.Commit();
    }

    /// <summary>Writes a model with its weights to a stream; the stream stays open.</summary>
    /// <exception cref="LimitExceededException">The weights take more than 1.5 GiB.</exception>
    public static void Save(Model model, Stream stream)
    {
        long bytes = ExternalWriter.BytesOf(model.Spec);
        if (bytes > MostBytesInside)
            throw new LimitExceededException($"the weights take {bytes} bytes, one file takes {MostBytesInside}; save to a path, so that they can go to a second file");
        MessageWriter.Write(ModelEncoder.Encode(model, null), stream);
    }
}
