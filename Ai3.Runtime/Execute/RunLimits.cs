namespace Ai3.Runtime;

/// <summary>What a session may take: checked before anything is allocated or run.</summary>
public sealed record RunLimits
{
    /// <summary>For a model you chose.</summary>
    public static RunLimits Default { get; } = new();

    /// <summary>For a model from anywhere.</summary>
    public static RunLimits Untrusted { get; } = new()
    {
        TensorBytes = 512L << 20,
        SessionBytes = 1L << 30,
        FoldedBytes = 64L << 20,
        LoopTrips = 1_000_000,
        WallTime = TimeSpan.FromSeconds(30),
    };

    /// <summary>Bytes of one tensor that is made while running or folding.</summary>
    public long TensorBytes { get; init; } = 8L << 30;

    /// <summary>Bytes of all memory of a session: arena, workspace, packed and folded constants.</summary>
    public long SessionBytes { get; init; } = 16L << 30;

    /// <summary>Bytes that constant folding may make in all; what exceeds them stays unfolded.</summary>
    public long FoldedBytes { get; init; } = 2L << 30;

    /// <summary>Trips of one Loop or Scan.</summary>
    public long LoopTrips { get; init; } = 1L << 32;

    /// <summary>Time of one run; checked between steps.</summary>
    public TimeSpan WallTime { get; init; } = Timeout.InfiniteTimeSpan;
}
