using Ai3.Ops;

namespace Ai3.Runtime;

/// <summary>Checks the names of a selection against the catalogue before anything is compiled.</summary>
internal static class SelectionCheck
{
    /// <exception cref="ArgumentException">An operator or an algorithm is unknown.</exception>
    public static void Names(Selection selection, OpCatalog catalog)
    {
        foreach ((string op, Selector selector) in selection.ByOp)
        {
            OpDefinition[] definitions = [.. catalog.Named(op)];
            if (definitions.Length == 0)
                throw new ArgumentException($"no operator is named '{op}'; a name such as Conv is wanted");
            HashSet<string> known = [.. definitions.SelectMany(d => d.Algorithms).Select(a => a.Name), Selector.Auto, Selector.DefaultName];
            foreach (string name in selector.KnownNames)
                if (!known.Contains(name))
                    throw new ArgumentException($"{op} has no algorithm '{name}'; it has {string.Join(", ", known)}");
        }
        if (selection.NodeRules.IsEmpty)
            return;
        HashSet<string> all = [.. catalog.Operators.SelectMany(o => o.Algorithms).Select(a => a.Name), Selector.Auto, Selector.DefaultName];
        foreach (NodeRule rule in selection.NodeRules)
            if (rule.Selector.KnownNames.FirstOrDefault(n => !all.Contains(n)) is { } unknown)
                throw new ArgumentException($"node:{rule.Pattern} names '{unknown}', which is no operator's algorithm");
    }

    /// <summary>Checks that each rule for nodes names some, as the model has them or as rewrites left them.</summary>
    /// <exception cref="ArgumentException">A rule matches no node.</exception>
    public static void Nodes(Selection selection, Graph model, Graph compiled)
    {
        if (selection.NodeRules.IsEmpty)
            return;
        HashSet<string> names = [.. NamesOf(model), .. NamesOf(compiled)];
        foreach (NodeRule rule in selection.NodeRules)
            if (!names.Any(rule.Matches))
                throw new ArgumentException($"no node of the model is named '{rule.Pattern}'; names are such as {string.Join(", ", names.Order(StringComparer.Ordinal).Take(3).Select(n => $"'{n}'"))}");
    }

    private static IEnumerable<string> NamesOf(Graph graph) =>
        graph.Nodes.SelectMany(n => n.Subgraphs.Values.SelectMany(NamesOf).Concat(n.Origins).Append(n.Name));
}
