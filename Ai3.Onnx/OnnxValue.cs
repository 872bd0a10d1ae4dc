using Ai3.Runtime;
using Ai3.Tensors;

namespace Ai3.Onnx;

/// <summary>Values in files of their own (.pb): the inputs and outputs of test data sets.</summary>
/// <remarks>Such a file does not say what kind of value it holds; the graph's input or output it belongs to does.</remarks>
public static class OnnxValue
{
    /// <summary>Reads a value.</summary>
    /// <param name="path">The file.</param>
    /// <param name="expected">What kind of value it holds; null for a tensor.</param>
    /// <param name="limits">Limits; null for <see cref="ImportLimits.Default"/>.</param>
    /// <exception cref="OnnxFormatException">The bytes are no such value.</exception>
    /// <exception cref="LimitExceededException">The value is over the limits.</exception>
    public static Value Read(string path, ValueFact? expected = null, ImportLimits? limits = null) => ReadNamed(path, expected, limits).Value;

    /// <summary>Reads a value from memory.</summary>
    public static Value Read(ReadOnlyMemory<byte> bytes, ValueFact? expected = null, ImportLimits? limits = null) =>
        ReadNamed(bytes, expected, limits).Value;

    /// <summary>Reads a value with the name it carries; empty if it carries none.</summary>
    public static (string Name, Value Value) ReadNamed(string path, ValueFact? expected = null, ImportLimits? limits = null)
    {
        limits ??= ImportLimits.Default;
        try
        {
            return ValueDecoder.Decode(FileBytes.Open(path, limits), expected, limits);
        }
        catch (OnnxFormatException e)
        {
            throw e.In(path);
        }
    }

    /// <summary>Reads a value from memory, with the name it carries.</summary>
    public static (string Name, Value Value) ReadNamed(ReadOnlyMemory<byte> bytes, ValueFact? expected = null, ImportLimits? limits = null)
    {
        limits ??= ImportLimits.Default;
        return ValueDecoder.Decode(FileBytes.Copy(bytes.Span, limits), expected, limits);
    }

    /// <summary>Writes a value.</summary>
    /// <param name="path">The file; replaced if it exists.</param>
    /// <param name="value">The value.</param>
    /// <param name="name">The name it carries.</param>
    public static void Write(string path, Value value, string name = "")
    {
        using var file = new FileReplacement(path);
        Write(file.Stream, value, name);
        file.Commit();
    }

    /// <summary>Writes a value to a stream; the stream stays open.</summary>
    public static void Write(Stream stream, Value value, string name = "") => MessageWriter.Write(ValueEncoder.Encode(value, name), stream);
}
