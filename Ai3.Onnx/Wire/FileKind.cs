namespace Ai3.Onnx;

/// <summary>Says what a file is that is not ONNX.</summary>
internal static class FileKind
{
    /// <summary>What the bytes look like, or null if they look like nothing known.</summary>
    public static string? Recognise(ReadOnlySpan<byte> bytes)
    {
        if (bytes.IsEmpty)
            return "the file is empty";
        if (bytes.StartsWith("version https://git-lfs"u8))
            return "this is a Git LFS pointer, not the model; fetch the file itself with 'git lfs pull'";
        if (bytes.StartsWith("PK\x03\x04"u8))
            return "this is a ZIP archive (perhaps a PyTorch checkpoint), not an ONNX file";
        if (bytes.Length > 1 && bytes[0] == 0x1F && bytes[1] == 0x8B)
            return "this is a gzip archive; unpack it first";
        if (bytes.Length > 3 && bytes[0] == 0x89 && bytes[1..4].SequenceEqual("PNG"u8))
            return "this is a PNG picture, not an ONNX file";
        if (bytes.Length > 3 && bytes[0] == 0x89 && bytes[1..4].SequenceEqual("HDF"u8))
            return "this is an HDF5 file (perhaps Keras weights), not an ONNX file";
        if (bytes.Length >= 8 && bytes[4..8].SequenceEqual("TFL3"u8))
            return "this is a TensorFlow Lite file, not an ONNX file";
        if (bytes.Length >= 8 && bytes[4..8].SequenceEqual("ORTM"u8))
            return "this is a file of ONNX Runtime's own format, not an ONNX file";
        ReadOnlySpan<byte> start = bytes[..Math.Min(bytes.Length, 512)].Trim(" \t\r\n"u8);
        if (start.StartsWith("<"u8) && IsText(start))
            return "this is HTML or XML text, not an ONNX file; perhaps a download page was saved";
        if ((start.StartsWith("{"u8) || start.StartsWith("["u8)) && IsText(start))
            return "this is JSON text, not an ONNX file";
        return IsText(start) ? "this is text, not an ONNX file" : null;
    }

    private static bool IsText(ReadOnlySpan<byte> bytes) => !bytes.ContainsAnyExcept(TextBytes);

    private static readonly System.Buffers.SearchValues<byte> TextBytes =
        System.Buffers.SearchValues.Create([9, 10, 13, .. Enumerable.Range(32, 95).Select(b => (byte)b), .. Enumerable.Range(128, 128).Select(b => (byte)b)]);
}
