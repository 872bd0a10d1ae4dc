using System.Collections.Immutable;

namespace Ai3.Ops;

/// <summary>Operators and their algorithms: an immutable value. A user's own algorithm enters by <see cref="With{TProblem}"/>.</summary>
public sealed class OpCatalog
{
    private readonly ImmutableDictionary<(string Domain, string Name), ImmutableArray<OpDefinition>> _operators;

    private OpCatalog(ImmutableDictionary<(string, string), ImmutableArray<OpDefinition>> operators) => _operators = operators;

    /// <summary>The operators that come with the runtime.</summary>
    public static OpCatalog Default { get; } = Of(StandardOps.All);

    /// <summary>A catalogue of the given operators.</summary>
    public static OpCatalog Of(IEnumerable<OpDefinition> operators) =>
        new(operators.GroupBy(o => (o.Domain, o.Name)).ToImmutableDictionary(g => g.Key, g => g.OrderBy(o => o.Since).ToImmutableArray()));

    /// <summary>Every operator, by domain, name and version.</summary>
    public IEnumerable<OpDefinition> Operators =>
        _operators.OrderBy(p => p.Key.Domain, StringComparer.Ordinal).ThenBy(p => p.Key.Name, StringComparer.Ordinal).SelectMany(p => p.Value);

    /// <summary>The operator that serves a version of a domain, or null.</summary>
    public OpDefinition? Find(string domain, string name, int opset)
    {
        if (_operators.TryGetValue((domain, name), out ImmutableArray<OpDefinition> versions))
            foreach (OpDefinition definition in versions)
                if (definition.Since <= opset && opset <= definition.Until)
                    return definition;
        return null;
    }

    /// <summary>All versions of operators with a name, whatever their domain.</summary>
    public IEnumerable<OpDefinition> Named(string name) => Operators.Where(o => o.Name == name || o.ToString() == name);

    /// <summary>A catalogue with one more algorithm for every version of an operator.</summary>
    /// <typeparam name="TProblem">The operator's problem type.</typeparam>
    /// <param name="op">The operator's name.</param>
    /// <param name="row">The algorithm.</param>
    /// <exception cref="ArgumentException">No such operator with that problem type, or the name is taken.</exception>
    public OpCatalog With<TProblem>(string op, Algorithm<TProblem> row) where TProblem : Problem
    {
        OpDefinition<TProblem>[] targets = [.. Named(op).OfType<OpDefinition<TProblem>>()];
        if (targets.Length == 0)
            throw new ArgumentException($"no operator {op} with problems of type {typeof(TProblem).Name} in the catalogue");
        return Of(Operators.Select(o => o is OpDefinition<TProblem> typed && targets.Contains(typed) ? typed.With(row) : o));
    }

    /// <summary>A catalogue with one more operator.</summary>
    public OpCatalog With(OpDefinition definition) => Of(Operators.Append(definition));
}
