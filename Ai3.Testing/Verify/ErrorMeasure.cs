using Ai3.Ops;
using Ai3.Tensors;

namespace Ai3.Testing;

/// <summary>How far an output is from what it must be.</summary>
/// <param name="WorstUlp">The largest error in units in the last place of the exact value.</param>
/// <param name="RmsUlp">The root of the mean square of those.</param>
/// <param name="BoundShare">The largest error as a part of what the algorithm may be off by: over 1 is too much.</param>
internal readonly record struct ErrorMeasure(double WorstUlp, double RmsUlp, double BoundShare)
{
    /// <summary>Measures a float output; elements that are not finite are left to the verdict.</summary>
    public static unsafe ErrorMeasure Of(TestBuffer output, TensorType operand, Format format, double[] values, double[] magnitudes, double[]? prologue,
        OutputComparison.Rules rules, int index)
    {
        if (!operand.Type.IsFloat())
            return default;
        long[]? positions = StorageOrder.Positions(operand.Shape, format);
        var limits = new ErrorLimit(rules.Bound, operand.Type, magnitudes, rules.Alarm, rules.Norms?[index] ?? 0, rules.Fusion);
        double worst = 0, squares = 0, share = 0;
        long count = 0;
        for (long i = 0; i < values.Length; i++)
        {
            double got = ElementCodec.Read(output.Start, operand.Type, positions is null ? i : positions[i]);
            double value = rules.Bound.Kind == ErrorKind.Exact ? InputFill.Round(operand.Type, values[i]) : values[i];
            if (!double.IsFinite(value) || !double.IsFinite(got))
                continue;
            double error = Math.Abs(got - value), ulp = error / ErrorLimit.Spacing(operand.Type, value);
            worst = Math.Max(worst, ulp);
            squares += ulp * ulp;
            count++;
            if (error > 0)
                share = Math.Max(share, error / limits.Of(value, magnitudes[i], prologue?[i] ?? 0));
        }
        return new ErrorMeasure(worst, count == 0 ? 0 : Math.Sqrt(squares / count), share);
    }

    /// <summary>The worse of two.</summary>
    public ErrorMeasure Worse(ErrorMeasure other) =>
        new(Math.Max(WorstUlp, other.WorstUlp), Math.Max(RmsUlp, other.RmsUlp), Math.Max(BoundShare, other.BoundShare));
}
