namespace Ai3.Ops;

/// <summary>What a sample outside the input is.</summary>
internal enum GridPadding
{
    Zeros,
    Border,
    Reflection,
}
