using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using Ai3.Runtime;

namespace Ai3.Onnx;

/// <summary>
/// Walks the protobuf encoding of a message and writes it again with every TensorProto.raw_data, and every long packed list in
/// float_data and double_data, replaced by a <see cref="RawHandle"/> in raw_data, so that a parser, which copies everything, copies
/// no weights.
/// </summary>
/// <remarks>
/// Checks what a parser would check later or not at all, with offsets: lengths against the enclosing message, wire types of
/// message fields, nesting, and the number of messages. Lengths of rewritten messages are written in five bytes, so that
/// each can be filled in when its contents are known.
/// </remarks>
internal ref struct SkeletonScanner
{
    private const int LengthBytes = 5;

    private const uint FloatData = 4;
    private const uint DoubleData = 10;
    private const uint RawDataTag = RawHandle.RawData << 3 | 2;

    // Packed floats are the same bytes as raw_data; long lists of them are left where they are too.
    private const int LongList = 4096;

    private readonly ReadOnlySpan<byte> _source;
    private readonly ImportLimits _limits;
    private byte[] _skeleton;
    private int _written;
    private int _position;
    private long _messages;
    private bool _tensorHasData;

    private SkeletonScanner(ReadOnlySpan<byte> source, ImportLimits limits)
    {
        _source = source;
        _limits = limits;
        _skeleton = new byte[Math.Min(source.Length + 64, 1 << 16)];
    }

    /// <summary>How deep messages may nest: a subgraph is a graph in an attribute in a node, and what hangs on the innermost is shallow.</summary>
    public static int MaxMessageDepth(ImportLimits limits) => 3 * limits.Nesting + 24;

    /// <summary>The encoding of a <paramref name="root"/> message without the weights.</summary>
    public static ArraySegment<byte> Scan(ReadOnlySpan<byte> source, MessageKind root, ImportLimits limits)
    {
        var scanner = new SkeletonScanner(source, limits);
        scanner.Message(root, source.Length, 0, 0);
        return new ArraySegment<byte>(scanner._skeleton, 0, scanner._written);
    }

    private void Message(MessageKind kind, int end, int depth, int graphs)
    {
        if (++_messages > _limits.Messages)
            throw new LimitExceededException($"the file holds more than {_limits.Messages} messages");
        if (kind == MessageKind.GraphProto && ++graphs > _limits.Nesting + 1)
            throw new LimitExceededException($"subgraphs are nested more than {_limits.Nesting} deep at byte {_position}");
        if (depth > MaxMessageDepth(_limits))
            throw new LimitExceededException($"messages are nested more than {MaxMessageDepth(_limits)} deep at byte {_position}");
        while (_position < end)
            Field(kind, end, depth, graphs);
    }

    private void Field(MessageKind kind, int end, int depth, int graphs)
    {
        int start = _position;
        ulong tag = Varint(kind, end);
        if (tag > uint.MaxValue || tag >> 3 == 0)
            Throw($"field number {tag >> 3} in {kind}; numbers are 1 to 2^29-1", start);
        uint field = (uint)(tag >> 3);
        MessageKind child = MessageSchema.Child(kind, field);
        int wireType = (int)(tag & 7);
        if (child != MessageKind.None && wireType != 2)
            Throw($"field {field} of {kind} has wire type {wireType}; it is a length and that many bytes (wire type 2)", start);
        switch (wireType)
        {
            case 0:
                Varint(kind, end);
                break;
            case 1:
                Skip(8, kind, field, end, start);
                break;
            case 5:
                Skip(4, kind, field, end, start);
                break;
            case 2:
                ulong length = Varint(kind, end);
                if (length > (ulong)(end - _position))
                {
                    string cut = end == _source.Length ? "the file is cut short or is no ONNX file" : $"its message ends {end - _position} bytes on";
                    Throw($"field {field} of {kind} claims {length} bytes, but {cut}", start);
                }
                if (child == MessageKind.RawData || (kind == MessageKind.TensorProto && field is FloatData or DoubleData && length >= LongList))
                {
                    Data(field, (int)length, start);
                    return;
                }
                if (child != MessageKind.None)
                {
                    Child(child, (uint)tag, (int)length, depth, graphs);
                    return;
                }
                _position += (int)length;
                break;
            default:
                Throw($"field {field} of {kind} has wire type {wireType}, which ONNX does not use", start);
                break;
        }
        Write(_source[start.._position]);
    }

    private void Data(uint field, int length, int start)
    {
        // The parser would keep the last; none is more right than the other.
        if (_tensorHasData)
            Throw("a tensor has its data in more than one field; it must be in one", start);
        _tensorHasData = true;
        WriteVarint(RawDataTag);
        WriteVarint(RawHandle.Size);
        RawHandle.Write(Reserve(RawHandle.Size), _position, length, field);
        _position += length;
    }

    private void Child(MessageKind child, uint tag, int length, int depth, int graphs)
    {
        WriteVarint(tag);
        Reserve(LengthBytes);
        int begin = _written;
        bool outer = _tensorHasData;
        _tensorHasData = false;
        Message(child, _position + length, depth + 1, graphs);
        _tensorHasData = outer;
        PatchLength(_skeleton.AsSpan(begin - LengthBytes, LengthBytes), _written - begin);
    }

    private static void PatchLength(Span<byte> bytes, int length)
    {
        for (int i = 0; i < LengthBytes; i++)
            bytes[i] = (byte)(((length >> (7 * i)) & 0x7F) | (i < LengthBytes - 1 ? 0x80 : 0));
    }

    private ulong Varint(MessageKind kind, int end)
    {
        int start = _position;
        ulong value = 0;
        for (int shift = 0; shift < 70; shift += 7)
        {
            if (_position >= end)
                Throw($"a number in {kind} runs past the end of its message; the file is cut short or is no ONNX file", start);
            byte b = _source[_position++];
            if (shift == 63 && b > 1)
                break;
            value |= (ulong)(b & 0x7F) << shift;
            if (b < 0x80)
                return value;
        }
        Throw($"a number in {kind} takes more than 64 bits", start);
        return 0;
    }

    private void Skip(int bytes, MessageKind kind, uint field, int end, int start)
    {
        if (bytes > end - _position)
            Throw($"field {field} of {kind} takes {bytes} bytes, but its message ends {end - _position} bytes on", start);
        _position += bytes;
    }

    private void WriteVarint(uint value)
    {
        while (value >= 0x80)
        {
            Reserve(1)[0] = (byte)(value | 0x80);
            value >>= 7;
        }
        Reserve(1)[0] = (byte)value;
    }

    private void Write(ReadOnlySpan<byte> bytes) => bytes.CopyTo(Reserve(bytes.Length));

    private Span<byte> Reserve(int bytes)
    {
        if (bytes > _skeleton.Length - _written)
        {
            long wanted = Math.Max((long)_written + bytes, 2L * _skeleton.Length);
            if ((long)_written + bytes > Array.MaxLength)
                throw new LimitExceededException("the file, weights apart, does not fit in 2 GiB");
            Array.Resize(ref _skeleton, (int)Math.Min(wanted, Array.MaxLength));
        }
        _written += bytes;
        return _skeleton.AsSpan(_written - bytes, bytes);
    }

    [DoesNotReturn]
    private static void Throw(string message, long offset) => throw new OnnxFormatException(message, offset);
}

/// <summary>Where raw bytes are: what stands in a skeleton in their place.</summary>
/// <param name="Offset">The first byte, in the source.</param>
/// <param name="Length">How many bytes.</param>
/// <param name="Field">The number of the field of TensorProto that holds them.</param>
internal readonly record struct RawHandle(long Offset, long Length, uint Field)
{
    /// <summary>Bytes of a handle.</summary>
    public const int Size = 20;

    /// <summary>The number of raw_data.</summary>
    public const uint RawData = 9;

    public static void Write(Span<byte> destination, long offset, long length, uint field)
    {
        BinaryPrimitives.WriteInt64LittleEndian(destination, offset);
        BinaryPrimitives.WriteInt64LittleEndian(destination[8..], length);
        BinaryPrimitives.WriteUInt32LittleEndian(destination[16..], field);
    }

    public static RawHandle Read(ReadOnlySpan<byte> bytes) => new(
        BinaryPrimitives.ReadInt64LittleEndian(bytes), BinaryPrimitives.ReadInt64LittleEndian(bytes[8..]), BinaryPrimitives.ReadUInt32LittleEndian(bytes[16..]));
}
