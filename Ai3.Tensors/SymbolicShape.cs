using System.Collections.Immutable;
using System.Runtime.CompilerServices;

namespace Ai3.Tensors;

/// <summary>Dimensions that may be symbolic, outermost first. Immutable; equal by value.</summary>
[CollectionBuilder(typeof(SymbolicShape), nameof(Create))]
public sealed class SymbolicShape : IEquatable<SymbolicShape>, IEnumerable<Dim>
{
    private readonly ImmutableArray<Dim> _dims;

    private SymbolicShape(ImmutableArray<Dim> dims) => _dims = dims;

    /// <summary>A shape of the given dimensions.</summary>
    public static SymbolicShape Create(params ReadOnlySpan<Dim> dims) => new([.. dims]);

    /// <summary>A shape of known dimensions.</summary>
    public static implicit operator SymbolicShape(Shape shape)
    {
        var dims = new Dim[shape.Rank];
        for (int i = 0; i < dims.Length; i++)
            dims[i] = shape[i];
        return new SymbolicShape([.. dims]);
    }

    /// <summary>The number of dimensions.</summary>
    public int Rank => _dims.Length;

    /// <summary>Dimension <paramref name="axis"/>.</summary>
    public Dim this[int axis] => _dims[axis];

    /// <summary>The dimension at an index from the end.</summary>
    public Dim this[Index axis] => _dims[axis.GetOffset(Rank)];

    /// <summary>The dimensions.</summary>
    public ReadOnlySpan<Dim> AsSpan() => _dims.AsSpan();

    /// <summary>True if every dimension is a number.</summary>
    public bool IsKnown => _dims.All(d => d.IsKnown);

    /// <summary>The product of the dimensions in a range of axes.</summary>
    public Dim CountOf(Range axes)
    {
        Dim product = 1;
        foreach (Dim dim in AsSpan()[axes])
            product *= dim;
        return product;
    }

    /// <summary>The shape in numbers, if every dimension is known.</summary>
    /// <exception cref="ShapeException">A known dimension is negative or the element count does not fit in 63 bits.</exception>
    public bool TryGetShape(out Shape shape)
    {
        shape = default;
        if (!IsKnown)
            return false;
        shape = Shape.Create([.. _dims.Select(d => d.Value)]);
        return true;
    }

    /// <summary>Puts numbers in place of symbols.</summary>
    public SymbolicShape Bind(IReadOnlyDictionary<string, long> values) => new([.. _dims.Select(d => d.Bind(values))]);

    /// <inheritdoc/>
    public bool Equals(SymbolicShape? other) => other is not null && AsSpan().SequenceEqual(other.AsSpan());

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as SymbolicShape);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        int hash = 17;
        foreach (Dim dim in _dims)
            hash = unchecked(hash * 31 + dim.GetHashCode());
        return hash;
    }

    /// <inheritdoc/>
    public IEnumerator<Dim> GetEnumerator() => _dims.AsEnumerable().GetEnumerator();

    System.Collections.IEnumerator System.Collections.IEnumerable.GetEnumerator() => GetEnumerator();

    /// <summary>The dimensions in brackets.</summary>
    public override string ToString() => $"[{string.Join(",", _dims)}]";
}
