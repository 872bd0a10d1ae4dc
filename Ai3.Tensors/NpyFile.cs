using System.Buffers.Binary;
using System.Text;

namespace Ai3.Tensors;

/// <summary>NumPy's .npy files: format versions 1 to 3, either byte order, C or Fortran order.</summary>
/// <remarks>Types: bool, integers and floats of 16 to 64 bits, complex64 and complex128, and UTF-32 strings.</remarks>
public static class NpyFile
{
    private const int Alignment = 64;

    // Bytes read or written at a time: whole elements of every type.
    private const long Chunk = 1 << 26;

    /// <summary>True if the element type has a NumPy name.</summary>
    public static bool CanWrite(DType type) => type == DType.String || NpyHeader.Descriptor(type) is not null;

    /// <summary>Reads a tensor.</summary>
    /// <exception cref="InvalidDataException">The bytes are no .npy file, or hold a type that no tensor has.</exception>
    public static Tensor Read(string path)
    {
        using FileStream file = File.OpenRead(path);
        try
        {
            return Read(file);
        }
        catch (Exception e) when (e is InvalidDataException or EndOfStreamException or ShapeException)
        {
            throw new InvalidDataException($"'{path}' is not a .npy file that can be read: {e.Message}", e);
        }
    }

    /// <summary>Reads a tensor from a stream that knows its length, to the end of the tensor.</summary>
    /// <exception cref="InvalidDataException">The bytes are no .npy file, or hold a type that no tensor has.</exception>
    /// <exception cref="EndOfStreamException">The stream ends too early.</exception>
    public static Tensor Read(Stream stream)
    {
        NpyHeader header = NpyHeader.Parse(ReadHeader(stream));
        long bytes = header.ByteCount;
        if (bytes > stream.Length - stream.Position)
            throw new InvalidDataException($"shape {header.Shape} takes {bytes} bytes, but {stream.Length - stream.Position} are there");
        Tensor tensor = header.Type == DType.String ? ReadStrings(stream, header) : ReadNumbers(stream, header);
        return header.IsFortranOrder && header.Shape.Rank > 1 ? FromFortranOrder(tensor) : tensor;
    }

    /// <summary>Writes a tensor in row-major order.</summary>
    /// <exception cref="ArgumentException">NumPy has no such type, or the tensor is not row-major.</exception>
    public static void Write(string path, Tensor tensor)
    {
        using FileStream file = File.Create(path);
        Write(file, tensor);
    }

    /// <summary>Writes a tensor in row-major order.</summary>
    /// <exception cref="ArgumentException">NumPy has no such type, or the tensor is not row-major.</exception>
    public static void Write(Stream stream, Tensor tensor)
    {
        if (!CanWrite(tensor.Type) || tensor.Format != Format.Plain)
            throw new ArgumentException($"{tensor} ({tensor.Format}) cannot be a .npy file: {(CanWrite(tensor.Type) ? "it is not row-major" : "NumPy has no such type")}");
        int characters = tensor.Type == DType.String ? LongestInRunes(tensor) : 0;
        WriteHeader(stream, NpyHeader.Text(tensor.Type, tensor.Shape, characters));
        if (tensor.Type == DType.String)
            WriteStrings(stream, tensor, characters);
        else
            for (long done = 0; done < tensor.ByteLength; done += Chunk)
                stream.Write(ChunkOf(tensor, done));
        GC.KeepAlive(tensor);
    }

    // A part of the bytes that fits in a span.
    private static unsafe Span<byte> ChunkOf(Tensor tensor, long begin) =>
        new((byte*)tensor.Address + begin, (int)Math.Min(Chunk, tensor.ByteLength - begin));

    private static string ReadHeader(Stream stream)
    {
        Span<byte> start = stackalloc byte[8];
        stream.ReadExactly(start);
        if (start[0] != 0x93 || !start[1..6].SequenceEqual("NUMPY"u8))
            throw new InvalidDataException("it does not begin with \\x93NUMPY");
        int lengthBytes = start[6] switch { 1 => 2, 2 or 3 => 4, _ => throw new InvalidDataException($"format version {start[6]} is unknown; known are 1 to 3") };
        Span<byte> lengthText = stackalloc byte[4];
        lengthText.Clear();
        stream.ReadExactly(lengthText[..lengthBytes]);
        uint length = BinaryPrimitives.ReadUInt32LittleEndian(lengthText);
        if (length > stream.Length - stream.Position)
            throw new InvalidDataException($"its header claims {length} bytes, but {stream.Length - stream.Position} are there");
        var header = new byte[length];
        stream.ReadExactly(header);
        return Encoding.UTF8.GetString(header);
    }

    private static Tensor ReadNumbers(Stream stream, NpyHeader header)
    {
        Tensor tensor = Tensor.Allocate(header.Type, header.Shape);
        try
        {
            for (long done = 0; done < tensor.ByteLength; done += Chunk)
            {
                Span<byte> bytes = ChunkOf(tensor, done);
                stream.ReadExactly(bytes);
                if (header.IsBigEndian)
                    ReverseEach(bytes, header.PartSize);
                if (header.Type == DType.Bool)
                    foreach (ref byte b in bytes)
                        b = b != 0 ? (byte)1 : (byte)0;
            }
            GC.KeepAlive(tensor);
            return tensor;
        }
        catch
        {
            tensor.Dispose();
            throw;
        }
    }

    private static Tensor ReadStrings(Stream stream, NpyHeader header)
    {
        var strings = new string[header.Shape.Count];
        var encoding = new UTF32Encoding(header.IsBigEndian, byteOrderMark: false);
        var buffer = new byte[strings.Length == 0 ? 0 : 4 * header.Characters];
        for (int i = 0; i < strings.Length; i++)
        {
            stream.ReadExactly(buffer);
            strings[i] = encoding.GetString(buffer).TrimEnd('\0');
        }
        return Tensor.From(strings, header.Shape);
    }

    private static void ReverseEach(Span<byte> bytes, int size)
    {
        for (int i = 0; i + size <= bytes.Length && size > 1; i += size)
            bytes.Slice(i, size).Reverse();
    }

    // Element i in row-major order is at the position that counts the first axis fastest.
    private static Tensor FromFortranOrder(Tensor source)
    {
        Tensor result = Tensor.Allocate(source.Type, source.Shape);
        long[] dims = source.Shape.ToArray(), index = new long[dims.Length];
        int size = source.Type.ByteSize();
        for (int i = 0; i < source.Count; i++)
        {
            long at = 0;
            for (int axis = dims.Length - 1; axis >= 0; axis--)
                at = at * dims[axis] + index[axis];
            if (source.Type == DType.String)
                result.AsStrings()[i] = source.AsStrings()[(int)at];
            else
                source.AsBytes().Slice((int)at * size, size).CopyTo(result.AsBytes().Slice(i * size, size));
            for (int axis = dims.Length - 1; axis >= 0 && ++index[axis] == dims[axis]; axis--)
                index[axis] = 0;
        }
        source.Dispose();
        return result;
    }

    private static void WriteHeader(Stream stream, string dictionary)
    {
        // Version 1, padded with spaces so that the elements begin at a multiple of 64 bytes.
        int length = (int)ShapeMath.RoundUp(10 + dictionary.Length + 1, Alignment) - 10;
        Span<byte> start = [0x93, .. "NUMPY"u8, 1, 0, (byte)length, (byte)(length >> 8)];
        stream.Write(start);
        stream.Write(Encoding.ASCII.GetBytes(dictionary.PadRight(length - 1) + "\n"));
    }

    private static int LongestInRunes(Tensor tensor)
    {
        int longest = 1;
        foreach (string text in tensor.AsStrings())
            longest = Math.Max(longest, text.EnumerateRunes().Count());
        return longest;
    }

    private static void WriteStrings(Stream stream, Tensor tensor, int characters)
    {
        var buffer = new byte[4 * characters];
        foreach (string text in tensor.AsStrings())
        {
            Array.Clear(buffer);
            Encoding.UTF32.GetBytes(text, buffer);
            stream.Write(buffer);
        }
    }
}
