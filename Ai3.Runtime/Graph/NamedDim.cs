using Ai3.Tensors;

namespace Ai3.Runtime;

/// <summary>A dimension as an input declares it: a number, a name, or an expression over names.</summary>
public readonly struct NamedDim
{
    private NamedDim(Dim dim) => Dim = dim;

    /// <summary>The dimension.</summary>
    public Dim Dim { get; }

    /// <summary>A number.</summary>
    public static implicit operator NamedDim(long value) => new(value);

    /// <summary>A name, for a dimension that differs between runs.</summary>
    public static implicit operator NamedDim(string name) => new(Dim.Symbol(name));

    /// <summary>An expression.</summary>
    public static implicit operator NamedDim(Dim dim) => new(dim);
}
