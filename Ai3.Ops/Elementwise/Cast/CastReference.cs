using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>The definition of a cast, one element at a time; float8 by looking for the nearest of all codes.</summary>
internal static unsafe class CastReference
{
    public static Applicability Supports(CastProblem p, Target target) => CastKernel.Supports(p, target);

    public static PreparedKernel Bind(Request<CastProblem> request, PackedConstants? packed) => new Kernel(request.Problem);

    private sealed class Kernel(CastProblem problem) : PreparedKernel
    {
        public override void Run(in KernelArgs args)
        {
            var x = (byte*)args.Inputs[0];
            var y = (byte*)args.Outputs[0];
            long count = problem.Output.Shape.Count;
            for (long i = 0; i < problem.Output.Type.ByteCount(count); i++)
                y[i] = 0;
            for (long i = 0; i < count; i++)
                if (problem.Input.Type == problem.Output.Type)
                    PackedBits.CopyElement(x, i, y, i, problem.Input.Type);
                else if (IsWhole(problem.Input.Type))
                    WriteWhole(y, i, ReadWhole(x, problem.Input.Type, i), problem.Input.Type == DType.UInt64);
                else
                    WriteReal(y, i, ReadReal(x, problem.Input.Type, i));
        }

        private void WriteWhole(byte* y, long i, long value, bool unsigned)
        {
            DType to = problem.Output.Type;
            switch (to)
            {
                case DType.Bool: y[i] = value != 0 ? (byte)1 : (byte)0; break;
                case DType.Float32: ((float*)y)[i] = unsigned ? (ulong)value : value; break;
                case DType.Float64: ((double*)y)[i] = unsigned ? (ulong)value : value; break;
                case DType.Float16: ((Half*)y)[i] = unsigned ? (Half)(ulong)value : (Half)value; break;
                case DType.BFloat16: ((BFloat16*)y)[i] = (BFloat16)(unsigned ? (float)(ulong)value : value); break;
                default:
                    if (IsWhole(to))
                        WriteBits(y, to, i, (ulong)value);
                    else
                        WriteReal(y, i, unsigned ? (float)(ulong)value : (float)value);
                    break;
            }
        }

        private void WriteReal(byte* y, long i, double value)
        {
            DType to = problem.Output.Type;
            if (to == DType.Bool)
                y[i] = value != 0 ? (byte)1 : (byte)0;
            else if (ElementAccess.CanReadAsDouble(to))
                WriteNumber(y, to, i, value);
            else if (Float8Format.Of(to) is { } format)
                WriteBits(y, to, i, (ulong)Nearest(format, (float)value));
            else if (to == DType.Float8E8M0)
                y[i] = NearestScale((float)value);
            else
                WriteBits(y, to, i, (ulong)(long)value);
        }

        private static void WriteNumber(byte* y, DType to, long i, double value)
        {
            if (to.IsInteger() && double.IsNaN(value))
                value = 0;
            ElementAccess.Write(y, to, i, value);
        }

        private int Nearest(Float8Format format, float value)
        {
            float[] values = format.Values;
            int signBit = values.Length / 2;
            int sign = float.IsNegative(value) ? signBit : 0;
            bool signed = format.HasNegativeZero;
            if (float.IsNaN(value))
                return signed && signBit == 128 ? sign | format.NaNCode : format.NaNCode;
            double magnitude = Math.Abs((double)value);
            double step = (double)values[format.LargestCode] - values[format.LargestCode - 1];
            double limit = values[format.LargestCode] + step / 2;
            bool lastIsOdd = (format.LargestCode & 1) != 0;
            if (magnitude > limit || magnitude == limit && lastIsOdd)
            {
                int code = problem.Saturate || problem.Output.Type == DType.Float4E2M1 ? format.LargestCode : format.InfinityCode;
                return code == 0x80 ? code : sign | code;
            }
            int best = 0;
            for (int code = 1; code <= format.LargestCode; code++)
            {
                double old = Math.Abs(values[best] - magnitude), now = Math.Abs(values[code] - magnitude);
                if (now < old || now == old && (code & 1) == 0)
                    best = code;
            }
            return best == 0 && !signed ? 0 : sign | best;
        }

        private byte NearestScale(float value)
        {
            if (float.IsNaN(value))
                return 0xFF;
            double magnitude = Math.Abs((double)value);
            int below = 0;
            while (below < 0xFE && Math.Pow(2, below + 1 - 127) <= magnitude)
                below++;
            double low = Math.Pow(2, below - 127);
            bool up = magnitude > low && problem.Rounding switch { ScaleRounding.Up => true, ScaleRounding.Nearest => magnitude >= 1.5 * low, _ => false };
            int code = double.IsInfinity(magnitude) ? 0xFF : below + (up ? 1 : 0);
            return (byte)(code == 0xFF && problem.Saturate ? 0xFE : code);
        }
    }

    private static bool IsWhole(DType type) => type.IsInteger() || type is DType.Bool or DType.UInt4 or DType.Int4 or DType.UInt2 or DType.Int2;

    private static long ReadWhole(byte* x, DType type, long i)
    {
        int bits = type.BitsPerElement();
        if (type == DType.Bool)
            return x[i] != 0 ? 1 : 0;
        ulong value = 0;
        for (int b = 0; b < bits; b++)
        {
            long bit = i * bits + b;
            value |= (ulong)(x[bit / 8] >> (int)(bit % 8) & 1) << b;
        }
        bool signed = TypeSet.Signed.Has(type) || type is DType.Int4 or DType.Int2;
        return signed && bits < 64 && value >> (bits - 1) != 0 ? (long)value - (1L << bits) : (long)value;
    }

    private static double ReadReal(byte* x, DType type, long i)
    {
        if (ElementAccess.CanReadAsDouble(type))
            return ElementAccess.Read(x, type, i);
        if (type == DType.Float8E8M0)
            return x[i] == 0xFF ? double.NaN : Math.Pow(2, x[i] - 127);
        int code = type.BitsPerElement() == 8 ? x[i] : x[i / 2] >> (int)(i % 2) * 4 & 15;
        return Float8Format.Of(type)!.Values[code];
    }

    private static void WriteBits(byte* y, DType type, long i, ulong value)
    {
        int bits = type.BitsPerElement();
        for (int b = 0; b < bits; b++)
        {
            long bit = i * bits + b;
            int mask = 1 << (int)(bit % 8);
            y[bit / 8] = (byte)((value >> b & 1) != 0 ? y[bit / 8] | mask : y[bit / 8] & ~mask);
        }
    }
}
