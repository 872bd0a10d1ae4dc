using Google.Protobuf;

namespace Ai3.Onnx;

/// <summary>A message to bytes.</summary>
internal static class MessageWriter
{
    // What goes to the stream at once; the writer copies weights through its buffer.
    private const int BufferBytes = 1 << 20;

    /// <summary>Writes a message; the stream stays open.</summary>
    public static void Write(IMessage message, Stream stream)
    {
        using var output = new CodedOutputStream(stream, Math.Clamp(message.CalculateSize(), 4096, BufferBytes), leaveOpen: true);
        message.WriteTo(output);
        output.Flush();
    }
}
