using System.Collections.Immutable;
using Ai3.Ops;

namespace Ai3.Runtime;

/// <summary>
/// Who computes what: rules for nodes by name, then a selector for each operator type; what neither names is chosen automatically.
/// Immutable: each change is a copy, so that a model and its sessions stay as they were.
/// </summary>
public sealed class Selection
{
    /// <summary>What an entry of the form <c>node:PATTERN=NAMES</c> begins with.</summary>
    public const string NodePrefix = "node:";

    private readonly ImmutableSortedDictionary<string, Selector> _byOp;

    private Selection(ImmutableSortedDictionary<string, Selector> byOp, ImmutableArray<NodeRule> nodeRules)
    {
        _byOp = byOp;
        NodeRules = nodeRules;
    }

    /// <summary>Everything is chosen automatically.</summary>
    public static Selection Automatic { get; } = new(ImmutableSortedDictionary.Create<string, Selector>(StringComparer.Ordinal), []);

    /// <summary>Selectors by operator type.</summary>
    public IReadOnlyDictionary<string, Selector> ByOp => _byOp;

    /// <summary>Rules for nodes by name, the last that concerns a node first in rank.</summary>
    public ImmutableArray<NodeRule> NodeRules { get; }

    /// <summary>A selection of the given selectors.</summary>
    public static Selection Of(IReadOnlyDictionary<string, Selector> selectors) => new(selectors.ToImmutableSortedDictionary(StringComparer.Ordinal), []);

    /// <summary>A copy with another selector for one operator type.</summary>
    public Selection WithOp(string op, Selector selector) => new(_byOp.SetItem(op, selector), NodeRules);

    /// <summary>A copy with one more rule for the nodes of a name or pattern; it outranks the rules before it and those of operators.</summary>
    /// <param name="pattern">A node's name, or a pattern in which <c>*</c> is any text and <c>?</c> any character.</param>
    /// <param name="selector">A name, a fallback list or a function.</param>
    public Selection WithNode(string pattern, Selector selector) => new(_byOp, NodeRules.Add(new NodeRule(pattern, selector)));

    /// <summary>A copy with one entry as the command line has it: <c>OP=NAME[,NAME...]</c> or <c>node:PATTERN=NAME[,NAME...]</c>.</summary>
    /// <exception cref="ArgumentException">The entry is of neither form, or names an operator that has an entry.</exception>
    public Selection WithEntry(string entry)
    {
        (string subject, string names, bool isNode) = SplitEntry(entry);
        if (isNode)
            return WithNode(subject, Selector.Names(names));
        return _byOp.ContainsKey(subject)
            ? throw new ArgumentException($"{subject} has two entries; give its algorithms in one list, such as {subject}=first,second,auto")
            : WithOp(subject, Selector.Names(names));
    }

    /// <summary>Reads a rules file: see <see cref="Parse"/>.</summary>
    /// <exception cref="InvalidDataException">The file is no rules file; the message has its path.</exception>
    public static Selection Load(string path) => JsonFile.Load(path, Parse);

    /// <summary>
    /// Reads rules: <c>{"format": "ai3-rules", "version": 1, "operators": {"Conv": "gemm,auto"}, "nodes": [{"node": "layer1/*", "algorithm": "direct"}]}</c>.
    /// The value of an operator is a fallback list, or an array of one list for each node in order.
    /// </summary>
    /// <exception cref="InvalidDataException">The text is no such rules.</exception>
    public static Selection Parse(string json) => SelectionRules.Parse(json);

    /// <summary>The parts of an entry: an operator or a node pattern, and names.</summary>
    internal static (string Subject, string Names, bool IsNode) SplitEntry(string entry)
    {
        bool isNode = entry.StartsWith(NodePrefix, StringComparison.Ordinal);
        // A node's name may hold anything, an algorithm's no '='.
        int equals = isNode ? entry.LastIndexOf('=') : entry.IndexOf('=');
        int start = isNode ? NodePrefix.Length : 0;
        if (equals <= start || equals == entry.Length - 1)
            throw new ArgumentException($"'{entry}' is not OP=NAME[,NAME...] or node:PATTERN=NAME[,NAME...], such as Conv=direct_nchwc,auto");
        return (entry[start..equals].Trim(), entry[(equals + 1)..], isNode);
    }

    /// <summary>The selector of a node, and what named it.</summary>
    /// <param name="node">The node.</param>
    /// <param name="op">Its operator; null for one that runs subgraphs.</param>
    internal (Selector Selector, string Source) For(Node node, OpDefinition? op)
    {
        for (int i = NodeRules.Length - 1; i >= 0; i--)
            if (NodeRules[i].Concerns(node, op))
                return (NodeRules[i].Selector, $"node:{NodeRules[i].Pattern}");
        return _byOp.TryGetValue(node.QualifiedOp, out Selector? selector) || _byOp.TryGetValue(node.OpType, out selector)
            ? (selector, node.OpType) : (Selector.Automatic, "");
    }
}
