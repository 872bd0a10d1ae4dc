using System.Numerics;
using Ai3.Ops;
using Ai3.Tensors;

namespace Ai3.Runtime;

/// <summary>Where(condition, scores, constant) or Where(condition, constant, scores): scores that a condition hides behind a very small number.</summary>
/// <remarks>
/// A hidden key's weight is exp(constant - maximum), which is 0 in float32 once a row has a visible key. What a row without one gives is kept
/// too: evenly spread weights, since adding so small a number rounds every score to it. From -10,000 adding does not, so then the condition must
/// be known to leave every row a key.
/// </remarks>
internal sealed record AttentionMaskPattern(Node Where, GraphValue Scores, GraphValue Condition, GraphValue Filler, bool VisibleWhereTrue)
{
    // One unit in the last place here is 64, far more than scores differ by.
    private const double RoundsScoresAway = -1e9;

    // exp of less than -104 is 0 in float32.
    private const double Hides = -9999;

    public static AttentionMaskPattern? Of(RewriteContext context, GraphValue? value)
    {
        if (Pattern.MadeOnlyForThis(context, value, "Where") is not { Inputs: [{ } condition, { } a, { } b] } where)
            return null;
        AttentionMaskPattern? found = Pattern.Scalar(b) is { } ? new(where, a, condition, b, true) : Pattern.Scalar(a) is { } ? new(where, b, condition, a, false) : null;
        if (found is null || Pattern.Scalar(found.Filler) is not <= Hides || found.Filler.Tensor is not { Shape.Rank: <= 4 })
            return null;
        return found.Scores.Tensor?.Shape is { } scores && where.Outputs[0]!.Tensor?.Shape is { } shape && shape.Equals(scores) ? found : null;
    }

    /// <summary>The mask input of Attention, made by a node in front of another unless the condition itself will do; null if it would compute something else.</summary>
    public GraphValue? Mask(RewriteContext context, Node place)
    {
        double filler = Pattern.Scalar(Filler)!.Value;
        if (VisibleWhereTrue && (double.IsNegativeInfinity(filler) || KeepsFirstKey(Condition)))
            return Condition;
        if (filler > RoundsScoresAway)
            return null;
        GraphValue zero = context.Patch.AddConstant("attention.visible", Tensor.Scalar(0f)), small = context.Patch.AddConstant("attention.hidden", Tensor.Scalar((float)filler));
        GraphValue mask = context.Patch.NewValue($"{Condition.Name}.mask", new TensorFact(DType.Float32, Condition.Tensor!.Shape));
        context.Patch.InsertBefore(place, "Where", Attributes.Empty, VisibleWhereTrue ? [Condition, zero, small] : [Condition, small, zero], [mask]);
        return mask;
    }

    // A constant whose first column is true, cut in any way that leaves that column, as the triangle of causal decoders is.
    private static bool KeepsFirstKey(GraphValue condition)
    {
        GraphValue at = condition;
        while (at.Constant is null)
        {
            if (Pattern.Made(at, "Cast") is { Inputs: [{ Tensor.Type: DType.Bool or DType.UInt8 or DType.Float32 } cast] })
                at = cast;
            else if (Pattern.Made(at, "Slice") is { } slice && slice.Inputs[0] is { } source && KeepsFirstColumn(slice, source))
                at = source;
            else
                return false;
        }
        if (at.Constant is not { Shape: { Rank: > 0 } shape } constant || shape[^1] == 0)
            return false;
        return constant.Type switch
        {
            DType.Bool or DType.UInt8 => HasNoZero(constant.AsBytes(), (int)shape[^1]),
            DType.Float32 => HasNoZero(constant.AsSpan<float>(), (int)shape[^1]),
            _ => false,
        };
    }

    private static bool HasNoZero<T>(ReadOnlySpan<T> elements, int step) where T : unmanaged, INumber<T>
    {
        for (int i = 0; i < elements.Length; i += step)
            if (T.IsZero(elements[i]))
                return false;
        return true;
    }

    private static bool KeepsFirstColumn(Node slice, GraphValue source)
    {
        if (slice.Inputs.Count < 4 || source.Tensor?.Shape is not { } shape || slice.Inputs[3]?.Constant is not { Type: DType.Int64 or DType.Int32, Count: 1 } axes)
            return false;
        long axis = (long)Pattern.Scalar(slice.Inputs[3])!;
        bool last = axis == -1 || axis == shape.Rank - 1;
        bool forward = slice.Inputs.Count < 5 || slice.Inputs[4] is null || Pattern.Scalar(slice.Inputs[4]) > 0;
        return axes.Count == 1 && (!last || forward && Pattern.Scalar(slice.Inputs[1]) == 0);
    }
}
