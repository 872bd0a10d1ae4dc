using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>A function of two vectors of any number type.</summary>
internal interface IVectorBinary
{
    static abstract T Apply<T>(T a, T b) where T : unmanaged, INumber<T>;

    static abstract Vector<T> Apply<T>(Vector<T> a, Vector<T> b) where T : unmanaged, INumber<T>;
}

/// <summary>Loops over a row with the portable vectors of the runtime, for integers and float64: the same bits as one element at a time.</summary>
internal static unsafe class VectorRows
{
    public static RowFunction Binary<F>(DType type) where F : struct, IVectorBinary => type switch
    {
        DType.Float64 => Of<F, double>(type),
        DType.Int8 => Of<F, sbyte>(type),
        DType.Int16 => Of<F, short>(type),
        DType.Int32 => Of<F, int>(type),
        DType.Int64 => Of<F, long>(type),
        DType.UInt8 => Of<F, byte>(type),
        DType.UInt16 => Of<F, ushort>(type),
        DType.UInt32 => Of<F, uint>(type),
        DType.UInt64 => Of<F, ulong>(type),
        _ => default,
    };

    /// <summary>Selection by a bool, for elements of 1 to 8 bytes.</summary>
    public static RowFunction Where(DType type) => type.ByteSize() switch
    {
        1 => new(&WhereLoop<byte, Bytes>, type, DType.Bool, type, type),
        2 => new(&WhereLoop<ushort, Shorts>, type, DType.Bool, type, type),
        4 => new(&WhereLoop<uint, Ints>, type, DType.Bool, type, type),
        8 => new(&WhereLoop<ulong, Longs>, type, DType.Bool, type, type),
        _ => default,
    };

    private static RowFunction Of<F, T>(DType type) where F : struct, IVectorBinary where T : unmanaged, INumber<T> => new(&Loop<F, T>, type, type, type);

    private static void Loop<F, T>(RowArgs* r) where F : struct, IVectorBinary where T : unmanaged, INumber<T>
    {
        T* a = (T*)r->A, b = (T*)r->B, y = (T*)r->Y;
        nint n = r->Count, lanes = Vector<T>.Count, i = 0;
        if (r->StepA != 0 && r->StepB != 0)
        {
            for (; i + 2 * lanes <= n; i += 2 * lanes)
            {
                Vector<T> first = F.Apply(Vector.Load(a + i), Vector.Load(b + i)), second = F.Apply(Vector.Load(a + i + lanes), Vector.Load(b + i + lanes));
                first.Store(y + i);
                second.Store(y + i + lanes);
            }
            for (; i < n; i++)
                y[i] = F.Apply(a[i], b[i]);
        }
        else if (r->StepA != 0)
        {
            T one = *b;
            Vector<T> all = new(one);
            for (; i + lanes <= n; i += lanes)
                F.Apply(Vector.Load(a + i), all).Store(y + i);
            for (; i < n; i++)
                y[i] = F.Apply(a[i], one);
        }
        else
        {
            T one = *a;
            Vector<T> all = new(one);
            for (; r->StepB != 0 && i + lanes <= n; i += lanes)
                F.Apply(all, Vector.Load(b + i)).Store(y + i);
            for (; i < n; i++)
                y[i] = F.Apply(one, b[i * r->StepB]);
        }
    }

    /// <summary>Makes of some condition bytes as many elements that are all ones where the byte is 0.</summary>
    private interface IMask<T> where T : unmanaged
    {
        static abstract Vector256<T> IsFalse(byte* condition);
    }

    private readonly struct Bytes : IMask<byte>
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector256<byte> IsFalse(byte* condition) => Vector256.Equals(Vector256.Load(condition), default);
    }

    private readonly struct Shorts : IMask<ushort>
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector256<ushort> IsFalse(byte* condition)
        {
            (Vector128<ushort> lower, Vector128<ushort> upper) = Vector128.Widen(Vector128.Load(condition));
            return Vector256.Equals(Vector256.Create(lower, upper), default);
        }
    }

    private readonly struct Ints : IMask<uint>
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector256<uint> IsFalse(byte* condition)
        {
            Vector128<ushort> wide = Vector128.WidenLower(Vector128.CreateScalarUnsafe(Unsafe.ReadUnaligned<ulong>(condition)).AsByte());
            (Vector128<uint> lower, Vector128<uint> upper) = Vector128.Widen(wide);
            return Vector256.Equals(Vector256.Create(lower, upper), default);
        }
    }

    private readonly struct Longs : IMask<ulong>
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Vector256<ulong> IsFalse(byte* condition)
        {
            Vector128<ushort> wide = Vector128.WidenLower(Vector128.CreateScalarUnsafe(Unsafe.ReadUnaligned<uint>(condition)).AsByte());
            (Vector128<ulong> lower, Vector128<ulong> upper) = Vector128.Widen(Vector128.WidenLower(wide));
            return Vector256.Equals(Vector256.Create(lower, upper), default);
        }
    }

    private static void WhereLoop<T, M>(RowArgs* r) where T : unmanaged where M : struct, IMask<T>
    {
        var condition = (byte*)r->A;
        T* a = (T*)r->B, b = (T*)r->C, y = (T*)r->Y;
        nint n = r->Count, stepA = r->StepB, stepB = r->StepC, i = 0;
        if (r->StepA == 0)
        {
            T* source = *condition != 0 ? a : b;
            nint step = *condition != 0 ? stepA : stepB;
            for (; i < n; i++)
                y[i] = source[i * step];
            return;
        }
        if (n >= Vector256<T>.Count)
        {
            Vector256<T> yes = Vector256.Create(*a), no = Vector256.Create(*b);
            for (; i + Vector256<T>.Count <= n; i += Vector256<T>.Count)
            {
                if (stepA != 0)
                    yes = Vector256.Load(a + i);
                if (stepB != 0)
                    no = Vector256.Load(b + i);
                Vector256.ConditionalSelect(M.IsFalse(condition + i), no, yes).Store(y + i);
            }
        }
        for (; i < n; i++)
            y[i] = condition[i] != 0 ? a[i * stepA] : b[i * stepB];
    }
}
