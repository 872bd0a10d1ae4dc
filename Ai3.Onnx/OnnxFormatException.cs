using Ai3.Runtime;

namespace Ai3.Onnx;

/// <summary>Bytes that are not what an ONNX file may hold: broken encoding, tensors that contradict themselves, external data out of bounds.</summary>
/// <param name="message">One line: what is wrong, where, and what would be right.</param>
/// <param name="offset">Where in the file, in bytes, if known; it is part of the message too.</param>
/// <param name="inner">The cause.</param>
public sealed class OnnxFormatException(string message, long? offset = null, Exception? inner = null)
    : Exception(OneLine.Of(offset is null ? message : $"{message} (at byte {offset})"), inner)
{
    /// <summary>Where in the file, in bytes, or null.</summary>
    public long? Offset { get; private init; } = offset;

    internal OnnxFormatException In(string path) => new($"{path}: {Message}", null, this) { Offset = Offset };
}
