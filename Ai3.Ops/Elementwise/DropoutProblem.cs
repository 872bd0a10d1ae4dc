using System.Collections.Immutable;
using System.Globalization;

namespace Ai3.Ops;

/// <summary>
/// y = x, and a mask of ones if one is asked for: Identity, and Dropout outside of training. In training, elements are dropped at random and
/// the others divided by what is left of one; the mask says which.
/// </summary>
public sealed record DropoutProblem : Problem
{
    /// <summary>The input, which is the output too.</summary>
    public required TensorType Input { get; init; }

    /// <summary>The mask, of the input's shape; may be absent.</summary>
    public TensorType Mask { get; init; }

    /// <summary>Further inputs that are not read (ratio, training mode).</summary>
    public ImmutableArray<TensorType> Unread { get; init; } = [];

    /// <summary>In training, the share of elements that become 0, in [0, 1); null outside of training.</summary>
    public double? Ratio { get; init; }

    /// <summary>In training, what makes every run drop the same elements; null if each run drops others.</summary>
    public long? Seed { get; init; }

    /// <inheritdoc/>
    public override ImmutableArray<TensorType> Inputs => [Input, .. Unread];

    /// <inheritdoc/>
    public override ImmutableArray<TensorType> Outputs => Mask.IsAbsent ? [Input] : [Input, Mask];

    /// <inheritdoc/>
    public override string Key => $"identity {Input}{string.Concat(Unread.Select(u => $" {u}"))} -> {string.Join(' ', Outputs)}{Training}";

    private string Training => Ratio is not { } ratio ? "" : FormattableString.Invariant($" ratio={ratio:R}{(Seed is { } seed ? $" seed={seed}" : "")}");

    /// <summary>Reads a key, or gives null if it is none of these.</summary>
    internal static DropoutProblem? Parse(string key)
    {
        string[] words = key.Split(' ');
        int arrow = Array.IndexOf(words, "->");
        if (arrow < 2 || words[0] != "identity" || arrow + 2 > words.Length)
            return null;
        var types = new List<TensorType>();
        double? ratio = null;
        long? seed = null;
        foreach (string word in words)
            if (word.StartsWith("ratio=", StringComparison.Ordinal) && double.TryParse(word.AsSpan(6), CultureInfo.InvariantCulture, out double share) && share is >= 0 and < 1)
                ratio = share;
            else if (word.StartsWith("seed=", StringComparison.Ordinal) && long.TryParse(word.AsSpan(5), CultureInfo.InvariantCulture, out long number))
                seed = number;
            else if (word is not ("identity" or "->"))
            {
                if (!TensorTypeText.TryParse(word, out TensorType type))
                    return null;
                types.Add(type);
            }
        return new DropoutProblem { Input = types[0], Unread = [.. types[1..(arrow - 1)]], Mask = arrow < types.Count ? types[arrow] : TensorType.Absent, Ratio = ratio, Seed = seed };
    }
}
