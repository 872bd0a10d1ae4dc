using Ai3.Ops;
using Ai3.Tensors;
using Ai3.Testing;

namespace Ai3.Differential.Tests;

/// <summary>What the elements of an input are drawn from.</summary>
internal enum Content
{
    /// <summary>Floats in (-2, 2), small integers.</summary>
    Small,
    /// <summary>Whole numbers from -4 to 4: sums are exact, values tie.</summary>
    Whole,
    /// <summary>The whole range of integers; floats over many binades.</summary>
    Wide,
    /// <summary>Small ones among NaN, infinities, zeros of both signs and denormals.</summary>
    Specials,
    /// <summary>Floats in (0.1, 2).</summary>
    Positive,
    /// <summary>Floats in (-1, 1).</summary>
    Unit,
}

/// <summary>Makes and reads elements of any type.</summary>
internal static unsafe class Elements
{
    private static readonly string[] s_words = ["", "a", "b", "ab", "B", "é", "zebra", "日本"];

    /// <summary>A tensor of random elements.</summary>
    public static Tensor Random(DType type, long[] shape, Content content, ulong seed)
    {
        var random = new TestRandom(seed);
        Tensor tensor = Tensor.Allocate(type, Shape.Create(shape), clear: true);
        if (type == DType.String)
        {
            foreach (ref string word in tensor.AsStrings())
                word = random.Pick(s_words);
            return tensor;
        }
        if (type is DType.Complex64 or DType.Complex128)
        {
            DType part = type == DType.Complex64 ? DType.Float32 : DType.Float64;
            for (long i = 0; i < 2 * tensor.Count; i++)
                ElementAccess.Write((void*)tensor.Address, part, i, random.Signed());
            return tensor;
        }
        if (!ElementAccess.CanReadAsDouble(type))
        {
            foreach (ref byte b in tensor.AsBytes())
                b = (byte)random.Below(256);
            return tensor;
        }
        for (long i = 0; i < tensor.Count; i++)
            Put(tensor, i, content, random);
        return tensor;
    }

    /// <summary>A tensor of given elements.</summary>
    public static Tensor Of(DType type, long[] shape, params ReadOnlySpan<double> values)
    {
        Tensor tensor = Tensor.Allocate(type, Shape.Create(shape), clear: true);
        for (int i = 0; i < values.Length; i++)
            ElementAccess.Write((void*)tensor.Address, type, i, values[i]);
        return tensor;
    }

    /// <summary>A list of 64-bit integers.</summary>
    public static Tensor List(params long[] values) => Tensor.Copy<long>(values, [values.Length]);

    /// <summary>An element as a double.</summary>
    public static double At(Tensor tensor, long index) => ElementAccess.Read((void*)tensor.Address, tensor.Type, index);

    /// <summary>The elements' magnitudes.</summary>
    public static Tensor Abs(Tensor tensor)
    {
        Tensor result = tensor.Clone();
        if (tensor.Type.IsFloat())
            for (long i = 0; i < result.Count; i++)
                ElementAccess.Write((void*)result.Address, result.Type, i, Math.Abs(At(result, i)));
        return result;
    }

    /// <summary>The half distance from 1 to the next number of a float type.</summary>
    public static double RoundOff(DType type) => type switch
    {
        DType.Float64 => Math.ScaleB(1, -53),
        DType.Float32 => Math.ScaleB(1, -24),
        DType.Float16 => Math.ScaleB(1, -11),
        DType.BFloat16 => Math.ScaleB(1, -8),
        _ => 0,
    };

    /// <summary>The smallest normal number of a float type: what an implementation that takes denormals for zeros may be off by.</summary>
    public static double SmallestNormal(DType type) => type switch
    {
        DType.Float64 => Math.ScaleB(1, -1022),
        DType.Float16 => Math.ScaleB(1, -14),
        _ => Math.ScaleB(1, -126),
    };

    private static void Put(Tensor tensor, long i, Content content, TestRandom random)
    {
        void* p = (void*)tensor.Address;
        DType type = tensor.Type;
        if (type.IsFloat())
            ElementAccess.Write(p, type, i, Float(content, type, random));
        else if (type == DType.Bool)
            ElementAccess.Write(p, type, i, random.Below(2));
        else if (content == Content.Wide)
            PutBits((byte*)p + i * type.ByteSize(), type, random);
        else
            ElementAccess.Write(p, type, i, IsUnsigned(type) ? random.Between(0, 12) : random.Between(-9, 9));
    }

    private static void PutBits(byte* p, DType type, TestRandom random)
    {
        int bits = type.BitsPerElement();
        ulong value = random.Below(6) switch
        {
            0 => 0,
            1 => ulong.MaxValue,
            2 => 1UL << (bits - 1),
            3 => (1UL << (bits - 1)) - 1,
            _ => random.NextUInt64(),
        };
        for (int b = 0; b < bits / 8; b++)
            p[b] = (byte)(value >> (8 * b));
    }

    private static double Float(Content content, DType type, TestRandom random)
    {
        switch (content)
        {
            case Content.Whole:
                return random.Between(-4, 4);
            case Content.Unit:
                return random.Signed();
            case Content.Positive:
                return 0.1 + 1.9 * random.Unit();
            case Content.Wide:
                return random.Signed() * Math.ScaleB(1, random.Between(-12, 12));
            case Content.Specials when random.Chance(0.3):
                double denormal = type == DType.BFloat16 ? Math.ScaleB(1, -133) : type == DType.Float16 ? Math.ScaleB(1, -24) : float.Epsilon;
                return random.Pick(double.NaN, double.PositiveInfinity, double.NegativeInfinity, -0.0, 0.0, 100 * denormal, -denormal);
            default:
                return 2 * random.Signed();
        }
    }

    private static bool IsUnsigned(DType type) => type is DType.UInt8 or DType.UInt16 or DType.UInt32 or DType.UInt64;
}
