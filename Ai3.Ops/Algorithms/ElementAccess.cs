using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>Reads and writes elements of any real type as doubles. For references and tools, not for kernels.</summary>
public static unsafe class ElementAccess
{
    /// <summary>True if every value of the type, or the nearest double, can be read.</summary>
    public static bool CanReadAsDouble(DType type) => type.IsFloat() || type.IsInteger() || type == DType.Bool;

    /// <summary>All elements as doubles; the 64-bit integers are rounded.</summary>
    public static double[] ReadAsDouble(nint address, TensorType operand)
    {
        var result = new double[operand.Shape.Count];
        for (long i = 0; i < result.Length; i++)
            result[i] = Read((void*)address, operand.Type, i);
        return result;
    }

    /// <summary>Writes doubles, rounded to nearest even (integers: truncated, saturating).</summary>
    public static void WriteFromDouble(nint address, TensorType operand, double[] values)
    {
        for (long i = 0; i < values.Length; i++)
            Write((void*)address, operand.Type, i, values[i]);
    }

    /// <summary>One element as a double.</summary>
    public static double Read(void* p, DType type, long i) => type switch
    {
        DType.Float32 => ((float*)p)[i],
        DType.Float64 => ((double*)p)[i],
        DType.Float16 => (double)((Half*)p)[i],
        DType.BFloat16 => (float)((BFloat16*)p)[i],
        DType.Int8 => ((sbyte*)p)[i],
        DType.Int16 => ((short*)p)[i],
        DType.Int32 => ((int*)p)[i],
        DType.Int64 => ((long*)p)[i],
        DType.UInt8 or DType.Bool => ((byte*)p)[i],
        DType.UInt16 => ((ushort*)p)[i],
        DType.UInt32 => ((uint*)p)[i],
        DType.UInt64 => ((ulong*)p)[i],
        _ => throw new ArgumentException($"{type.ShortName()} cannot be read as a double"),
    };

    /// <summary>Stores one element.</summary>
    public static void Write(void* p, DType type, long i, double value)
    {
        switch (type)
        {
            case DType.Float32: ((float*)p)[i] = (float)value; break;
            case DType.Float64: ((double*)p)[i] = value; break;
            case DType.Float16: ((Half*)p)[i] = (Half)value; break;
            case DType.BFloat16: ((BFloat16*)p)[i] = (BFloat16)(float)value; break;
            case DType.Int8: ((sbyte*)p)[i] = (sbyte)Math.Clamp(value, sbyte.MinValue, sbyte.MaxValue); break;
            case DType.Int16: ((short*)p)[i] = (short)Math.Clamp(value, short.MinValue, short.MaxValue); break;
            case DType.Int32: ((int*)p)[i] = (int)value; break;
            case DType.Int64: ((long*)p)[i] = (long)value; break;
            case DType.UInt8: ((byte*)p)[i] = (byte)Math.Clamp(value, 0, 255); break;
            case DType.Bool: ((byte*)p)[i] = value != 0 ? (byte)1 : (byte)0; break;
            case DType.UInt16: ((ushort*)p)[i] = (ushort)Math.Clamp(value, 0, 65535); break;
            case DType.UInt32: ((uint*)p)[i] = (uint)value; break;
            case DType.UInt64: ((ulong*)p)[i] = (ulong)value; break;
            default: throw new ArgumentException($"{type.ShortName()} cannot be written from a double");
        }
    }
}
