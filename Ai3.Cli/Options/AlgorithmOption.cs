using Ai3.Ops;
using Ai3.Runtime;

namespace Ai3.Cli;

/// <summary>Reads <c>--algo OP=NAME[,NAME...]</c> and <c>--algo node:PATTERN=NAME[,NAME...]</c> and checks the names against the catalogue.</summary>
internal static class AlgorithmOption
{
    /// <exception cref="UsageException">An operator or an algorithm is unknown.</exception>
    public static Selection Read(IEnumerable<string> entries, OpCatalog catalog, Selection? start = null)
    {
        Selection selection = start ?? Selection.Automatic;
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (string entry in entries)
        {
            if (entry.StartsWith(Selection.NodePrefix, StringComparison.Ordinal))
            {
                selection = WithNode(selection, entry, catalog);
                continue;
            }
            int equals = entry.IndexOf('=');
            if (equals <= 0 || equals == entry.Length - 1)
                throw new UsageException($"--algo {entry} is not OP=NAME[,NAME...], such as Conv=direct_nchwc,auto");
            string op = entry[..equals];
            if (!seen.Add(op))
                throw new UsageException($"--algo names {op} twice; give its algorithms in one list, such as {op}=first,second,auto");
            string[] names = entry[(equals + 1)..].Split(',', StringSplitOptions.TrimEntries);
            Check(op, names, catalog);
            selection = selection.WithOp(op, Selector.Names(string.Join(',', names)));
        }
        return selection;
    }

    private static Selection WithNode(Selection selection, string entry, OpCatalog catalog)
    {
        int equals = entry.LastIndexOf('=');
        if (equals <= Selection.NodePrefix.Length || equals == entry.Length - 1)
            throw new UsageException($"--algo {entry} is not node:PATTERN=NAME[,NAME...], such as node:/layer1/*=gemm,auto");
        string[] known = [.. catalog.Operators.SelectMany(o => o.Algorithms).Select(a => a.Name).Distinct()];
        foreach (string name in entry[(equals + 1)..].Split(',', StringSplitOptions.TrimEntries))
            if (name is not (Selector.Auto or Selector.DefaultName) && !known.Contains(name))
                throw new UsageException($"no operator has an algorithm '{name}'{Suggestion.For(name, known)} ('ai3 algorithms' lists them)");
        return selection.WithEntry(entry);
    }

    private static void Check(string op, string[] names, OpCatalog catalog)
    {
        OpDefinition[] definitions = [.. catalog.Named(op)];
        if (definitions.Length == 0)
        {
            IEnumerable<string> operators = catalog.Operators.Select(o => o.ToString()).Distinct();
            throw new UsageException($"no operator is named '{op}'{Suggestion.For(op, operators)} ('ai3 algorithms' lists the operators)");
        }
        string[] known = [.. definitions.SelectMany(d => d.Algorithms).Select(a => a.Name).Distinct()];
        foreach (string name in names)
            if (name is not (Selector.Auto or Selector.DefaultName) && !known.Contains(name))
                throw new UsageException(
                    $"{op} has no algorithm '{name}'{Suggestion.For(name, known)} (it has {string.Join(", ", known)}, and {Selector.Auto} for the automatic choice)");
    }
}
