using Ai3.Tensors;

namespace Ai3.Runtime;

/// <summary>Which elements of the last axis a part of a rotation has.</summary>
internal enum RotaryPartKind
{
    Low,
    High,
    Even,
    Odd,
}

/// <summary>Half of the elements of x [batch, head, position, size]: its lower or upper half, or every other one.</summary>
internal sealed record RotaryPart(GraphValue X, GraphValue Value, RotaryPartKind Kind)
{
    /// <summary>What a value takes from another: Slice, Split, or Reshape to pairs and a Split, Gather or Slice of them; null for anything else.</summary>
    public static RotaryPart? Of(GraphValue? value) => value?.Tensor?.Shape is { Rank: 4 } shape && shape[3].IsKnown ? Sliced(value) ?? Split(value) ?? OfPairs(value) : null;

    private static RotaryPart? Sliced(GraphValue value)
    {
        if (Pattern.Made(value, "Slice") is not { Inputs: [{ Tensor.Shape: { Rank: 4 } shape } x, ..] } slice || !shape[3].IsKnown || Start(slice, 3) is not var (start, step))
            return null;
        long half = value.Tensor!.Shape![3].Value;
        if (2 * half != shape[3].Value || !SameInFront(value.Tensor.Shape, shape))
            return null;
        RotaryPartKind? kind = (start, step) switch
        {
            (0, 2) => RotaryPartKind.Even,
            (1, 2) => RotaryPartKind.Odd,
            (0, 1) => RotaryPartKind.Low,
            (_, 1) when start == half || start == -half => RotaryPartKind.High,
            _ => null,
        };
        return kind is { } found ? new RotaryPart(x, value, found) : null;
    }

    private static RotaryPart? Split(GraphValue value)
    {
        if (value.Producer is not { Domain: "", OpType: "Split", Inputs: [{ Tensor.Shape: { Rank: 4 } shape } x, ..], Outputs: [{ }, { }] } split
            || split.Attributes.Int("axis", 0) is not (3 or -1) || !shape[3].IsKnown || 2 * value.Tensor!.Shape![3].Value != shape[3].Value)
            return null;
        return new RotaryPart(x, value, ReferenceEquals(split.Outputs[0], value) ? RotaryPartKind.Low : RotaryPartKind.High);
    }

    // One of [batch, head, position, half, 2].
    private static RotaryPart? OfPairs(GraphValue value)
    {
        if (One(value) is not var (pairs, index) || Pattern.Made(pairs, "Reshape") is not { Inputs: [{ Tensor.Shape: { Rank: 4 } shape } x, ..] }
            || pairs.Tensor?.Shape is not { Rank: 5 } split || !split[4].Is(2) || !SameInFront(split, shape) || !shape[3].IsKnown || split[3] != shape[3].Value / 2)
            return null;
        return new RotaryPart(x, value, index == 0 ? RotaryPartKind.Even : RotaryPartKind.Odd);
    }

    private static (GraphValue Pairs, long Index)? One(GraphValue value)
    {
        if (Pattern.Made(value, "Gather") is { Inputs: [{ } gathered, { Constant.Shape.Rank: 0 } index] } gather && gather.Attributes.Int("axis", 0) is -1 or 4)
            return Pattern.Scalar(index) is { } at and (0 or 1 or -1) ? (gathered, Math.Abs((long)at)) : null;
        if (Pattern.Made(value, "Squeeze") is not { Inputs: [{ Tensor.Shape: { Rank: 5 } shape } single, ..] } || !shape[4].Is(1)
            || value.Tensor!.Shape is not { } rest || !SameInFront(shape, rest) || shape[3] != rest[3])
            return null;
        if (single.Producer is { Domain: "", OpType: "Split", Inputs: [{ } whole, ..], Outputs: [{ }, { }] } split && split.Attributes.Int("axis", 0) is -1 or 4)
            return (whole, ReferenceEquals(split.Outputs[0], single) ? 0 : 1);
        return Pattern.Made(single, "Slice") is { Inputs: [{ } source, ..] } slice && Start(slice, 4) is ( >= 0 and <= 1 and var start, 1) ? (source, start) : null;
    }

    // Start and step of a Slice of one axis.
    private static (long Start, long Step)? Start(Node slice, int axis)
    {
        if (slice.Inputs.Count < 4 || Pattern.Scalar(slice.Inputs[1]) is not { } start || Pattern.Scalar(slice.Inputs[3]) is not { } along || along != -1 && along != axis)
            return null;
        if (slice.Inputs.Count < 5 || slice.Inputs[4] is null)
            return ((long)start, 1);
        return Pattern.Scalar(slice.Inputs[4]) is { } step ? ((long)start, (long)step) : null;
    }

    private static bool SameInFront(SymbolicShape a, SymbolicShape b) => a[0] == b[0] && a[1] == b[1] && a[2] == b[2];
}
