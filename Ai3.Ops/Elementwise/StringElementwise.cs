using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>Equal and Where of strings, which live outside native memory: computed on values.</summary>
internal static class StringElementwise
{
    public static Tensor Run(string function, IReadOnlyList<Value?> inputs, long maxBytes)
    {
        Tensor[] operands = [.. inputs.Select(v => (Tensor)v!)];
        Shape shape = Broadcasting.Known(Array.ConvertAll(operands, o => o.Shape));
        if (shape.Count > Math.Min(maxBytes / nint.Size, Array.MaxLength))
            throw new OpException($"output {shape} takes more than the allowed {maxBytes} bytes");
        BroadcastPlan plan = BroadcastPlan.Of(shape.AsSpan(), Array.ConvertAll(operands, o => Aligned(o.Shape, shape.Rank)));
        return function == "equal" ? Equal(plan, shape, operands) : Where(plan, shape, operands);
    }

    private static Tensor Equal(BroadcastPlan plan, Shape shape, Tensor[] operands)
    {
        var result = Tensor.Allocate(DType.Bool, shape);
        Span<bool> y = result.AsSpan<bool>();
        Span<string> a = operands[0].AsStrings(), b = operands[1].AsStrings();
        for (int i = 0; i < y.Length; i++)
            y[i] = a[plan.Index(0, i)] == b[plan.Index(1, i)];
        return result;
    }

    private static Tensor Where(BroadcastPlan plan, Shape shape, Tensor[] operands)
    {
        var y = new string[shape.Count];
        Span<byte> condition = operands[0].AsBytes();
        Span<string> a = operands[1].AsStrings(), b = operands[2].AsStrings();
        for (int i = 0; i < y.Length; i++)
            y[i] = condition[plan.Index(0, i)] != 0 ? a[plan.Index(1, i)] : b[plan.Index(2, i)];
        return Tensor.From(y, shape);
    }

    /// <summary>Dimensions with ones in front, up to a rank.</summary>
    public static long[] Aligned(Shape shape, int rank)
    {
        var dims = new long[rank];
        Array.Fill(dims, 1);
        shape.AsSpan().CopyTo(dims.AsSpan(rank - shape.Rank));
        return dims;
    }
}
