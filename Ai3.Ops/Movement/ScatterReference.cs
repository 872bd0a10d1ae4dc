using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>What the scatter references share: a copy of the data, and one exact reduction of two stored elements.</summary>
internal static unsafe class ScatterReference
{
    public static void CopyData(in KernelArgs args, TensorType data)
    {
        if (args.Inputs[0] == args.Outputs[0])
            return;
        for (long i = 0; i < data.ByteLength; i++)
            ((byte*)args.Outputs[0])[i] = ((byte*)args.Inputs[0])[i];
    }

    /// <summary>Element <paramref name="to"/> of the output becomes its reduction with element <paramref name="from"/> of the updates.</summary>
    public static void Apply(byte* updates, long from, byte* output, long to, DType type, ScatterReduction reduction)
    {
        if (reduction == ScatterReduction.None)
            PackedBits.CopyElement(updates, from, output, to, type);
        else if (type.IsFloat())
            ElementAccess.Write(output, type, to, Reduce(ElementAccess.Read(output, type, to), ElementAccess.Read(updates, type, from), reduction));
        else
            ReduceIntegers(updates, from, output, to, type, reduction);
    }

    // A sum or product of two elements in double rounds as it does in the narrower type: a double has twice the digits and two more.
    private static double Reduce(double old, double update, ScatterReduction reduction) => reduction switch
    {
        ScatterReduction.Add => old + update,
        ScatterReduction.Mul => old * update,
        ScatterReduction.Max => Math.Max(old, update),
        _ => Math.Min(old, update),
    };

    private static void ReduceIntegers(byte* updates, long from, byte* output, long to, DType type, ScatterReduction reduction)
    {
        Int128 old = ReadInteger(output, type, to), update = ReadInteger(updates, type, from);
        Int128 result = reduction switch
        {
            ScatterReduction.Add => old + update,
            ScatterReduction.Mul => unchecked(old * update),
            ScatterReduction.Max => old > update ? old : update,
            _ => old < update ? old : update,
        };
        int size = type.ByteSize();
        for (int b = 0; b < size; b++)
            output[to * size + b] = (byte)((UInt128)result >> 8 * b & 0xFF);
    }

    private static Int128 ReadInteger(byte* p, DType type, long i) => type switch
    {
        DType.Int64 => ((long*)p)[i],
        DType.UInt64 => ((ulong*)p)[i],
        _ => (long)ElementAccess.Read(p, type, i),
    };
}
