using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>The slices of a tensor along an axis as rows of order keys, to be compared element by element.</summary>
internal sealed unsafe class SliceOrder
{
    private readonly ulong[] _keys;
    private readonly int _width;

    private SliceOrder(ulong[] keys, int width, int count)
    {
        _keys = keys;
        _width = width;
        Count = count;
    }

    /// <summary>How many slices there are.</summary>
    public int Count { get; }

    public int Compare(int a, int b) =>
        _keys.AsSpan(a * _width, _width).SequenceCompareTo(_keys.AsSpan(b * _width, _width));

    /// <param name="x">The tensor.</param>
    /// <param name="shape">Its shape, or another one of the same count.</param>
    /// <param name="axis">The axis whose slices are meant.</param>
    /// <param name="maxBytes">Bytes that the keys may take.</param>
    public static SliceOrder Of(Tensor x, Shape shape, int axis, long maxBytes)
    {
        int parts = x.Type is DType.Complex64 or DType.Complex128 ? 2 : 1;
        long keys = ShapeMath.Multiply(x.Count, parts), count = shape[axis];
        if (keys > Array.MaxLength || count > Array.MaxLength || ShapeMath.Multiply(keys, sizeof(ulong)) > ShapeMath.Multiply(maxBytes, sizeof(ulong)))
            throw new OpException($"{x} has {x.Count} elements, too many to be compared");
        var result = new ulong[keys];
        Func<long, ulong> key = KeyOf(x);
        long outer = shape.CountOf(..axis), inner = shape.CountOf((axis + 1)..) * parts, to = 0;
        for (long slice = 0; slice < count; slice++)
            for (long o = 0; o < outer; o++)
                for (long i = 0; i < inner; i++)
                    result[to++] = key((o * count + slice) * inner + i);
        return new SliceOrder(result, (int)(count == 0 ? 0 : keys / count), (int)count);
    }

    private static Func<long, ulong> KeyOf(Tensor x)
    {
        if (x.Type == DType.String)
            return StringKeys(x.AsStrings());
        DType part = x.Type switch { DType.Complex64 => DType.Float32, DType.Complex128 => DType.Float64, var type => type };
        return NumberTypes.Select<Maker, Func<long, ulong>>(part, new Maker(x));
    }

    private static Func<long, ulong> StringKeys(ReadOnlySpan<string> strings)
    {
        string[] all = strings.ToArray();
        var ranks = new Dictionary<string, ulong>(StringComparer.Ordinal);
        foreach (string text in all.Distinct(StringComparer.Ordinal).Order(Comparer<string>.Create(CompareCodePoints)))
            ranks[text] = (ulong)ranks.Count;
        return i => ranks[all[i]];
    }

    // UTF-16 puts the characters from U+E000 on above those that take two units: lift the latter over them.
    private static int CompareCodePoints(string a, string b)
    {
        int same = a.AsSpan().CommonPrefixLength(b);
        if (same == a.Length || same == b.Length)
            return a.Length.CompareTo(b.Length);
        return Lift(a[same]).CompareTo(Lift(b[same]));

        static int Lift(char unit) => char.IsSurrogate(unit) ? unit + 0x10000 : unit;
    }

    private readonly struct Maker(Tensor x) : INumberFunc<Func<long, ulong>>
    {
        public Func<long, ulong> Create<T>() where T : unmanaged
        {
            Tensor tensor = x;
            return i => OrderKey.Of64(((T*)tensor.Address)[i]);
        }
    }
}
