using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;

namespace Ai3.Ops;

/// <summary>One element at a time; also the tail of vector loops, with the same roundings.</summary>
internal readonly unsafe partial struct SimdScalar : ISimd<float>
{
    public static bool IsSupported => true;

    public static int Lanes
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => 1;
    }

    public static int Registers
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => 16;
    }

    public static float Zero
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => 0;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Create(float value) => value;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float CreateInt(int bits) => BitConverter.Int32BitsToSingle(bits);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Load(float* p) => *p;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(float v, float* p) => *p = v;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float LoadPartial(float* p, int n) => *p;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StorePartial(float v, float* p, int n) => *p = v;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Splat(float* p) => *p;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Add(float a, float b) => a + b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Sub(float a, float b) => a - b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Mul(float a, float b) => a * b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Div(float a, float b) => a / b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float MulAdd(float a, float b, float c) => Fuses ? MathF.FusedMultiplyAdd(a, b, c) : a * b + c;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float MulSub(float a, float b, float c) => Fuses ? MathF.FusedMultiplyAdd(a, b, -c) : a * b - c;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float NegMulAdd(float a, float b, float c) => Fuses ? MathF.FusedMultiplyAdd(-a, b, c) : c - a * b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Min(float a, float b) => a < b ? a : b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Max(float a, float b) => a > b ? a : b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Sqrt(float a) => MathF.Sqrt(a);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Abs(float a) => MathF.Abs(a);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Negate(float a) => -a;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Floor(float a) => MathF.Floor(a);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Ceiling(float a) => MathF.Ceiling(a);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Truncate(float a) => MathF.Truncate(a);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float RoundToEven(float a) => MathF.Round(a);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float And(float a, float b) => BitConverter.Int32BitsToSingle(BitConverter.SingleToInt32Bits(a) & BitConverter.SingleToInt32Bits(b));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float AndNot(float mask, float a) => BitConverter.Int32BitsToSingle(~BitConverter.SingleToInt32Bits(mask) & BitConverter.SingleToInt32Bits(a));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Or(float a, float b) => BitConverter.Int32BitsToSingle(BitConverter.SingleToInt32Bits(a) | BitConverter.SingleToInt32Bits(b));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Xor(float a, float b) => BitConverter.Int32BitsToSingle(BitConverter.SingleToInt32Bits(a) ^ BitConverter.SingleToInt32Bits(b));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float LessThan(float a, float b) => Mask(a < b);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float LessOrEqual(float a, float b) => Mask(a <= b);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Equal(float a, float b) => Mask(a == b);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float IsNaN(float a) => Mask(float.IsNaN(a));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Select(float mask, float a, float b) => BitConverter.SingleToInt32Bits(mask) < 0 ? a : b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float ToInt(float a) => BitConverter.Int32BitsToSingle((int)MathF.Round(a));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float FromInt(float a) => BitConverter.SingleToInt32Bits(a);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Scale(float a, float n)
    {
        // 2^n in two factors, each a normal number: the first product is exact.
        float whole = ToInt(n);
        float half = ShiftRightSignedInt(whole, 1);
        float bias = CreateInt(127);
        a = Mul(a, ShiftLeftInt(AddInt(half, bias), 23));
        return Mul(a, ShiftLeftInt(AddInt(SubInt(whole, half), bias), 23));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float AddInt(float a, float b) => BitConverter.Int32BitsToSingle(BitConverter.SingleToInt32Bits(a) + BitConverter.SingleToInt32Bits(b));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float SubInt(float a, float b) => BitConverter.Int32BitsToSingle(BitConverter.SingleToInt32Bits(a) - BitConverter.SingleToInt32Bits(b));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float ShiftLeftInt(float a, [ConstantExpected] byte count) => BitConverter.Int32BitsToSingle(BitConverter.SingleToInt32Bits(a) << count);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float ShiftRightInt(float a, [ConstantExpected] byte count) => BitConverter.Int32BitsToSingle(BitConverter.SingleToInt32Bits(a) >>> count);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float ShiftRightSignedInt(float a, [ConstantExpected] byte count) => BitConverter.Int32BitsToSingle(BitConverter.SingleToInt32Bits(a) >> count);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Sum(float a) => a;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float MaxAcross(float a) => a;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float MinAcross(float a) => a;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static float Mask(bool condition) => BitConverter.Int32BitsToSingle(condition ? -1 : 0);

    private static bool Fuses
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => Fma.IsSupported || AdvSimd.IsSupported;
    }
}
