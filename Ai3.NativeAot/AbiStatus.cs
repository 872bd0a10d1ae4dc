namespace Ai3.NativeAot;

/// <summary>What functions of ai3.h return.</summary>
internal enum AbiStatus
{
    Ok = 0,
    Argument = 1,
    Handle = 2,
    Struct = 3,
    File = 4,
    Format = 5,
    Unsupported = 6,
    Graph = 7,
    Algorithm = 8,
    Limit = 9,
    Cancelled = 10,
    Memory = 11,
    Kind = 12,
    Internal = 100,
}

/// <summary>A failure that belongs to the interface itself.</summary>
/// <param name="status">What the call returns.</param>
/// <param name="message">One line: what is wrong and what would be right.</param>
internal sealed class AbiException(AbiStatus status, string message) : Exception(message)
{
    public AbiStatus Status { get; } = status;
}
