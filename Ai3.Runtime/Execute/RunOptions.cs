namespace Ai3.Runtime;

/// <summary>How one run is done.</summary>
public sealed record RunOptions
{
    /// <summary>No cancellation, no profile.</summary>
    public static RunOptions Default { get; } = new();

    /// <summary>Ends the run between steps with <see cref="OperationCanceledException"/>.</summary>
    public CancellationToken CancellationToken { get; init; }

    /// <summary>Collects the time of each step; null for none.</summary>
    public RunProfile? Profile { get; init; }
}
