using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Ai3.Tensors;

/// <summary>One dimension: a number, or an expression over symbols such as <c>batch</c> or <c>2*seq+1</c>.</summary>
public readonly struct Dim : IEquatable<Dim>
{
    private readonly long _value;
    private readonly DimExpression? _expression;

    private Dim(long value, DimExpression? expression)
    {
        _value = value;
        _expression = expression;
    }

    /// <summary>A known dimension (shape arithmetic may make it negative on the way).</summary>
    public static implicit operator Dim(long value) => new(value, null);

    /// <summary>A dimension known by name only.</summary>
    public static Dim Symbol(string name) => new(0, DimExpression.Symbol(name));

    /// <summary>True if the dimension is a number.</summary>
    public bool IsKnown => _expression is null;

    /// <summary>The number.</summary>
    /// <exception cref="InvalidOperationException">The dimension is symbolic.</exception>
    public long Value => _expression is null ? _value : throw new InvalidOperationException($"dimension {this} is symbolic");

    /// <summary>The number, if known.</summary>
    public bool TryGetValue(out long value)
    {
        value = _value;
        return _expression is null;
    }

    /// <summary>True if the dimension is known to be <paramref name="value"/>.</summary>
    public bool Is(long value) => _expression is null && _value == value;

    /// <summary>The symbols the dimension depends on.</summary>
    public IEnumerable<string> Symbols => _expression?.Symbols ?? [];

    /// <summary>Puts numbers in place of symbols; symbols without a number stay.</summary>
    public Dim Bind(IReadOnlyDictionary<string, long> values) => _expression is null ? this : _expression.Bind(values);

    /// <summary>Sum.</summary>
    public static Dim operator +(Dim a, Dim b) =>
        a.IsKnown && b.IsKnown ? ShapeMath.Add(a._value, b._value) : From(DimExpression.Add(a.ToExpression(), b.ToExpression()));

    /// <summary>Difference.</summary>
    public static Dim operator -(Dim a, Dim b) => a + b * -1;

    /// <summary>Product.</summary>
    public static Dim operator *(Dim a, Dim b) =>
        a.IsKnown && b.IsKnown ? ShapeMath.Multiply(a._value, b._value) : From(DimExpression.Multiply(a.ToExpression(), b.ToExpression()));

    /// <summary>Quotient rounded down, for a positive divisor.</summary>
    /// <exception cref="ShapeException">The divisor is known and not positive.</exception>
    public static Dim FloorDiv(Dim a, Dim b)
    {
        if (b.IsKnown && b._value <= 0)
            throw new ShapeException($"{a} is divided by {b}; a divisor is 1 or more");
        if (a.IsKnown && b.IsKnown)
            return a._value >= 0 ? a._value / b._value : -((-a._value + b._value - 1) / b._value);
        if (b.Is(1))
            return a;
        if (a == b)
            return 1;
        return From(DimExpression.FloorDiv(a.ToExpression(), b.ToExpression()));
    }

    /// <summary>Quotient rounded up, for a positive divisor.</summary>
    public static Dim CeilDiv(Dim a, Dim b) => FloorDiv(a + b - 1, b);

    internal static Dim From(DimExpression expression) => expression.TryConstant(out long value) ? value : new Dim(0, expression);

    internal DimExpression ToExpression() => _expression ?? DimExpression.Constant(_value);

    /// <inheritdoc/>
    public bool Equals(Dim other) => IsKnown == other.IsKnown && (IsKnown ? _value == other._value : _expression!.Equals(other._expression));

    /// <inheritdoc/>
    public override bool Equals([NotNullWhen(true)] object? obj) => obj is Dim other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => _expression?.GetHashCode() ?? _value.GetHashCode();

    /// <summary>Known to be equal.</summary>
    public static bool operator ==(Dim a, Dim b) => a.Equals(b);

    /// <summary>Not known to be equal.</summary>
    public static bool operator !=(Dim a, Dim b) => !a.Equals(b);

    /// <summary>The number or the expression.</summary>
    public override string ToString() => _expression?.ToString() ?? _value.ToString(CultureInfo.InvariantCulture);
}
