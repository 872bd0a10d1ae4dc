using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.InteropServices;
using Ai3.Onnx.Protos;
using Ai3.Runtime;
using Ai3.Tensors;
using Google.Protobuf.Collections;

namespace Ai3.Onnx;

/// <summary>TensorProto to tensor: exactly as many elements as the dimensions say, from exactly one place.</summary>
internal sealed class TensorDecoder(ImportContext context)
{
    // What is looked at in one span; a span ends at 2 GiB.
    private const int Window = 1 << 30;

    /// <summary>The tensor; its bytes are where they were, unless the typed fields hold them.</summary>
    /// <param name="proto">The message.</param>
    /// <param name="what">What the tensor is, for error messages.</param>
    public Tensor Decode(TensorProto proto, string what)
    {
        DType type = TypeOf(proto.DataType, what);
        Shape shape = ShapeOf(proto.Dims, type, context.Limits, what);
        if (proto.Segment is not null)
            throw new OnnxFormatException($"{what} is a segment of a tensor; tensors must be whole");
        if (proto.DataLocation == TensorProto.Types.DataLocation.External)
            return External(proto, type, shape, what);
        if (proto.HasDataLocation && proto.DataLocation != TensorProto.Types.DataLocation.Default)
            throw new OnnxFormatException($"{what} has data_location {(int)proto.DataLocation}; known are 0 (in the file) and 1 (external)");
        RawHandle raw = RawOf(proto, what);
        int typed = TypedFields(proto);
        if (typed > 1 || (typed == 1 && raw.Length > 0))
            throw new OnnxFormatException($"{what} has its data in more than one field; it must be in one");
        if (typed == 0 && (type != DType.String || raw.Length > 0))
            return Raw(proto, raw, type, shape, what);
        return Typed(proto, type, shape, what);
    }

    /// <summary>A known element type.</summary>
    public static DType TypeOf(int dataType, string what) => ((DType)dataType).IsDefined() ? (DType)dataType
        : throw new OnnxFormatException($"{what} has data_type {dataType}; known are 1 (FLOAT) to {(int)DType.Int2} (INT2)");

    /// <summary>Dimensions within limits, whose bytes can be counted.</summary>
    public static Shape ShapeOf(RepeatedField<long> dims, DType type, ImportLimits limits, string what)
    {
        if (dims.Count > limits.Rank)
            throw new LimitExceededException($"{what} has {dims.Count} dimensions, the limit is {limits.Rank}");
        try
        {
            Shape shape = Shape.Create([.. dims]);
            long bytes = type == DType.String ? shape.Count : type.ByteCount(shape.Count);
            if (bytes > limits.TensorBytes)
                throw new LimitExceededException($"{what} takes {bytes} bytes, the limit is {limits.TensorBytes}");
            return shape;
        }
        catch (ShapeException e)
        {
            throw new OnnxFormatException($"{what}: {e.Message}", null, e);
        }
        catch (OverflowException e)
        {
            throw new OnnxFormatException($"{what}: the bytes of {type.ShortName()}[{string.Join(",", dims)}] do not fit in 63 bits", null, e);
        }
    }

    private Tensor External(TensorProto proto, DType type, Shape shape, string what)
    {
        if (type == DType.String)
            throw new OnnxFormatException($"{what} is of strings, which cannot be external data");
        if (TypedFields(proto) > 0 || proto.HasRawData && RawOf(proto, what).Length > 0)
            throw new OnnxFormatException($"{what} has external data and data in the file; it must be in one place");
        Tensor tensor = context.External.Load(ExternalLocation.Read(proto.ExternalData, what), type, shape, what);
        CheckBools(tensor, what, null);
        return tensor;
    }

    // The scanner made the handle, but a check costs nothing and keeps this file right on its own.
    private RawHandle RawOf(TensorProto proto, string what)
    {
        if (!proto.HasRawData)
            return default;
        if (proto.RawData.Length != RawHandle.Size)
            throw new OnnxFormatException($"{what}: raw_data is not where it can be read");
        RawHandle raw = RawHandle.Read(proto.RawData.Span);
        if (raw.Offset < 0 || raw.Length < 0 || raw.Offset > context.Source.ByteLength || raw.Length > context.Source.ByteLength - raw.Offset)
            throw new OnnxFormatException($"{what}: raw_data is outside of the file");
        return raw;
    }

    private Tensor Raw(TensorProto proto, RawHandle raw, DType type, Shape shape, string what)
    {
        if (type == DType.String)
            throw new OnnxFormatException($"{what} is of strings, but has its data in raw bytes; strings are in string_data", raw.Offset);
        long bytes = type.ByteCount(shape.Count);
        if (!proto.HasRawData && bytes > 0)
            throw new OnnxFormatException($"{what} has no data; {type.ShortName()}{shape} takes {bytes} bytes");
        string field = FieldName(raw, type, what);
        if (raw.Length != bytes)
            throw new OnnxFormatException($"{what} has {raw.Length} bytes of {field}, {type.ShortName()}{shape} takes {bytes}", raw.Offset);
        Tensor tensor = Tensor.Over(context.Source, raw.Offset, type, shape);
        CheckBools(tensor, what, raw.Offset);
        return tensor;
    }

    // A long list of floats is read in place, if they are what the tensor is made of.
    private static string FieldName(RawHandle raw, DType type, string what) => (raw.Field, type) switch
    {
        (0 or RawHandle.RawData, _) => "raw_data",
        (4, DType.Float32 or DType.Complex64) => "float_data",
        (10, DType.Float64 or DType.Complex128) => "double_data",
        _ => throw new OnnxFormatException($"{what} is of {type.ShortName()}, but has its data in {(raw.Field == 4 ? "float_data" : "double_data")}", raw.Offset),
    };

    private static void CheckBools(Tensor tensor, string what, long? offset)
    {
        if (tensor.Type != DType.Bool)
            return;
        for (long start = 0; start < tensor.ByteLength; start += Window)
        {
            int length = (int)Math.Min(tensor.ByteLength - start, Window);
            Span<byte> bytes = Tensor.Borrow(DType.UInt8, [length], tensor.Address + (nint)start, length, owner: tensor).AsBytes();
            int wrong = bytes.IndexOfAnyExceptInRange((byte)0, (byte)1);
            if (wrong >= 0)
                throw new OnnxFormatException($"{what} is of bool, but element {start + wrong} is {bytes[wrong]}; bools are 0 or 1", offset + start + wrong);
        }
        GC.KeepAlive(tensor);
    }

    private static int TypedFields(TensorProto p) => Math.Sign(p.FloatData.Count) + Math.Sign(p.Int32Data.Count) + Math.Sign(p.StringData.Count)
        + Math.Sign(p.Int64Data.Count) + Math.Sign(p.DoubleData.Count) + Math.Sign(p.Uint64Data.Count);

    private Tensor Typed(TensorProto proto, DType type, Shape shape, string what)
    {
        switch (type)
        {
            case DType.Float32 or DType.Complex64:
                return Bytes<float>(proto.FloatData, "float_data", type == DType.Float32 ? 1 : 2, type, shape, what);
            case DType.Float64 or DType.Complex128:
                return Bytes<double>(proto.DoubleData, "double_data", type == DType.Float64 ? 1 : 2, type, shape, what);
            case DType.Int64:
                return Bytes<long>(proto.Int64Data, "int64_data", 1, type, shape, what);
            case DType.UInt64:
                return Bytes<ulong>(proto.Uint64Data, "uint64_data", 1, type, shape, what);
            case DType.UInt32:
                return UInt32s(proto, shape, what);
            case DType.Int32:
                return Bytes<int>(proto.Int32Data, "int32_data", 1, type, shape, what);
            case DType.String:
                CheckCount(proto.StringData.Count, "string_data", shape.Count, type, shape, what);
                return Tensor.From([.. proto.StringData.Select(Text.Decode)], shape);
            default:
                return Narrow(proto, type, shape, what);
        }
    }

    private Tensor Bytes<T>(RepeatedField<T> data, string field, int perElement, DType type, Shape shape, string what) where T : unmanaged
    {
        CheckCount(data.Count, field, ShapeMath.Multiply(shape.Count, perElement), type, shape, what);
        Tensor tensor = context.Allocate(type, shape);
        Span<T> destination = type switch
        {
            DType.Complex64 => MemoryMarshal.Cast<Complex64, T>(tensor.AsSpan<Complex64>()),
            DType.Complex128 => MemoryMarshal.Cast<Complex, T>(tensor.AsSpan<Complex>()),
            _ => tensor.AsSpan<T>(),
        };
        for (int i = 0; i < destination.Length; i++)
            destination[i] = data[i];
        return tensor;
    }

    private Tensor UInt32s(TensorProto proto, Shape shape, string what)
    {
        CheckCount(proto.Uint64Data.Count, "uint64_data", shape.Count, DType.UInt32, shape, what);
        Tensor tensor = context.Allocate(DType.UInt32, shape);
        Span<uint> destination = tensor.AsSpan<uint>();
        for (int i = 0; i < destination.Length; i++)
        {
            ulong value = proto.Uint64Data[i];
            destination[i] = value <= uint.MaxValue ? (uint)value : throw OutOfRange(value, i, "uint64_data", DType.UInt32, what);
        }
        return tensor;
    }

    // Types of 16 bits and less: an element in each int32, floating types by their bits; packed types a byte in each.
    private Tensor Narrow(TensorProto proto, DType type, Shape shape, string what)
    {
        long bytes = type.ByteCount(shape.Count);
        int width = Math.Max(type.ByteSize(), 1);
        CheckCount(proto.Int32Data.Count, "int32_data", bytes / width, type, shape, what);
        (int least, int most) = type switch
        {
            DType.Int8 => (sbyte.MinValue, sbyte.MaxValue),
            DType.Int16 => (short.MinValue, short.MaxValue),
            DType.Bool => (0, 1),
            _ => (0, width == 1 ? byte.MaxValue : ushort.MaxValue),
        };
        if (bytes > int.MaxValue)
            throw new LimitExceededException($"{what} takes {bytes} bytes; in int32_data the limit is {int.MaxValue}");
        Tensor tensor = context.Allocate(type, shape);
        Span<byte> destination = tensor.AsBytes();
        for (int i = 0; i < proto.Int32Data.Count; i++)
        {
            int value = proto.Int32Data[i];
            if (value < least || value > most)
                throw OutOfRange(value, i, "int32_data", type, what);
            if (width == 1)
                destination[i] = (byte)value;
            else
                BinaryPrimitives.WriteUInt16LittleEndian(destination[(2 * i)..], (ushort)value);
        }
        return tensor;
    }

    private static OnnxFormatException OutOfRange(object value, int index, string field, DType type, string what) =>
        new($"{what} has {value} in {field}[{index}], which is no value of {type.ShortName()}");

    private static void CheckCount(long count, string field, long wanted, DType type, Shape shape, string what)
    {
        if (count != wanted)
            throw new OnnxFormatException($"{what} has {count} values in {field}, {type.ShortName()}{shape} takes {wanted} there");
    }
}
