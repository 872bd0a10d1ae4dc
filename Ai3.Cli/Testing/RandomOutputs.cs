using Ai3.Runtime;
using Ai3.Tensors;

namespace Ai3.Cli;

/// <summary>
/// Finds the outputs whose values come from a random generator, and checks what can be checked of them: element type, shape
/// and the range that the operator allows.
/// </summary>
/// <param name="inputs">The values fed, by name.</param>
internal sealed class RandomOutputs(IReadOnlyDictionary<string, Value> inputs)
{
    /// <summary>True if the value depends on a random operator.</summary>
    public bool IsRandom(GraphValue value)
    {
        var seen = new HashSet<GraphValue>();
        var open = new Stack<GraphValue>([value]);
        while (open.TryPop(out GraphValue? next))
        {
            if (!seen.Add(next) || next.Producer is not { } node)
                continue;
            if (IsRandom(node) || node.Subgraphs.Values.Any(HasRandomNode))
                return true;
            foreach (GraphValue read in node.Reads.Concat(node.Subgraphs.Values.SelectMany(g => g.Captures)))
                open.Push(read);
        }
        return false;
    }

    /// <summary>Checks a random output; null if it is as it should be.</summary>
    public string? Check(GraphValue output, Value got, Value expected)
    {
        if (got is not Tensor g || expected is not Tensor e)
            return got.Fact == expected.Fact ? null : $"got {got.Fact}, expected {expected.Fact}";
        if (g.Type != e.Type || g.Shape != e.Shape)
            return $"got {g.Type.ShortName()}{g.Shape}, expected {e.Type.ShortName()}{e.Shape}";
        if (!Elements.IsReal(g.Type) && !Elements.IsWhole(g.Type) || output.Producer is not { } node)
            return null;
        return CheckRange(node, output, g);
    }

    private string? CheckRange(Node node, GraphValue output, Tensor got)
    {
        Func<double, int, bool> allowed;
        string rule;
        switch (node.OpType)
        {
            case "RandomUniform" or "RandomUniformLike":
                float low = node.Attributes.Float("low", 0), high = node.Attributes.Float("high", 1);
                (allowed, rule) = ((x, _) => x >= low && x <= high, $"in [{low}, {high}]");
                break;
            case "Bernoulli":
                (allowed, rule) = ((x, _) => x is 0 or 1, "0 or 1");
                break;
            case "Multinomial":
                long classes = node.Inputs[0] is { } weights && inputs.GetValueOrDefault(weights.Name) is Tensor { Shape.Rank: 2 } t ? t.Shape[1] : long.MaxValue;
                (allowed, rule) = ((x, _) => x >= 0 && x < classes, $"in [0, {classes})");
                break;
            case "Dropout" when output == node.Outputs[0] && Fed(node, 0) is { } data && data.Shape == got.Shape:
                var source = new Elements(data);
                double scale = 1 / (1 - Ratio(node));
                (allowed, rule) = ((x, i) => x == 0 || Math.Abs(x - source.Real(i) * scale) <= 1e-3 * Math.Abs(x), "0 or the input scaled by 1/(1-ratio)");
                break;
            default:
                (allowed, rule) = ((x, _) => double.IsFinite(x), "finite");
                break;
        }
        var elements = new Elements(got);
        for (int i = 0; i < got.Count; i++)
            if (!allowed(Elements.IsReal(got.Type) ? elements.Real(i) : (double)elements.Whole(i), i))
                return $"element {i} of a random output is {elements.Text(i)}, must be {rule}";
        return null;
    }

    private bool HasRandomNode(Graph graph) => graph.Nodes.Any(n => IsRandom(n) || n.Subgraphs.Values.Any(HasRandomNode));

    private bool IsRandom(Node node) => node.OpType switch
    {
        "RandomNormal" or "RandomNormalLike" or "RandomUniform" or "RandomUniformLike" or "Bernoulli" or "Multinomial" => true,
        "Dropout" when node.Opset < 7 => node.Attributes.Int("is_test", 0) == 0 && Ratio(node) > 0,
        "Dropout" when node.Opset >= 12 => node.Inputs.Count > 2 && node.Inputs[2] is not null && (Fed(node, 2)?.AsBytes()[0] ?? 1) != 0 && Ratio(node) > 0,
        _ => false,
    };

    private double Ratio(Node node)
    {
        if (node.Opset < 12)
            return node.Attributes.Float("ratio", 0.5f);
        bool given = node.Inputs.Count > 1 && node.Inputs[1] is not null;
        return !given ? 0.5 : Fed(node, 1) is { } ratio ? new Elements(ratio).Real(0) : 0.5;
    }

    // A constant of the model or a value that the case feeds.
    private Tensor? Fed(Node node, int input) =>
        node.Inputs[input] is not { } value ? null : value.Constant ?? inputs.GetValueOrDefault(value.Name) as Tensor;
}
