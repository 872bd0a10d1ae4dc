using Ai3.Tensors;

namespace Ai3.Runtime;

/// <summary>What a run computed. Disposing gives the buffers back.</summary>
public sealed class Outputs : IDisposable
{
    private readonly IReadOnlyList<GraphValue> _declared;
    private readonly Value[] _values;

    internal Outputs(IReadOnlyList<GraphValue> declared, Value[] values)
    {
        _declared = declared;
        _values = values;
    }

    /// <summary>The number of outputs.</summary>
    public int Count => _values.Length;

    /// <summary>Output <paramref name="index"/>, which must be a tensor.</summary>
    /// <exception cref="InvalidOperationException">The output is a sequence, map or optional: use <see cref="Value(int)"/>.</exception>
    public Tensor this[int index] => _values[index] as Tensor
        ?? throw new InvalidOperationException($"output '{_declared[index].Name}' is {_values[index].Fact}, not a tensor");

    /// <summary>The output of a name, which must be a tensor.</summary>
    public Tensor this[string name] => this[IndexOf(name)];

    /// <summary>Output <paramref name="index"/>, whatever it is.</summary>
    public Value Value(int index) => _values[index];

    /// <summary>The name of output <paramref name="index"/>.</summary>
    public string Name(int index) => _declared[index].Name;

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (Value value in _values)
            value.Dispose();
    }

    private int IndexOf(string name)
    {
        for (int i = 0; i < _declared.Count; i++)
            if (_declared[i].Name == name)
                return i;
        throw new ArgumentException($"the model has no output '{name}'; outputs are {string.Join(", ", _declared.Select(d => $"'{d.Name}'"))}");
    }
}
