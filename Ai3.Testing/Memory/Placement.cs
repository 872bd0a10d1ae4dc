namespace Ai3.Testing;

/// <summary>Where the operands of a check are in memory.</summary>
public enum Placement
{
    /// <summary>On the heap at odd multiples of the element size, with known bytes before and after.</summary>
    Canary,
    /// <summary>Ending where an unreadable page begins.</summary>
    GuardEnd,
    /// <summary>Beginning where an unreadable page ends.</summary>
    GuardStart,
}
