using Ai3.Ops;
using Ai3.Tensors;

namespace Ai3.Runtime;

/// <summary>
/// Computes float16 parts of a graph in float32: values are widened where a run of such nodes begins and rounded where it ends.
/// Within the run no value is rounded to float16, so results are closer to exact and may pass float16's range on the way.
/// </summary>
internal sealed class WidenFloat16 : IRewrite
{
    private static readonly HashSet<string> Sensitive = new(StringComparer.Ordinal)
    {
        // Operators whose attributes or semantics name an element type.
        "Cast", "CastLike", "BitCast", "Constant", "ConstantOfShape", "EyeLike", "RandomNormal", "RandomNormalLike", "RandomUniform",
        "RandomUniformLike", "Bernoulli", "Multinomial", "QuantizeLinear", "DequantizeLinear", "DynamicQuantizeLinear", "Optional",
        "SequenceEmpty", "SequenceConstruct", "SequenceInsert", "SequenceAt", "SplitToSequence", "ConcatFromSequence", "If", "Loop", "Scan",
    };

    public string Name => "widen_float16";

    public bool Apply(RewriteContext context)
    {
        var widened = new Dictionary<GraphValue, GraphValue>();
        bool changed = false;
        foreach (Node node in context.Graph.Nodes.ToArray())
        {
            if (node.Domain.Length != 0 || Sensitive.Contains(node.OpType) || node.Subgraphs.Count > 0)
                continue;
            if (!node.Inputs.Concat(node.Outputs).Any(v => IsHalf(v)))
                continue;
            for (int i = 0; i < node.Inputs.Count; i++)
                if (IsHalf(node.Inputs[i]))
                    context.Patch.SetInput(node, i, Widen(context, node, node.Inputs[i]!, widened));
            for (int o = 0; o < node.Outputs.Count; o++)
                if (IsHalf(node.Outputs[o]))
                    Narrow(context, node, o, widened);
            changed = true;
        }
        return changed;
    }

    private static bool IsHalf(GraphValue? value) => value?.Tensor is { Type: DType.Float16 };

    private static GraphValue Widen(RewriteContext context, Node reader, GraphValue value, Dictionary<GraphValue, GraphValue> widened)
    {
        if (widened.TryGetValue(value, out GraphValue? wide))
            return wide;
        wide = context.Patch.NewValue($"{value.Name}.f32", value.Tensor! with { Type = DType.Float32, Constant = null });
        context.Patch.InsertBefore(reader, "Cast", Attributes.Empty.With("to", (long)DType.Float32), [value], [wide]);
        widened.Add(value, wide);
        return wide;
    }

    // The node writes float32; a Cast makes the float16 value for readers that want it, and dies where there are none.
    private static void Narrow(RewriteContext context, Node node, int output, Dictionary<GraphValue, GraphValue> widened)
    {
        GraphValue value = node.Outputs[output]!;
        GraphValue wide = context.Patch.NewValue($"{value.Name}.f32", value.Tensor! with { Type = DType.Float32 });
        node.OutputList[output] = wide;
        wide.Producer = node;
        context.Patch.InsertAfter(node, "Cast", Attributes.Empty.With("to", (long)DType.Float16), [wide], [value]);
        widened.Add(value, wide);
    }
}
