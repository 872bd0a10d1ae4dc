using Ai3.Tensors;

namespace Ai3.Runtime;

/// <summary>Names of a model under construction, each used once in the model and its subgraphs.</summary>
internal sealed class BuilderNames
{
    private readonly HashSet<string> _taken = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int> _made = new(StringComparer.Ordinal);
    private string _prefix = "";
    private int _fresh;

    /// <summary>Reserves a name that the caller chose.</summary>
    /// <exception cref="ArgumentException">The name is empty or in use.</exception>
    public string Take(string name)
    {
        if (name.Length == 0)
            throw new ArgumentException("a name is empty");
        return _taken.Add(name) ? name : throw new ArgumentException(OneLine.Of($"the name '{name}' is in use; each name is defined once"));
    }

    /// <summary>Makes a name in the current scope.</summary>
    public string Make(string stem)
    {
        stem = _prefix + stem;
        int count = _made.GetValueOrDefault(stem);
        string name;
        do
            name = count++ == 0 ? stem : $"{stem}_{count}";
        while (!_taken.Add(name));
        _made[stem] = count;
        return name;
    }

    /// <summary>Gives a name back.</summary>
    public void Release(string name) => _taken.Remove(name);

    /// <summary>Puts a name in front of the names made until the result is disposed.</summary>
    public IDisposable Enter(string scope)
    {
        string outer = _prefix;
        _prefix = $"{outer}{scope}/";
        return new Leave(() => _prefix = outer);
    }

    /// <summary>A symbol for a dimension that nothing is known of.</summary>
    public Dim Fresh() => Dim.Symbol($"unknown_{_fresh++}");

    private sealed class Leave(Action action) : IDisposable
    {
        public void Dispose() => action();
    }
}
