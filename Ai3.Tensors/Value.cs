namespace Ai3.Tensors;

/// <summary>What flows along a graph's edges: a <see cref="Tensor"/>, <see cref="SequenceValue"/>, <see cref="MapValue"/> or <see cref="OptionalValue"/>.</summary>
public abstract class Value : IDisposable
{
    private protected Value() { }

    /// <summary>The facts of this value.</summary>
    public abstract ValueFact Fact { get; }

    /// <summary>Gives memory back, if the value owns any.</summary>
    public virtual void Dispose() => GC.SuppressFinalize(this);
}

/// <summary>An ordered list of values.</summary>
/// <param name="element">The facts all elements share.</param>
/// <param name="items">The elements.</param>
public sealed class SequenceValue(ValueFact element, IReadOnlyList<Value> items) : Value
{
    /// <summary>The elements.</summary>
    public IReadOnlyList<Value> Items { get; } = items;

    /// <inheritdoc/>
    public override ValueFact Fact => new SequenceFact(element);
}

/// <summary>Keys (int64 or string) with values, in a fixed order.</summary>
/// <param name="key">The type of the keys.</param>
/// <param name="element">The facts all values share.</param>
/// <param name="entries">Keys (<see cref="long"/> or <see cref="string"/>) and values.</param>
public sealed class MapValue(DType key, ValueFact element, IReadOnlyList<KeyValuePair<object, Value>> entries) : Value
{
    /// <summary>Keys and values, in order.</summary>
    public IReadOnlyList<KeyValuePair<object, Value>> Entries { get; } = entries;

    /// <inheritdoc/>
    public override ValueFact Fact => new MapFact(key, element);
}

/// <summary>A value or nothing.</summary>
/// <param name="element">The facts of the value, if present.</param>
/// <param name="content">The value, or null if absent.</param>
public sealed class OptionalValue(ValueFact element, Value? content) : Value
{
    /// <summary>The value, or null if absent.</summary>
    public Value? Content { get; } = content;

    /// <inheritdoc/>
    public override ValueFact Fact => new OptionalFact(element);
}
