using System.Diagnostics;

namespace Ai3.Runtime;

/// <summary>What ends a run early and what watches it; one for the run and all its bodies.</summary>
internal readonly struct RunScope
{
    private readonly CancellationToken _cancellation;
    private readonly long _deadline;
    private readonly TimeSpan _wallTime;

    private RunScope(RunProfile? profile, long deadline, TimeSpan wallTime, CancellationToken cancellation)
    {
        _cancellation = cancellation;
        Profile = profile;
        _deadline = deadline;
        _wallTime = wallTime;
    }

    /// <summary>Collects the time of each step; null for none.</summary>
    public RunProfile? Profile { get; }

    /// <summary>The scope of a run that begins now.</summary>
    public static RunScope Begin(RunOptions options, RunLimits limits) => new(
        options.Profile,
        limits.WallTime == Timeout.InfiniteTimeSpan ? long.MaxValue : Stopwatch.GetTimestamp() + (long)(limits.WallTime.TotalSeconds * Stopwatch.Frequency),
        limits.WallTime,
        options.CancellationToken);

    /// <summary>The same for a body, whose steps are not profiled: their time is the owning step's.</summary>
    public RunScope ForBody() => new(null, _deadline, _wallTime, _cancellation);

    /// <summary>Ends the run if it was cancelled or took too long.</summary>
    public void Check(string node)
    {
        _cancellation.ThrowIfCancellationRequested();
        if (_deadline != long.MaxValue && Stopwatch.GetTimestamp() > _deadline)
            throw new LimitExceededException($"the run took longer than its limit of {_wallTime.TotalSeconds} s, at node '{node}'");
    }
}
