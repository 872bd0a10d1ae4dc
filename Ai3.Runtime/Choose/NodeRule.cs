using Ai3.Ops;

namespace Ai3.Runtime;

/// <summary>Who computes the nodes of a name or pattern.</summary>
/// <remarks>
/// A node that rewrites made of several answers to the names of all of them. A pattern with wildcards concerns only nodes whose
/// operator has one of the selector's algorithms, so that <c>layer1/*</c> with <c>gemm</c> leaves the activations there alone; an exact
/// name is strict.
/// </remarks>
public sealed class NodeRule
{
    /// <summary>A rule.</summary>
    /// <param name="pattern">A node's name, or a pattern in which <c>*</c> is any text and <c>?</c> any character.</param>
    /// <param name="selector">A name, a fallback list or a function.</param>
    /// <exception cref="ArgumentException">The pattern is empty, or the selector is a list in node order.</exception>
    public NodeRule(string pattern, Selector selector)
    {
        if (pattern.Length == 0)
            throw new ArgumentException("a node pattern is empty; give a node's name or a pattern such as layer1/*");
        if (selector.IsList)
            throw new ArgumentException($"node:{pattern} has a list in node order, which belongs to an operator; give a name, a fallback list or a function");
        Pattern = pattern;
        Selector = selector;
    }

    /// <summary>The name or pattern.</summary>
    public string Pattern { get; }

    /// <summary>Who computes.</summary>
    public Selector Selector { get; }

    /// <summary>True if the pattern has wildcards.</summary>
    internal bool IsPattern => Pattern.AsSpan().ContainsAny('*', '?');

    /// <summary>True if a name is the pattern, or fits it.</summary>
    public bool Matches(string name) => name == Pattern || IsPattern && Matches(Pattern, name);

    internal bool Concerns(Node node, OpDefinition? op)
    {
        if (!Matches(node.Name) && !node.Origins.Any(Matches))
            return false;
        string[] names = [.. Selector.KnownNames.Where(n => !Selector.IsAuto(n))];
        return !IsPattern || names.Length == 0 || op is not null && op.Algorithms.Any(a => names.Contains(a.Name));
    }

    // Goes back to the last star when the text after it does not fit: linear for one star, never exponential.
    private static bool Matches(ReadOnlySpan<char> pattern, ReadOnlySpan<char> name)
    {
        int p = 0, n = 0, star = -1, resume = 0;
        while (n < name.Length)
        {
            if (p < pattern.Length && pattern[p] == '*')
            {
                star = p++;
                resume = n;
            }
            else if (p < pattern.Length && (pattern[p] == '?' || pattern[p] == name[n]))
            {
                p++;
                n++;
            }
            else if (star >= 0)
            {
                p = star + 1;
                n = ++resume;
            }
            else
            {
                return false;
            }
        }
        while (p < pattern.Length && pattern[p] == '*')
            p++;
        return p == pattern.Length;
    }
}
