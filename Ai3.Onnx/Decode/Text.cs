using System.Text;
using Google.Protobuf;

namespace Ai3.Onnx;

/// <summary>Text that the format keeps as bytes: string attributes, string elements, string keys.</summary>
/// <remarks>
/// Bytes that are UTF-8 become that text. Others (custom operators keep binary data in string attributes) become
/// one char for each byte, U+0000 to U+00FF, so that nothing is lost.
/// </remarks>
internal static class Text
{
    private static readonly UTF8Encoding Strict = new(false, throwOnInvalidBytes: true);

    public static string Decode(ByteString bytes)
    {
        try
        {
            return Strict.GetString(bytes.Span);
        }
        catch (DecoderFallbackException)
        {
            return Encoding.Latin1.GetString(bytes.Span);
        }
    }

    public static ByteString Encode(string text) => ByteString.CopyFromUtf8(text);
}
