using Ai3.Runtime;
using Ai3.Tensors;

namespace Ai3.Onnx.Tests;

/// <summary>The collection of broken files, as far as reading them goes: the rest is refused when a model is compiled or run.</summary>
public class MalformedTests
{
    // Cases that are wrong in what only operators know.
    private static readonly HashSet<string> WrongLater = new(StringComparer.Ordinal)
    {
        "op_unknown", "op_too_many_inputs", "op_attribute_wrong_type", "type_mismatch_add", "reshape_size_mismatch", "conv_channel_mismatch",
        "conv_group_zero", "conv_kernel_larger_than_input", "maxpool_kernel_zero", "resize_nan_scale", "resize_zero_scale", "slice_step_zero",
        "pad_negative_beyond_size", "matmul_inner_mismatch", "transpose_perm_repeats", "softmax_axis_out_of_range", "einsum_bad_equation",
    };

    [SkippableFact]
    public void EveryCaseIsReadOrRefusedAsItShould()
    {
        string folder = SharedData.Require("malformed");
        var failures = new List<string>();
        int count = 0;
        foreach (string[] row in File.ReadLines(Path.Combine(folder, "manifest.tsv")).Skip(1).Select(line => line.Split('\t')))
        {
            count++;
            string name = row[0].Split('/')[0];
            string path = Path.Combine(folder, row[0]);
            foreach (ImportLimits limits in new[] { ImportLimits.Default, ImportLimits.Untrusted })
            {
                Exception? error = Record.Exception(() =>
                {
                    if (path.EndsWith(".pb", StringComparison.Ordinal))
                        OnnxValue.Read(path, null, limits).Dispose();
                    else
                        OnnxModel.Load(path, limits).Dispose();
                });
                bool mayLoad = !row[2].StartsWith("reject at load", StringComparison.Ordinal) || row[2].Contains("accept", StringComparison.Ordinal) || WrongLater.Contains(name);
                bool mustLoad = row[2].StartsWith("accept", StringComparison.Ordinal) || row[2].StartsWith("reject at run", StringComparison.Ordinal) || WrongLater.Contains(name);
                bool typed = error is OnnxFormatException or GraphException or UnsupportedModelException or LimitExceededException;
                if (error is null ? !mayLoad : !typed || mustLoad || error.Message.Contains('\n', StringComparison.Ordinal))
                    failures.Add($"{name} ({row[1]}; {row[2]}): {error?.ToString() ?? "was read"}");
            }
        }
        Assert.True(failures.Count == 0, string.Join("\n", failures));
        Assert.True(count >= 57, $"{count} cases");
    }

    [SkippableTheory]
    [InlineData("pb_git_lfs_pointer", "git lfs pull")]
    [InlineData("pb_empty_file", "the file is empty")]
    [InlineData("pb_truncated_half", "the file is cut short")]
    [InlineData("pb_graph_wrong_wire_type", "field 7 of ModelProto has wire type 0")]
    [InlineData("deep_subgraphs_10000", "nested more than 64 deep")]
    [InlineData("function_self_recursive", "calls itself")]
    [InlineData("ext_missing_file", "does not exist")]
    [InlineData("model_opset_999", "version 999")]
    public void MessagesSayWhatIsWrong(string name, string part)
    {
        string path = Path.Combine(SharedData.Require("malformed"), name, "model.onnx");
        Assert.Contains(part, Assert.ThrowsAny<Exception>(() => OnnxModel.Load(path)).Message, StringComparison.Ordinal);
    }

    [SkippableFact]
    public void AnEmptyTensorOfHugeDimensionsIsEmpty()
    {
        string path = Path.Combine(SharedData.Require("malformed"), "tensor_zero_times_huge", "tensor.pb");
        Assert.Equal(0, ((Tensor)OnnxValue.Read(path)).Count);
    }
}
