namespace Ai3.Ops;

/// <summary>How an algorithm's error is bounded; u is the unit round-off of the accumulating type. See docs/numerics.md.</summary>
public enum ErrorKind
{
    /// <summary>Bit-equal to the reference rounded to the output type.</summary>
    Exact,
    /// <summary>gamma_L * S for each element: S is the sum of absolute products, L = Factor the longest rounding chain.</summary>
    PerElement,
    /// <summary>Factor * u * (largest S of the output): transforms leak rounding between the elements of a tile.</summary>
    TileNorm,
    /// <summary>Factor units in the last place of the reference value.</summary>
    Ulp,
    /// <summary>Factor * u relative to the reference's magnitude S.</summary>
    Relative,
}

/// <summary>The bound an algorithm is proven against.</summary>
/// <param name="Kind">The kind of bound.</param>
/// <param name="Factor">L, a multiple of u, or ULP, as <paramref name="Kind"/> says.</param>
public readonly record struct ErrorBound(ErrorKind Kind, double Factor)
{
    /// <summary>Bit-equal to the rounded reference.</summary>
    public static ErrorBound Exact => default;

    /// <summary>gamma_L * S, where the longest chain of roundings has <paramref name="chain"/> links.</summary>
    public static ErrorBound PerElement(double chain) => new(ErrorKind.PerElement, chain);

    /// <summary>factor * u * (largest S).</summary>
    public static ErrorBound TileNorm(double factor) => new(ErrorKind.TileNorm, factor);

    /// <summary>Units in the last place.</summary>
    public static ErrorBound Ulp(double ulp) => new(ErrorKind.Ulp, ulp);

    /// <summary>factor * u * S.</summary>
    public static ErrorBound Relative(double factor) => new(ErrorKind.Relative, factor);
}
