using System.Collections.Immutable;
using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>Element-wise functions on the elements of small integer tensors, as expressions over symbols.</summary>
internal static class ShapeArithmetic
{
    private const int MaxElements = 256;

    /// <summary>The output's elements, or the default array where they are not known.</summary>
    public static ImmutableArray<Dim> Evaluate(string function, NodeFacts node, SymbolicShape? shape)
    {
        if (function is not ("add" or "sub" or "mul" or "div" or "where" or "equal" or "min" or "max" or "neg" or "abs" or "copy" or "mod")
            || shape is null || shape.Rank > 1 || !shape.TryGetShape(out Shape known) || known.Count > MaxElements)
            return default;
        var operands = new ImmutableArray<Dim>[node.Inputs.Length];
        for (int i = 0; i < operands.Length; i++)
        {
            operands[i] = ElementsOf(node, i);
            if (operands[i].IsDefault || operands[i].Length != 1 && operands[i].Length != known.Count)
                return default;
        }
        var result = new Dim[known.Count];
        try
        {
            for (int i = 0; i < result.Length; i++)
            {
                Dim At(int k) => operands[k][operands[k].Length == 1 ? 0 : i];
                Dim? value = function is "min" or "max" ? Extreme(function, operands.Length, At) : Apply(function, operands.Length, At);
                if (value is null)
                    return default;
                result[i] = value.Value;
            }
        }
        catch (ShapeException)
        {
            // An overflow wraps at run time; here it only means that nothing is known.
            return default;
        }
        return [.. result];
    }

    /// <summary>The elements of a small int64, int32 or bool input, or the default array.</summary>
    public static ImmutableArray<Dim> ElementsOf(NodeFacts node, int index)
    {
        TensorFact? fact = node.OptionalTensor(index);
        if (fact is null || fact.Type is not (DType.Int64 or DType.Int32 or DType.Bool))
            return default;
        if (!fact.Elements.IsDefault)
            return fact.Elements;
        if (fact.Constant is not { } constant || constant.Count > MaxElements)
            return default;
        return fact.Type == DType.Bool ? [.. constant.AsBytes().ToArray().Select(b => (Dim)(b != 0 ? 1 : 0))] : node.Elements(index);
    }

    private static Dim? Apply(string function, int count, Func<int, Dim> at)
    {
        Dim a = at(0);
        Dim b = count > 1 ? at(1) : 0;
        return function switch
        {
            "add" => a + b,
            "sub" => a - b,
            "mul" => a * b,
            "neg" => a * -1,
            "copy" => a,
            "abs" => a.IsKnown ? a.Value < 0 ? a * -1 : a : MayBeNegative(a) ? null : a,
            "div" => Quotient(a, b),
            "mod" => a.IsKnown && b.IsKnown && a.Value >= 0 && b.Value > 0 ? a.Value % b.Value : null,
            "equal" => AreEqual(a, b) is { } equal ? equal ? 1 : 0 : null,
            "where" => a.IsKnown ? a.Value != 0 ? b : at(2) : b == at(2) ? b : null,
            _ => null,
        };
    }

    private static Dim? Extreme(string function, int count, Func<int, Dim> at)
    {
        Dim best = at(0);
        for (int k = 1; k < count; k++)
        {
            Dim next = at(k);
            if (best == next)
                continue;
            if (!best.IsKnown || !next.IsKnown)
                return null;
            best = function == "min" ? Math.Min(best.Value, next.Value) : Math.Max(best.Value, next.Value);
        }
        return best;
    }

    // Integer division truncates, an expression's rounds down: the same where nothing is negative.
    private static Dim? Quotient(Dim a, Dim b)
    {
        if (a.IsKnown && b.IsKnown)
            return b.Value == 0 ? 0 : b.Value == -1 ? a * -1 : a.Value / b.Value;
        if (b.Is(1))
            return a;
        return MayBeNegative(a) || !b.IsKnown || b.Value <= 0 ? null : Dim.FloorDiv(a, b);
    }

    private static bool? AreEqual(Dim a, Dim b)
    {
        if (a == b)
            return true;
        if (a.IsKnown && b.IsKnown)
            return false;
        Dim number = a.IsKnown ? a : b, expression = a.IsKnown ? b : a;
        return number.IsKnown && number.Value < 0 && !MayBeNegative(expression) ? false : null;
    }

    // A sum of products of symbols, which are dimensions, is not negative unless something is subtracted; one less than a
    // sum of symbols counts as not negative too, since a dimension of 0 leaves nothing to compute.
    private static bool MayBeNegative(Dim dim)
    {
        if (dim.IsKnown)
            return dim.Value < 0;
        string text = dim.ToString();
        int minus = text.LastIndexOf('-');
        return minus >= 0 && !(text.EndsWith("-1", StringComparison.Ordinal) && text.IndexOf('-', StringComparison.Ordinal) == minus && minus > 0);
    }
}
