using System.Collections.Immutable;
using System.Text;

namespace Ai3.Ops;

/// <summary>
/// An Einsum equation read: a term of labels for each operand and one for the output, the ellipsis as one character. Resolved against
/// ranks, every axis gets a label: a letter, or the place of an ellipsis axis counted from its end.
/// </summary>
internal sealed class EinsumEquation
{
    /// <summary>Labels an equation may have once its ellipsis is resolved.</summary>
    public const int MaxLabels = 128;

    private const char Ellipsis = '.';
    private const int FirstEllipsisLabel = 256;

    private readonly ImmutableArray<string> _terms;
    private readonly string _output;

    private EinsumEquation(ImmutableArray<string> terms, string output)
    {
        _terms = terms;
        _output = output;
    }

    /// <summary>Reads an equation for a number of operands; without <c>-&gt;</c>, the output has the labels that occur once, in ASCII order.</summary>
    /// <exception cref="OpException">It is none, or does not fit.</exception>
    public static EinsumEquation Parse(string text, int operands)
    {
        string compact = text.Replace(" ", "", StringComparison.Ordinal), shown = Printable(text);
        int arrow = compact.IndexOf("->", StringComparison.Ordinal);
        string left = arrow < 0 ? compact : compact[..arrow];
        string[] terms = Array.ConvertAll(left.Split(','), term => Term(term, shown));
        if (terms.Length != operands)
            throw new OpException($"equation \"{shown}\" has {terms.Length} terms, must have {operands} as there are inputs");
        string output = arrow < 0 ? Implicit(terms) : Term(compact[(arrow + 2)..], shown);
        for (int i = 0; i < output.Length; i++)
        {
            if (output.IndexOf(output[i], i + 1) >= 0)
                throw new OpException($"equation \"{shown}\" has '{output[i]}' twice in its output, must have each label once");
            if (output[i] != Ellipsis && !terms.Any(t => t.Contains(output[i])))
                throw new OpException($"equation \"{shown}\" has '{output[i]}' in its output, but in no input");
        }
        if (terms.Any(t => t.Contains(Ellipsis)) && !output.Contains(Ellipsis))
            throw new OpException($"equation \"{shown}\" has an ellipsis in an input, so it must have one in its output");
        return new EinsumEquation([.. terms], output);
    }

    /// <summary>The labels of each operand's axes.</summary>
    /// <exception cref="OpException">A rank does not fit its term.</exception>
    public ImmutableArray<ImmutableArray<int>> Labels(ReadOnlySpan<int> ranks)
    {
        var all = ImmutableArray.CreateBuilder<ImmutableArray<int>>(ranks.Length);
        for (int i = 0; i < ranks.Length; i++)
        {
            int letters = _terms[i].Count(char.IsAsciiLetter), hidden = ranks[i] - letters;
            if (hidden < 0 || hidden > 0 && letters == _terms[i].Length)
                throw new OpException($"input {i} has rank {ranks[i]}, but its term \"{Text(_terms[i])}\" names {letters} axes");
            if (hidden > MaxLabels)
                throw new OpException($"input {i} has rank {ranks[i]}, more than Einsum can label");
            all.Add(Resolve(_terms[i], hidden));
        }
        return all.MoveToImmutable();
    }

    /// <summary>The labels of the output's axes.</summary>
    public ImmutableArray<int> OutputLabels(ImmutableArray<ImmutableArray<int>> labels)
    {
        int hidden = 0;
        foreach (ImmutableArray<int> operand in labels)
            foreach (int label in operand)
                hidden = Math.Max(hidden, label - FirstEllipsisLabel + 1);
        return Resolve(_output, hidden);
    }

    /// <summary>The equation without spaces, always with its output.</summary>
    public override string ToString() => $"{string.Join(',', _terms.Select(Text))}->{Text(_output)}";

    private static ImmutableArray<int> Resolve(string term, int hidden)
    {
        var labels = ImmutableArray.CreateBuilder<int>();
        foreach (char c in term)
            if (c != Ellipsis)
                labels.Add(c);
            else
                for (int i = hidden - 1; i >= 0; i--)
                    labels.Add(FirstEllipsisLabel + i);
        return labels.ToImmutable();
    }

    private static string Term(string term, string equation)
    {
        int dots = term.IndexOf("...", StringComparison.Ordinal);
        string compact = dots < 0 ? term : $"{term[..dots]}{Ellipsis}{term[(dots + 3)..]}";
        for (int i = 0; i < compact.Length; i++)
            if (!char.IsAsciiLetter(compact[i]) && i != dots)
                throw new OpException($"equation \"{equation}\" has '{Printable(compact[i..(i + 1)])}' in a term, must be letters and at most one ellipsis");
        return compact;
    }

    private static string Implicit(string[] terms)
    {
        var counts = new int[128];
        foreach (char c in string.Concat(terms))
            counts[c]++;
        var output = new StringBuilder();
        if (counts[Ellipsis] > 0)
            output.Append(Ellipsis);
        for (int c = 'A'; c <= 'z'; c++)
            if (counts[c] == 1)
                output.Append((char)c);
        return output.ToString();
    }

    private static string Text(string term) => term.Replace(".", "...", StringComparison.Ordinal);

    private static string Printable(string text) => string.Concat((text.Length > 60 ? text[..60] : text).Select(c => char.IsControl(c) ? '?' : c));
}
