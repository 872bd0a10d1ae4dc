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
    }
}
