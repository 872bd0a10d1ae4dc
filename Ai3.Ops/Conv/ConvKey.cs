using System.Collections.Immutable;
using System.Globalization;
using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>
/// The canonical text of a convolution: <c>conv/f32 n1 c256 28x28 m256 k3x3 s1 p1 g1 b bn+relu add relu dyn</c>. Strides, pads and
/// dilations are one number where all axes agree, else one for each (<c>s2x1</c>); pads that differ at the two ends are
/// <c>p0x1:1x2</c>, begins then ends; <c>d</c> is left out where it is 1. <c>b</c>: a bias; <c>dyn</c>: the weights are not constant.
/// </summary>
internal static class ConvKey
{
    private const string Prefix = "conv/";

    public static string Format(ConvProblem p)
    {
        ImmutableArray<ConvAxis> axes = p.Axes;
        string pads = Steps(axes.Select(a => a.PadBegin));
        if (axes.Any(a => a.PadBegin != a.PadEnd))
            pads += ":" + Steps(axes.Select(a => a.PadEnd));
        string dilations = axes.All(a => a.Dilation == 1) ? "" : " d" + Steps(axes.Select(a => a.Dilation));
        return $"{Prefix}{p.Type.ShortName()} n{p.N} c{p.InChannels} {Sizes(axes.Select(a => a.In))} m{p.OutChannels}"
            + $" k{Sizes(axes.Select(a => a.Kernel))} s{Steps(axes.Select(a => a.Stride))} p{pads}{dilations} g{p.Group}"
            + (p.HasBias ? " b" : "") + p.Fusion + (p.HasConstantWeights ? "" : " dyn");
    }

    /// <summary>The problem of a key, or null. Bias and fused vectors are constants where the weights are.</summary>
    public static ConvProblem? Parse(string key)
    {
        var words = new Queue<string>(key.Split(' '));
        string head = words.Dequeue();
        if (!head.StartsWith(Prefix, StringComparison.Ordinal) || words.Count < 7)
            return null;
        DType type = DTypes.Parse(head[Prefix.Length..]);
        long[]? n = Numbers(words, "n", 1), c = Numbers(words, "c", 1), sizes = Numbers(words, "", 0);
        int rank = sizes?.Length ?? 0;
        long[]? m = Numbers(words, "m", 1), kernel = Numbers(words, "k", rank), strides = Numbers(words, "s", rank);
        (long[]? begins, long[]? ends) = Pads(words, rank);
        long[]? dilations = words.TryPeek(out string? d) && d.StartsWith('d') ? Numbers(words, "d", rank) : Fill(1, rank);
        long[]? group = Numbers(words, "g", 1);
        if (type == DType.Undefined || n is null || c is null || sizes is null || rank > 3 || m is null || kernel is null || strides is null
            || begins is null || ends is null || dilations is null || group is null || kernel.Length != rank)
            return null;
        bool bias = Take(words, "b");
        if (!TryFusion(words, out Fusion fusion))
            return null;
        bool dynamic = Take(words, "dyn");
        ConvAxis[] axes = [.. Enumerable.Range(0, rank).Select(i => new ConvAxis(sizes[i], kernel[i], strides[i], begins[i], ends[i], dilations[i]))];
        var problem = new ConvProblem
        {
            Type = type,
            N = n[0],
            InChannels = c[0],
            OutChannels = m[0],
            Group = group[0],
            SpatialRank = rank,
            D = rank > 2 ? axes[^3] : ConvAxis.Absent,
            H = rank > 1 ? axes[^2] : ConvAxis.Absent,
            W = axes[^1],
            HasBias = bias,
            Fusion = fusion,
            ConstantInputs = dynamic ? 0u : (bias ? 0b110u : 0b010u) | (fusion.Prologue ? 0b11u << (fusion.Residual ? 4 : 3) : 0u),
        };
        return words.Count == 0 && ConvChecks.IsValid(problem) ? problem : null;
    }

    private static bool TryFusion(Queue<string> words, out Fusion fusion)
    {
        fusion = Fusion.None;
        if (words.TryPeek(out string? word) && (word == "bn" || word.StartsWith("bn+", StringComparison.Ordinal)))
        {
            Activation first = Activation.None;
            if (word.Length > 2 && !Activation.TryParse(word[3..], out first))
                return false;
            fusion = fusion with { Prologue = true, PrologueActivation = first };
            words.Dequeue();
        }
        if (Take(words, "add"))
            fusion = fusion with { Residual = true };
        if (words.TryPeek(out word) && word != "dyn")
        {
            if (!Activation.TryParse(word, out Activation last))
                return false;
            fusion = fusion with { Activation = last };
            words.Dequeue();
        }
        return true;
    }

    private static (long[]? Begins, long[]? Ends) Pads(Queue<string> words, int rank)
    {
        if (!words.TryDequeue(out string? word))
            return default;
        string[] parts = word.Split(':');
        long[]? begins = Numbers(new Queue<string>([parts[0]]), "p", rank);
        return (begins, parts.Length switch { 1 => begins, 2 => Numbers(new Queue<string>([parts[1]]), "", rank), _ => null });
    }

    // Numbers joined by x after a prefix: as many as wanted (0 for any), or one that stands for all.
    private static long[]? Numbers(Queue<string> words, string prefix, int wanted)
    {
        if (!words.TryDequeue(out string? word) || !word.StartsWith(prefix, StringComparison.Ordinal))
            return null;
        string[] parts = word[prefix.Length..].Split('x');
        var values = new long[parts.Length];
        for (int i = 0; i < parts.Length; i++)
            if (!long.TryParse(parts[i], NumberStyles.None, CultureInfo.InvariantCulture, out values[i]))
                return null;
        if (wanted == 0 || values.Length == wanted)
            return values;
        return values.Length == 1 ? Fill(values[0], wanted) : null;
    }

    private static bool Take(Queue<string> words, string word)
    {
        bool found = words.TryPeek(out string? next) && next == word;
        if (found)
            words.Dequeue();
        return found;
    }

    private static long[] Fill(long value, int count) => [.. Enumerable.Repeat(value, count)];

    private static string Sizes(IEnumerable<long> values) => string.Join('x', values);

    private static string Steps(IEnumerable<long> values) => Sizes(values.Distinct().Count() == 1 ? values.Take(1) : values);
}
