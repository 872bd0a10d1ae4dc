using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>Which operator's inputs and outputs an attention problem has.</summary>
public enum AttentionForm
{
    /// <summary>ai.onnx Attention: Q, K, V, mask, past key and value, key counts.</summary>
    Standard,
    /// <summary>com.microsoft MultiHeadAttention: Q, K, V (or packed), bias, key padding, score bias, past key and value.</summary>
    MultiHead,
    /// <summary>com.microsoft GroupQueryAttention: Q, K, V (or packed), past key and value, key counts, rotary tables, score bias, sink.</summary>
    GroupQuery,
    /// <summary>com.microsoft Attention: x, weights and bias of the projection, mask, past, score bias.</summary>
    Projected,
}

/// <summary>What the optional output of scores holds.</summary>
public enum AttentionScores
{
    /// <summary>scale Q K'.</summary>
    Raw,
    /// <summary>After the soft cap.</summary>
    Capped,
    /// <summary>After mask and bias.</summary>
    Biased,
    /// <summary>After the softmax.</summary>
    Normalized,
}

/// <summary>
/// Y = softmax(cap(Scale Q K') + mask) V for every batch and head, with grouped heads, a cache of keys and values, and what the
/// operators do to queries and keys before (projection, bias, rotation).
/// </summary>
public sealed record AttentionProblem : Problem
{
    /// <summary>The operator's form.</summary>
    public required AttentionForm Form { get; init; }

    /// <summary>The operator's inputs.</summary>
    public required ImmutableArray<TensorType> Operands { get; init; }

    /// <summary>The operator's outputs.</summary>
    public required ImmutableArray<TensorType> Results { get; init; }

    /// <summary>Heads of the queries.</summary>
    public required int Heads { get; init; }

    /// <summary>Heads of keys and values: a divisor of <see cref="Heads"/>.</summary>
    public required int KvHeads { get; init; }

    /// <summary>The factor of the scores.</summary>
    public required float Scale { get; init; }

    /// <summary>Scores s become Softcap tanh(s / Softcap); 0 for none.</summary>
    public float Softcap { get; init; }

    /// <summary>True if a query sees no key behind its own position.</summary>
    public bool Causal { get; init; }

    /// <summary>Keys that a query sees before its own position; -1 for all.</summary>
    public long Left { get; init; } = -1;

    /// <summary>Keys that a query sees behind its own position; -1 for all.</summary>
    public long Right { get; init; } = -1;

    /// <summary>What the output of scores holds.</summary>
    public AttentionScores Scores { get; init; }

    /// <summary>What is added to scores of keys that an integer mask leaves out.</summary>
    public float MaskFilter { get; init; } = -10000;

    /// <summary>GroupQuery: the greatest number of keys, past and new.</summary>
    public long TotalLength { get; init; }

    /// <summary>GroupQuery: whether queries and keys are rotated by position.</summary>
    public bool Rotary { get; init; }

    /// <summary>Whether rotation takes neighbouring elements rather than the two halves.</summary>
    public bool Interleaved { get; init; }

    /// <summary>Whether 1 (a score of 0) is added to every softmax's sum.</summary>
    public bool SmoothSoftmax { get; init; }

    /// <summary>Projected: the widths of Q, K and V.</summary>
    public ImmutableArray<long> HiddenSizes { get; init; } = [];

    /// <summary>The element type of Q, K, V and Y.</summary>
    public DType Type => Operands[0].Type;

    /// <inheritdoc/>
    public override ImmutableArray<TensorType> Inputs => Operands;

    /// <inheritdoc/>
    public override ImmutableArray<TensorType> Outputs => Results;

    /// <inheritdoc/>
    public override double Flops
    {
        get
        {
            var g = new AttentionGeometry(this);
            double projection = Form == AttentionForm.Projected ? 2.0 * g.Batch * g.Queries * Operands[1].Shape.Count : 0;
            return projection + 2.0 * g.Batch * g.Heads * g.Queries * g.Capacity * (g.Size + g.ValueSize);
        }
    }

    /// <summary>The longest chain of roundings between inputs and scores or output, as a multiple of u, for error bounds.</summary>
    internal double Chain
    {
        get
        {
            var g = new AttentionGeometry(this);
            double chain = g.Size + g.Capacity / 4.0 + 40;
            if (Form == AttentionForm.Projected)
                chain += 3 * Operands[1].Shape[0];
            // Queries, keys and values that were changed first are rounded to the element type in between.
            if (g.MovesQuery || g.Assembles)
                chain += Type switch { DType.Float16 => 3 << 13, DType.BFloat16 => 3 << 16, _ => 8 };
            return chain;
        }
    }

    /// <inheritdoc/>
    public override string Key
    {
        get
        {
            var key = new StringBuilder("attention/").Append(Form.ToString().ToLowerInvariant());
            foreach (TensorType operand in Operands)
                key.Append(' ').Append(operand);
            key.Append(" ->");
            foreach (TensorType result in Results)
                key.Append(' ').Append(result);
            key.Append(CultureInfo.InvariantCulture, $" heads={Heads} kv={KvHeads} scale={Scale:R}");
            if (Softcap != 0)
                key.Append(CultureInfo.InvariantCulture, $" cap={Softcap:R}");
            if (Left >= 0)
                key.Append(CultureInfo.InvariantCulture, $" left={Left}");
            if (Right >= 0)
                key.Append(CultureInfo.InvariantCulture, $" right={Right}");
            if (Scores != AttentionScores.Raw)
                key.Append(" scores=").Append((int)Scores);
            if (MaskFilter != -10000)
                key.Append(CultureInfo.InvariantCulture, $" filter={MaskFilter:R}");
            if (TotalLength != 0)
                key.Append(CultureInfo.InvariantCulture, $" total={TotalLength}");
            if (HiddenSizes.Length > 0)
                key.Append(" hidden=").AppendJoin(',', HiddenSizes);
            key.Append(Causal ? " causal" : "").Append(Rotary ? " rotary" : "").Append(Interleaved ? " interleaved" : "").Append(SmoothSoftmax ? " smooth" : "");
            return key.Append(Form == AttentionForm.Projected && !IsConstant(1) ? " dyn" : "").ToString();
        }
    }

    /// <summary>Reads a key; null if it is none of an attention problem.</summary>
    public static AttentionProblem? Parse(string key)
    {
        string[] words = key.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        if (words.Length < 3 || !words[0].StartsWith("attention/", StringComparison.Ordinal)
            || !Enum.TryParse(words[0][10..], ignoreCase: true, out AttentionForm form) || char.IsAsciiDigit(words[0][10]))
            return null;
        var operands = ImmutableArray.CreateBuilder<TensorType>();
        var results = ImmutableArray.CreateBuilder<TensorType>();
        int at = 1;
        for (; at < words.Length && TensorTypeText.TryParse(words[at], out TensorType operand); at++)
            operands.Add(operand);
        if (at >= words.Length || words[at++] != "->")
            return null;
        for (; at < words.Length && TensorTypeText.TryParse(words[at], out TensorType result); at++)
            results.Add(result);
        if (operands.Count == 0 || results.Count == 0 || operands[0].IsAbsent)
            return null;
        var problem = new AttentionProblem { Form = form, Operands = operands.ToImmutable(), Results = results.ToImmutable(), Heads = 1, KvHeads = 1, Scale = 1 };
        bool constant = form == AttentionForm.Projected;
        foreach (string word in words.AsSpan(at))
        {
            string[] pair = word.Split('=');
            AttentionProblem? next = pair.Length == 2 ? Valued(problem, pair[0], pair[1]) : word switch
            {
                "causal" => problem with { Causal = true },
                "rotary" => problem with { Rotary = true },
                "interleaved" => problem with { Interleaved = true },
                "smooth" => problem with { SmoothSoftmax = true },
                "dyn" => problem,
                _ => null,
            };
            if (next is null)
                return null;
            constant &= word != "dyn";
            problem = next;
        }
        return problem with { ConstantInputs = constant ? 0b110u : 0 };
    }

    private static AttentionProblem? Valued(AttentionProblem problem, string name, string text)
    {
        if (name == "hidden")
        {
            long[] sizes = [.. text.Split(',').Select(t => long.TryParse(t, CultureInfo.InvariantCulture, out long size) ? size : -1)];
            return sizes.Length == 3 && sizes.All(s => s > 0) ? problem with { HiddenSizes = [.. sizes] } : null;
        }
        if (!float.TryParse(text, CultureInfo.InvariantCulture, out float real))
            return null;
        _ = long.TryParse(text, CultureInfo.InvariantCulture, out long whole);
        return name switch
        {
            "heads" when whole is > 0 and <= int.MaxValue => problem with { Heads = (int)whole },
            "kv" when whole is > 0 and <= int.MaxValue => problem with { KvHeads = (int)whole },
            "scale" => problem with { Scale = real },
            "cap" => problem with { Softcap = real },
            "left" => problem with { Left = whole },
            "right" => problem with { Right = whole },
            "scores" when whole is >= 0 and <= 3 => problem with { Scores = (AttentionScores)whole },
            "filter" => problem with { MaskFilter = real },
            "total" => problem with { TotalLength = whole },
            _ => null,
        };
    }

    /// <inheritdoc/>
    public bool Equals(AttentionProblem? other) => other is not null && other.Key == Key && other.ConstantInputs == ConstantInputs;

    /// <inheritdoc/>
    public override int GetHashCode() => Key.GetHashCode(StringComparison.Ordinal);
}
