using System.Collections.Immutable;
using System.Globalization;
using System.Text;

namespace Ai3.Ops;

/// <summary>y = f(a, b, ...) for each element, operands broadcast to the output's shape (aligned at the last axis, 1 stretches).</summary>
public sealed record ElementwiseProblem : Problem
{
    /// <summary>The function's name, such as <c>add</c>, <c>relu</c> or <c>gelu_tanh</c>.</summary>
    public required string Function { get; init; }

    /// <summary>The operands; an optional one may be absent.</summary>
    public required ImmutableArray<TensorType> Operands { get; init; }

    /// <summary>The output.</summary>
    public required TensorType Output { get; init; }

    /// <summary>The function's first constant.</summary>
    public float Alpha { get; init; }

    /// <summary>The function's second constant.</summary>
    public float Beta { get; init; }

    /// <summary>The output axis that the first axis of operand 1 aligns with (opsets before 7); -1 for alignment at the last.</summary>
    public int Axis { get; init; } = -1;

    /// <inheritdoc/>
    public override ImmutableArray<TensorType> Inputs => Operands;

    /// <inheritdoc/>
    public override ImmutableArray<TensorType> Outputs => [Output];

    /// <inheritdoc/>
    public override double Flops => Output.Shape.Count;

    /// <inheritdoc/>
    public override string Key
    {
        get
        {
            var text = new StringBuilder("ew/").Append(Function);
            foreach (TensorType operand in Operands)
                text.Append(' ').Append(operand);
            text.Append(" -> ").Append(Output);
            if (Alpha != 0)
                text.Append(CultureInfo.InvariantCulture, $" alpha={Alpha:R}");
            if (Beta != 0)
                text.Append(CultureInfo.InvariantCulture, $" beta={Beta:R}");
            if (Axis >= 0)
                text.Append(CultureInfo.InvariantCulture, $" axis={Axis}");
            return text.ToString();
        }
    }

    /// <summary>Reads a key, or gives null if it is no key of an element-wise problem.</summary>
    internal static ElementwiseProblem? Parse(string key)
    {
        string[] words = key.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        int arrow = Array.IndexOf(words, "->");
        if (arrow < 2 || arrow + 1 >= words.Length || !words[0].StartsWith("ew/", StringComparison.Ordinal))
            return null;
        var operands = new TensorType[arrow - 1];
        for (int i = 0; i < operands.Length; i++)
            if (!TensorTypeText.TryParse(words[i + 1], out operands[i]))
                return null;
        if (!TensorTypeText.TryParse(words[arrow + 1], out TensorType output))
            return null;
        var problem = new ElementwiseProblem { Function = words[0][3..], Operands = [.. operands], Output = output };
        foreach (string word in words.AsSpan(arrow + 2))
        {
            string[] pair = word.Split('=');
            if (pair.Length != 2 || !float.TryParse(pair[1], CultureInfo.InvariantCulture, out float value))
                return null;
            problem = pair[0] switch
            {
                "alpha" => problem with { Alpha = value },
                "beta" => problem with { Beta = value },
                "axis" => problem with { Axis = (int)value },
                _ => problem,
            };
        }
        return problem;
    }
}
