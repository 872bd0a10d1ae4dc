namespace Ai3.Runtime;

/// <summary>A rotation written out.</summary>
/// <param name="X">What is rotated.</param>
/// <param name="Cos">The cosines as they are multiplied.</param>
/// <param name="Sin">The sines as they are multiplied.</param>
/// <param name="Interleaved">Whether neighbours make a pair.</param>
/// <param name="Doubled">Whether the tables are as wide as x and must repeat their first half.</param>
/// <param name="Last">The node that makes the result.</param>
/// <param name="Nodes">The nodes the pattern is made of.</param>
internal sealed record RotaryPattern(GraphValue X, GraphValue Cos, GraphValue Sin, bool Interleaved, bool Doubled, Node Last, Node[] Nodes)
{
    /// <summary>x cos + rotate_half(x) sin, or null.</summary>
    public static RotaryPattern? Rotated(Node add)
    {
        if (add.Inputs is not [{ } a, { } b] || add.Attributes.Has("axis"))
            return null;
        return Rotated(add, a, b) ?? Rotated(add, b, a);
    }

    /// <summary>A Concat of the two rotated parts, or null.</summary>
    public static RotaryPattern? Paired(RewriteContext context, Node concat)
    {
        if (concat.Inputs is not [{ } a, { } b] || concat.Outputs[0]?.Tensor?.Shape is not { Rank: >= 4 } whole || concat.Attributes.Int("axis", 0) is var axis && axis != -1 && axis != whole.Rank - 1)
            return null;
        if (whole.Rank == 4)
            return Pairs(a, b) is { Interleaved: false } found ? found with { Last = concat, Nodes = [.. found.Nodes, concat] } : null;
        if (whole.Rank != 5 || Unsqueezed(a) is not { } first || Unsqueezed(b) is not { } second || context.OnlyReader(concat, "Reshape") is not { } joining)
            return null;
        return Pairs(first, second) is { Interleaved: true } pair ? pair with { Last = joining, Nodes = [.. pair.Nodes, concat, joining] } : null;
    }

    private static RotaryPattern? Rotated(Node add, GraphValue straight, GraphValue crossed)
    {
        if (Pattern.Made(straight, "Mul") is not { Inputs: [{ } p, { } q] } product || Pattern.Made(crossed, "Mul") is not { Inputs: [{ } r, { } s] } turned)
            return null;
        foreach ((GraphValue x, GraphValue cos) in new[] { (p, q), (q, p) })
            foreach ((GraphValue half, GraphValue sin) in new[] { (r, s), (s, r) })
                if (Pattern.Made(half, "Concat") is { Inputs: [{ } minus, { } plus] } concat && IsLast(concat, half) && Pattern.Made(minus, "Neg") is { Inputs: [{ } high] } neg
                    && RotaryPart.Of(high) is { Kind: RotaryPartKind.High } upper && RotaryPart.Of(plus) is { Kind: RotaryPartKind.Low } lower
                    && ReferenceEquals(upper.X, x) && ReferenceEquals(lower.X, x))
                    return new RotaryPattern(x, cos, sin, false, true, add, [neg, concat, product, turned, add]);
        return null;
    }

    // a = x1 cos - x2 sin, b = x1 sin + x2 cos.
    private static RotaryPattern? Pairs(GraphValue a, GraphValue b)
    {
        if (Pattern.Made(a, "Sub") is not { Inputs: [{ } c1, { } s2] } difference || Pattern.Made(b, "Add") is not { Inputs: [{ } u, { } w] } sum)
            return null;
        if (Pattern.Made(c1, "Mul") is not { Inputs: [{ }, { }] } straight || Pattern.Made(s2, "Mul") is not { Inputs: [{ }, { }] } crossed)
            return null;
        if (Part(straight) is not var (first, cos) || Part(crossed) is not var (second, sin) || !ReferenceEquals(first.X, second.X))
            return null;
        bool halves = first.Kind == RotaryPartKind.Low && second.Kind == RotaryPartKind.High, neighbours = first.Kind == RotaryPartKind.Even && second.Kind == RotaryPartKind.Odd;
        if (!halves && !neighbours || !IsProduct(u, first.Value, sin, w, second.Value, cos) && !IsProduct(w, first.Value, sin, u, second.Value, cos))
            return null;
        return new RotaryPattern(first.X, cos, sin, neighbours, false, sum, [straight, crossed, difference, sum]);
    }

    private static (RotaryPart Part, GraphValue Table)? Part(Node product) =>
        RotaryPart.Of(product.Inputs[0]) is { } left ? (left, product.Inputs[1]!) : RotaryPart.Of(product.Inputs[1]) is { } right ? (right, product.Inputs[0]!) : null;

    private static bool IsProduct(GraphValue one, GraphValue a, GraphValue b, GraphValue other, GraphValue c, GraphValue d) => IsProduct(one, a, b) && IsProduct(other, c, d);

    private static bool IsProduct(GraphValue value, GraphValue a, GraphValue b) =>
        Pattern.Made(value, "Mul") is { Inputs: [{ } p, { } q] } && (ReferenceEquals(p, a) && ReferenceEquals(q, b) || ReferenceEquals(p, b) && ReferenceEquals(q, a));

    private static bool IsLast(Node concat, GraphValue output) =>
        output.Tensor?.Shape is { } shape && concat.Attributes.Int("axis", 0) is var axis && (axis == -1 || axis == shape.Rank - 1);

    // The value in front of an axis of one element at the end.
    private static GraphValue? Unsqueezed(GraphValue value) =>
        Pattern.Made(value, "Unsqueeze") is { Inputs: [{ Tensor.Shape: { Rank: 4 } inner } source, ..] } && value.Tensor?.Shape is { Rank: 5 } shape && shape[4].Is(1)
            && Enumerable.Range(0, 4).All(a => shape[a] == inner[a]) ? source : null;
}
