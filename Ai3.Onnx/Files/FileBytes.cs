using Ai3.Runtime;
using Ai3.Tensors;
using Microsoft.Win32.SafeHandles;

namespace Ai3.Onnx;

/// <summary>Gets bytes of files and streams into a storage, mapped or copied.</summary>
internal static class FileBytes
{
    // What a stream of unknown length is read in, at first.
    private const int FirstChunk = 1 << 16;

    /// <summary>A whole file by path; pipes and devices are read as streams.</summary>
    public static TensorStorage Open(string path, ImportLimits limits)
    {
        using SafeFileHandle handle = File.OpenHandle(path);
        using var stream = new FileStream(handle, FileAccess.Read, bufferSize: 0);
        if (!stream.CanSeek)
            return Copy(stream, limits);
        long length = stream.Length;
        CheckSize(length, limits);
        if (limits.MapFiles)
            return new MappedFile(handle, length);
        return Copy(handle, 0, length, path);
    }

    /// <summary>A copy of a part of a file.</summary>
    public static PinnedBuffer Copy(SafeFileHandle handle, long offset, long length, string path)
    {
        var buffer = new PinnedBuffer(length);
        try
        {
            for (long done = 0; done < length;)
            {
                int read = RandomAccess.Read(handle, Window(buffer, done, (int)Math.Min(length - done, 1 << 30)), offset + done);
                if (read == 0)
                    throw new OnnxFormatException($"'{path}' became shorter while it was read: {length} bytes were there", offset + done);
                done += read;
            }
            return buffer;
        }
        catch
        {
            buffer.Dispose();
            throw;
        }
    }

    /// <summary>A copy of bytes.</summary>
    public static PinnedBuffer Copy(ReadOnlySpan<byte> bytes, ImportLimits limits)
    {
        CheckSize(bytes.Length, limits);
        var buffer = new PinnedBuffer(bytes.Length);
        bytes.CopyTo(Window(buffer, 0, bytes.Length));
        return buffer;
    }

    /// <summary>A copy of the rest of a stream.</summary>
    public static PinnedBuffer Copy(Stream stream, ImportLimits limits)
    {
        byte[] chunk = new byte[FirstChunk];
        int length = 0;
        while (true)
        {
            int read = stream.Read(chunk, length, chunk.Length - length);
            if (read == 0)
                return Copy(chunk.AsSpan(0, length), limits);
            length += read;
            CheckSize(length, limits);
            if (length == chunk.Length)
                Array.Resize(ref chunk, (int)Math.Min(Array.MaxLength, chunk.Length * 2L));
        }
    }

    /// <summary>A part of a storage as a span. The storage must be kept alive while the span is in use.</summary>
    public static Span<byte> Window(TensorStorage storage, long offset, int length) => Tensor.Over(storage, offset, DType.UInt8, [length]).AsBytes();

    private static void CheckSize(long length, ImportLimits limits)
    {
        long limit = Math.Min(limits.ModelBytes, Array.MaxLength);
        if (length > limit)
            throw new LimitExceededException($"the file has {length} bytes, the limit is {limit}; larger models keep their weights in external files");
    }
}
