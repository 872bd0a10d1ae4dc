using Ai3.Tensors;
using static Ai3.Differential.Tests.Content;

namespace Ai3.Differential.Tests;

/// <summary>Operators on sequences of tensors, and those that ask whether a value is there.</summary>
internal static class SequenceUses
{
    private static readonly DType[] s_types = [DType.Float32, DType.Int64, DType.Float64, DType.Int32, DType.String, DType.Bool];

    public static IEnumerable<OperatorUses> All =>
    [
        new("SequenceConstruct", Tolerance.Exact, Construct, Since: 11),
        new("SequenceEmpty", Tolerance.Exact, u => u.Maybe("dtype", () => (int)u.Draw.Pick(s_types)), Since: 11),
        new("SequenceAt", Tolerance.Exact, u => Position(u, Sequence(u, 1), isOptional: false), Since: 11),
        new("SequenceErase", Tolerance.Exact, u => Position(u, Sequence(u, 1), isOptional: true), Since: 11),
        new("SequenceInsert", Tolerance.Exact, Insert, Since: 11),
        new("SequenceLength", Tolerance.Exact, u => u.In(Sequence(u, 1)), Since: 11),
        new("ConcatFromSequence", Tolerance.Exact, Concat, Since: 11),
        new("SplitToSequence", Tolerance.Exact, Split, Since: 11),
        new("OptionalHasElement", Tolerance.Exact, u => u.In(u.Data(u.Draw.Pick(s_types), u.Draw.Shape())), Since: 18),
        new("OptionalGetElement", Tolerance.Exact, u => u.In(u.Data(u.Draw.Pick(s_types), u.Draw.Shape())), Since: 18),
    ];

    private static SequenceValue Sequence(UseBuilder u, int least, Func<long[]>? shape = null)
    {
        DType type = u.Draw.Pick(s_types);
        return new SequenceValue(new TensorFact(type, null), [.. Enumerable.Range(0, u.Draw.Between(least, 4)).Select(_ => u.Data(type, shape?.Invoke() ?? u.Draw.Shape(0, 3), Small, Specials))]);
    }

    private static void Construct(UseBuilder u)
    {
        DType type = u.Draw.Pick(s_types);
        for (int i = u.Draw.Between(1, 3); i > 0; i--)
            u.In(u.Data(type, u.Draw.Shape(0, 3), Small, Specials));
    }

    private static void Position(UseBuilder u, SequenceValue sequence, bool isOptional)
    {
        u.In(sequence);
        if (!isOptional || u.Draw.OnceIn(2))
            u.In(u.Indices(u.Draw.Pick(Types.Index), [], sequence.Items.Count));
    }

    private static void Insert(UseBuilder u)
    {
        SequenceValue sequence = Sequence(u, 1);
        u.In(sequence).In(u.Data(((Tensor)sequence.Items[0]).Type, u.Draw.Shape(0, 3)));
        if (u.Draw.OnceIn(2))
            u.In(u.Indices(u.Draw.Pick(Types.Index), [], sequence.Items.Count));
    }

    private static void Concat(UseBuilder u)
    {
        bool stacks = u.Draw.OnceIn(2);
        long[] shape = u.Draw.Shape(1, 3);
        int axis = u.Draw.Below(stacks ? shape.Length + 1 : shape.Length);
        u.With("axis", u.Draw.OnceIn(3) ? axis - shape.Length - (stacks ? 1 : 0) : axis).With("new_axis", stacks);
        u.In(Sequence(u, 1, () =>
        {
            long[] item = [.. shape];
            if (!stacks)
                item[axis] = u.Draw.DimOrZero(9);
            return item;
        }));
    }

    private static void Split(UseBuilder u)
    {
        long[] shape = u.Draw.Shape(1, zero: false);
        int axis = (int)u.Draw.Axis(shape.Length), place = axis < 0 ? axis + shape.Length : axis;
        u.With("axis", axis).Flag("keepdims").In(u.Data(u.Draw.Pick(s_types), shape, Small, Specials));
        DType type = u.Draw.Pick(Types.Index);
        switch (u.Draw.Below(3))
        {
            case 1:
                u.In(Elements.Of(type, [], u.Draw.Between(1, (int)shape[place])));
                break;
            case 2:
                long first = u.Draw.Between(1, (int)shape[place]);
                u.In(first == shape[place] ? Elements.Of(type, [1], first) : Elements.Of(type, [2], first, shape[place] - first));
                break;
            default:
                break;
        }
    }
}
