using System.Collections.Immutable;

namespace Ai3.Runtime;

/// <summary>
/// Says which algorithm computes a node: a name, a fallback list such as <c>winograd_f4x4_3x3,direct_nchwc,auto</c> (the first
/// that applies), a list in node order, or a function. A name without a fallback is strict.
/// </summary>
public abstract record Selector
{
    private Selector() { }

    /// <summary>The automatic choice.</summary>
    public const string Auto = "auto";

    /// <summary>Another word for the automatic choice, as ai3 has it.</summary>
    public const string DefaultName = "default";

    /// <summary>The automatic choice for every node.</summary>
    public static Selector Automatic { get; } = new ByName([Auto]);

    /// <summary>A name or a fallback list, comma separated.</summary>
    public static implicit operator Selector(string names) => Names(names);

    /// <summary>A name or a fallback list, comma separated.</summary>
    public static Selector Names(string names) => new ByName(Split(names));

    /// <summary>One entry for each node of the operator, in node order; each may be a fallback list.</summary>
    public static Selector List(params ReadOnlySpan<string> entries)
    {
        var lists = ImmutableArray.CreateBuilder<ImmutableArray<string>>(entries.Length);
        foreach (string entry in entries)
            lists.Add(Split(entry));
        return new ByOrder(lists.ToImmutable());
    }

    /// <summary>A function from a node to a name or a fallback list.</summary>
    public static Selector Function(Func<NodeView, string> function) => new ByFunction(function);

    /// <summary>The names to try for a node, in order.</summary>
    /// <exception cref="ArgumentException">A list in node order has no entry for the node.</exception>
    public abstract ImmutableArray<string> NamesFor(NodeView node);

    /// <summary>Every name the selector can be known to use, for checking against the catalogue.</summary>
    internal abstract IEnumerable<string> KnownNames { get; }

    /// <summary>True for a list in node order.</summary>
    internal bool IsList => this is ByOrder;

    internal static bool IsAuto(string name) => name is Auto or DefaultName;

    private static ImmutableArray<string> Split(string names)
    {
        string[] parts = names.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        return parts.Length > 0 ? [.. parts] : throw new ArgumentException("an algorithm selector is empty; give a name such as auto");
    }

    private sealed record ByName(ImmutableArray<string> Fallbacks) : Selector
    {
        internal override IEnumerable<string> KnownNames => Fallbacks;

        public override ImmutableArray<string> NamesFor(NodeView node) => Fallbacks;
    }

    private sealed record ByOrder(ImmutableArray<ImmutableArray<string>> Entries) : Selector
    {
        internal override IEnumerable<string> KnownNames => Entries.SelectMany(e => e);

        public override ImmutableArray<string> NamesFor(NodeView node) => node.Index < Entries.Length ? Entries[node.Index]
            : throw new ArgumentException($"the list for {node.Op} has {Entries.Length} entries, but node '{node.Name}' is number {node.Index + 1}");
    }

    private sealed record ByFunction(Func<NodeView, string> Choose) : Selector
    {
        internal override IEnumerable<string> KnownNames => [];

        public override ImmutableArray<string> NamesFor(NodeView node) => Split(Choose(node));
    }
}
