using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Ai3.Tensors;

/// <summary>The dimensions of a tensor, outermost first. Immutable; equal by value. The default is a scalar.</summary>
[CollectionBuilder(typeof(Shape), nameof(Create))]
public readonly struct Shape : IEquatable<Shape>, IEnumerable<long>
{
    private readonly ImmutableArray<long> _dims;

    private Shape(ImmutableArray<long> dims) => _dims = dims;

    /// <summary>A shape of the given dimensions.</summary>
    /// <exception cref="ShapeException">A dimension is negative or the element count does not fit in 63 bits.</exception>
    public static Shape Create(params ReadOnlySpan<long> dims)
    {
        ShapeMath.Product(dims);
        return new Shape(ImmutableCollectionsMarshal.AsImmutableArray(dims.ToArray()));
    }

    /// <summary>The shape of rank 0.</summary>
    public static Shape Scalar => default;

    /// <summary>The number of dimensions.</summary>
    public int Rank => _dims.IsDefault ? 0 : _dims.Length;

    /// <summary>Dimension <paramref name="axis"/>, counted from the outermost.</summary>
    public long this[int axis] => _dims[axis];

    /// <summary>The dimension at an index from the end.</summary>
    public long this[Index axis] => _dims[axis.GetOffset(Rank)];

    /// <summary>The number of elements: 1 for a scalar, 0 if any dimension is 0.</summary>
    public long Count => ShapeMath.Product(AsSpan());

    /// <summary>The dimensions, outermost first.</summary>
    public ReadOnlySpan<long> AsSpan() => _dims.IsDefault ? [] : _dims.AsSpan();

    /// <summary>The product of the dimensions in a range of axes.</summary>
    public long CountOf(Range axes) => ShapeMath.Product(AsSpan()[axes]);

    /// <summary>A copy of the dimensions.</summary>
    public long[] ToArray() => AsSpan().ToArray();

    /// <inheritdoc/>
    public bool Equals(Shape other) => AsSpan().SequenceEqual(other.AsSpan());

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is Shape other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        long hash = 17;
        foreach (long dim in AsSpan())
            hash = unchecked(hash * 31 + dim);
        return hash.GetHashCode();
    }

    /// <summary>Equal dimensions.</summary>
    public static bool operator ==(Shape a, Shape b) => a.Equals(b);

    /// <summary>Different dimensions.</summary>
    public static bool operator !=(Shape a, Shape b) => !a.Equals(b);

    /// <inheritdoc/>
    public IEnumerator<long> GetEnumerator() => (_dims.IsDefault ? [] : _dims.AsEnumerable()).GetEnumerator();

    System.Collections.IEnumerator System.Collections.IEnumerable.GetEnumerator() => GetEnumerator();

    /// <summary>The dimensions in brackets, such as <c>[1,3,224,224]</c>.</summary>
    public override string ToString() => $"[{string.Join(",", this)}]";
}
