using System.Collections.Immutable;

namespace Ai3.Runtime;

/// <summary>Who computes what: a selector for each operator type; operators left out are chosen automatically. Immutable.</summary>
public sealed class Selection
{
    private readonly ImmutableSortedDictionary<string, Selector> _byOp;

    private Selection(ImmutableSortedDictionary<string, Selector> byOp) => _byOp = byOp;

    /// <summary>Everything is chosen automatically.</summary>
    public static Selection Automatic { get; } = new(ImmutableSortedDictionary.Create<string, Selector>(StringComparer.Ordinal));

    /// <summary>Selectors by operator type.</summary>
    public IReadOnlyDictionary<string, Selector> ByOp => _byOp;

    /// <summary>A selection of the given selectors.</summary>
    public static Selection Of(IReadOnlyDictionary<string, Selector> selectors) => new(selectors.ToImmutableSortedDictionary(StringComparer.Ordinal));

    /// <summary>A copy with another selector for one operator type.</summary>
    public Selection WithOp(string op, Selector selector) => new(_byOp.SetItem(op, selector));

    /// <summary>The selector of an operator type.</summary>
    public Selector For(Node node) =>
        _byOp.TryGetValue(node.QualifiedOp, out Selector? selector) || _byOp.TryGetValue(node.OpType, out selector) ? selector : Selector.Automatic;
}
