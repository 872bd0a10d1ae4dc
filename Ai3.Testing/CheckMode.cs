namespace Ai3.Testing;

/// <summary>What the inputs of a check are filled with, and so what is demanded of the outputs.</summary>
public enum CheckMode
{
    /// <summary>Small integers: direct sums are exact, so bits must be equal wherever S stays under 2^24.</summary>
    ExactInteger,
    /// <summary>Reals in (-1, 1) with independent random signs: the row's bound, and the sharper alarm of a random walk.</summary>
    RandomSigns,
    /// <summary>Reals round a mean of 1, 10 or 1000 half-ranges: errors that add up instead of cancelling.</summary>
    LargeMean,
    /// <summary>Random signs with magnitudes from 2^-40 to 2^40.</summary>
    WideRange,
    /// <summary>NaN, infinities, -0, denormals and extremes among random reals.</summary>
    Specials,
}
