namespace Ai3.Onnx.Fuzz;

/// <summary>A field of a protobuf message as far as the encoding tells: bytes that parse as fields are taken for a message.</summary>
/// <remarks>Mutations of the tree keep lengths right, so that they reach what lies behind the parser.</remarks>
internal sealed class WireTree
{
    private const int MaxDepth = 24;

    public uint Field { get; set; }

    public int WireType { get; init; }

    public ulong Number { get; set; }

    public byte[] Bytes { get; set; } = [];

    public List<WireTree>? Children { get; init; }

    /// <summary>The fields of a message, or null if the bytes are none.</summary>
    public static List<WireTree>? Parse(ReadOnlySpan<byte> bytes, int depth = 0)
    {
        var fields = new List<WireTree>();
        while (!bytes.IsEmpty)
        {
            if (!Varint(ref bytes, out ulong tag) || tag >> 3 is 0 or > 100)
                return null;
            int wireType = (int)(tag & 7);
            uint field = (uint)(tag >> 3);
            switch (wireType)
            {
                case 0 when Varint(ref bytes, out ulong number):
                    fields.Add(new WireTree { Field = field, WireType = 0, Number = number });
                    break;
                case 1 or 5 when bytes.Length >= (wireType == 1 ? 8 : 4):
                    int size = wireType == 1 ? 8 : 4;
                    fields.Add(new WireTree { Field = field, WireType = wireType, Bytes = bytes[..size].ToArray() });
                    bytes = bytes[size..];
                    break;
                case 2 when Varint(ref bytes, out ulong length) && length <= (ulong)bytes.Length:
                    byte[] content = bytes[..(int)length].ToArray();
                    fields.Add(new WireTree { Field = field, WireType = 2, Bytes = content, Children = content.Length > 0 && depth < MaxDepth ? Parse(content, depth + 1) : null });
                    bytes = bytes[(int)length..];
                    break;
                default:
                    return null;
            }
        }
        return fields;
    }

    public static void Write(IEnumerable<WireTree> fields, MemoryStream into)
    {
        foreach (WireTree field in fields)
        {
            WriteVarint(field.Field << 3 | (uint)field.WireType, into);
            if (field.WireType == 0)
            {
                WriteVarint(field.Number, into);
                continue;
            }
            byte[] bytes = field.Bytes;
            if (field.Children is not null)
            {
                using var inner = new MemoryStream();
                Write(field.Children, inner);
                bytes = inner.ToArray();
            }
            if (field.WireType == 2)
                WriteVarint((ulong)bytes.Length, into);
            into.Write(bytes);
        }
    }

    private static bool Varint(ref ReadOnlySpan<byte> bytes, out ulong value)
    {
        value = 0;
        for (int i = 0; i < Math.Min(bytes.Length, 10); i++)
        {
            value |= (ulong)(bytes[i] & 0x7F) << (7 * i);
            if (bytes[i] < 0x80)
            {
                bytes = bytes[(i + 1)..];
                return true;
            }
        }
        return false;
    }

    private static void WriteVarint(ulong value, MemoryStream into)
    {
        for (; value >= 0x80; value >>= 7)
            into.WriteByte((byte)(value | 0x80));
        into.WriteByte((byte)value);
    }
}
