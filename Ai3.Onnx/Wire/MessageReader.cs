using Google.Protobuf;

namespace Ai3.Onnx;

/// <summary>Bytes to a message, weights left where they are.</summary>
internal static class MessageReader
{
    /// <summary>Parses a message whose raw_data fields hold handles into <paramref name="source"/> afterwards.</summary>
    public static T Parse<T>(ReadOnlySpan<byte> source, MessageKind kind, MessageParser<T> parser, ImportLimits limits) where T : IMessage<T>
    {
        try
        {
            ArraySegment<byte> skeleton = SkeletonScanner.Scan(source, kind, limits);
            using var stream = new MemoryStream(skeleton.Array!, skeleton.Offset, skeleton.Count, writable: false);
            var input = CodedInputStream.CreateWithLimits(stream, int.MaxValue, SkeletonScanner.MaxMessageDepth(limits) + 1);
            return parser.WithDiscardUnknownFields(true).ParseFrom(input);
        }
        catch (OnnxFormatException e) when (FileKind.Recognise(source) is string hint)
        {
            throw new OnnxFormatException($"{hint}: {e.Message}", null, e);
        }
        catch (InvalidProtocolBufferException e)
        {
            throw new OnnxFormatException($"{FileKind.Recognise(source) ?? "no ONNX file"}: {e.Message}", null, e);
        }
    }
}
