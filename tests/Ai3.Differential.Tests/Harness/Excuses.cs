using Ai3.Tensors;

namespace Ai3.Differential.Tests;

/// <summary>Uses whose difference is known and not ours to change, each with its reason.</summary>
internal static class Excuses
{
    private sealed record Entry(string Op, Func<Use, bool> Applies, string Reason);

    /// <summary>Uses that the peer runs and we refuse.</summary>
    private static readonly Entry[] s_refusals =
    [
    ];

    /// <summary>Uses in which the peer departs from the ONNX specification, or the specification leaves the result open.</summary>
    private static readonly Entry[] s_differences =
    [
        new("Clip", static use => use.Opset >= 11 && HasInfinity(use), "an absent bound is none, as in the operator's function body; the peer clips infinities to the greatest finite value"),
        new("Dropout", static use => use.Opset < 12 && use.OutputCount == 2, "the mask of an inference is not defined before opset 12"),
        new("MatMul", static use => use.Tensor(0).Shape[^1] == 0, "without an inner dimension the peer leaves out dimensions that the operands broadcast"),
        new("ReduceLogSumExp", IsInteger, "the peer sums exponentials rounded to integers"),
        new("ReduceLogSumExp", HasNaN, "the peer loses NaN beside an infinity"),
        new("ReduceMax", HasNaN, "the peer's result depends on where NaN stands"),
        new("ReduceMin", HasNaN, "the peer's result depends on where NaN stands"),
        new("ReduceMean", IsEmpty, "the mean of nothing is not defined: the peer says 0, we NaN"),
        new("Reduce*", IsEmpty, "the peer keeps empty axes that it reduces"),
        new("ReduceProd", HasInfinity, "a product that underflows on the way and then meets an infinity; we multiply in float64"),
        new("Gemm", static use => use.Tensor(0).Count == 0 && use.Attributes.Has("beta"), "the peer leaves beta out where there is no inner dimension"),
        new("Gather", static use => use.Tensor(0).Type == DType.String, "the peer copies one string of each slice"),
        new("SplitToSequence", static use => use.Inputs.Length == 2 && !use.Attributes.Flag("keepdims", true), "keepdims is ignored where split is given; the peer heeds it"),
        new("StringSplit", static use => use.Tensor(0).AsStrings().ToArray().Any(static s => s.Length == 0 || s != s.Trim()), "as in Python nothing split by a delimiter is one empty part, and the rest after the last split is kept whole"),
        new("HammingWindow", GivesDoubles, "the peer's constants are float32"),
        new("BlackmanWindow", GivesDoubles, "the peer's constants are float32"),
        new("DynamicQuantizeLinear", IsEmpty, "nothing has no range: the peer says scale 1"),
        new("LSTM", static use => use.Attributes.Has("clip"), "clip bounds what goes into activations, and so the cell state before the last one; the peer leaves that out"),
        new("GridSample", static use => use.Attributes.String("padding_mode", "") == "border", "the specification's reference moves the place to the border, the peer only its neighbours"),
        new("Resize", static use => use.Attributes.String("coordinate_transformation_mode", "") == "align_corners", "length times scale need not be whole; the peer rounds it down first"),
        new("Resize", static use => use.Tensor(0).Type == DType.UInt8, "how a value between two integers is rounded is left open: the peer truncates"),
        new("ai.onnx.ml.LinearRegressor", static use => use.Attributes.Int("targets", 1) == 1 && use.Attributes.Has("post_transform"), "the peer leaves a single target as it is"),
        new("ai.onnx.ml.TreeEnsembleRegressor", static use => use.Attributes.Int("n_targets", 1) == 1 && use.Attributes.Has("post_transform"), "the peer leaves a single target as it is"),
        new("ai.onnx.ml.TreeEnsemble*", static use => use.Attributes.Has("base_values"), "the peer leaves the base value out where no leaf of the target is reached"),
        new("ai.onnx.ml.TreeEnsembleClassifier", static use => use.Attributes.Ints("classlabels_int64s") is { IsDefault: false, Length: 2 }, "of two classes the peer answers 1, whether or not that is a label"),
        new("ai.onnx.ml.TreeEnsembleClassifier", static use => use.Attributes.Ints("class_ids").Distinct().Count() == 1, "what the other class scores where one alone has weights is left open: the peer says 0, we the negative"),
        new("Gelu", static use => use.Tensor(0).Type == DType.Float64, "the peer's constants are float32"),
        new("HardSwish", static use => use.Tensor(0).Type == DType.Float64, "the peer's 1/6 is a float32"),
        new("AveragePool", static use => use.Opset < 19 && use.Attributes.String("auto_pad", "") == "VALID" && use.Attributes.Flag("ceil_mode"), "the peer rounds up where VALID says how windows fit"),
        new("*Pool", static use => use.Attributes.String("auto_pad", "").StartsWith("SAME", StringComparison.Ordinal) && use.Attributes.Has("dilations"), "the peer pads for the window without its dilation"),
        new("ConvTranspose", static use => use.Attributes.String("auto_pad", "").StartsWith("SAME", StringComparison.Ordinal), "where the stride passes the window the output is input times stride; the peer's is smaller"),
        new("Shrink", static use => use.Tensor(0).Type == DType.Float64, "the peer computes in float32"),
        new("Sign", static use => use.Tensor(0).Type == DType.Float16 && HasNaN(use), "the peer makes NaN of float16 0"),
        new("Slice", static use => EndsFarBackwards(use), "an end past the axis is the last element when walking backwards; the peer takes INT_MAX for the beginning there"),
    ];

    public static string? ForRefusal(Use use) => Find(s_refusals, use);

    public static string? ForDifference(Use use) => Find(s_differences, use);

    private static bool HasNaN(Use use) => Any(use, double.IsNaN);

    private static bool HasInfinity(Use use) => Any(use, double.IsInfinity);

    private static bool Any(Use use, Func<double, bool> test)
    {
        Tensor tensor = use.Tensor(0);
        if (tensor.Type.IsFloat())
            for (long i = 0; i < tensor.Count; i++)
                if (test(Elements.At(tensor, i)))
                    return true;
        return false;
    }

    private static bool IsInteger(Use use) => use.Tensor(0).Type.IsInteger();

    private static bool GivesDoubles(Use use) => use.Attributes.Int("output_datatype", 1) == (long)DType.Float64;

    private static bool IsEmpty(Use use) => use.Tensor(0).Count == 0;

    private static bool EndsFarBackwards(Use use)
    {
        if (use.Inputs.Length < 5)
            return false;
        Tensor ends = use.Tensor(2), steps = use.Tensor(4);
        return Enumerable.Range(0, (int)ends.Count).Any(i => Elements.At(steps, i) < 0 && Elements.At(ends, i) >= int.MaxValue);
    }

    private static string? Find(Entry[] entries, Use use) => entries.FirstOrDefault(e => IsFor(e.Op, use.QualifiedOp) && e.Applies(use))?.Reason;

    private static bool IsFor(string pattern, string op) => pattern[0] == '*' ? op.EndsWith(pattern[1..], StringComparison.Ordinal)
        : pattern[^1] == '*' ? op.StartsWith(pattern[..^1], StringComparison.Ordinal) : op == pattern;
}
