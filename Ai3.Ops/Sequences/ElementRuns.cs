using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>Copies runs of elements between row-major tensors of one type, strings included.</summary>
internal static unsafe class ElementRuns
{
    /// <summary>Refuses types that share bytes between elements, whose runs may begin inside a byte.</summary>
    public static void RequireRuns(string op, DType type)
    {
        if (type.IsPacked())
            throw new OpUnsupportedException($"{op} of {type.ShortName()} is not supported, which shares bytes between elements");
    }

    /// <summary>Copies <paramref name="count"/> elements.</summary>
    public static void Copy(Tensor from, long start, Tensor to, long at, long count)
    {
        if (count == 0)
            return;
        if (from.Type == DType.String)
        {
            from.AsStrings().Slice((int)start, (int)count).CopyTo(to.AsStrings()[(int)at..]);
            return;
        }
        long size = from.Type.ByteSize();
        Buffer.MemoryCopy((byte*)from.Address + start * size, (byte*)to.Address + at * size, count * size, count * size);
        GC.KeepAlive(from);
        GC.KeepAlive(to);
    }
}
