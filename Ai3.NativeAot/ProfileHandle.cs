using System.Diagnostics;
using Ai3.Runtime;

namespace Ai3.NativeAot;

/// <summary>ai3_profile: the steps of the last run as C reads them.</summary>
internal sealed unsafe class ProfileHandle : IHandleTarget
{
    private readonly Lock _lock = new();
    private readonly RunProfile _profile = new();
    private NativeArena _arena = new();
    private AbiStep[] _steps = [];
    private bool _isRunning;

    public static string TypeName => "ai3_profile";

    public int Count
    {
        get
        {
            lock (_lock)
                return _steps.Length;
        }
    }

    /// <summary>Forgets the last run; the profile of the run that begins.</summary>
    public RunProfile Begin()
    {
        lock (_lock)
        {
            if (_isRunning)
                throw new AbiException(AbiStatus.Argument, "the ai3_profile is in use by another run; make one for each concurrent run");
            _isRunning = true;
            _steps = [];
            _arena.Dispose();
            _arena = new NativeArena();
            _profile.Clear();
            return _profile;
        }
    }

    /// <summary>Keeps what the run told, to its end or to where it failed.</summary>
    public void End()
    {
        lock (_lock)
        {
            long first = _profile.Entries.Count > 0 ? _profile.Entries[0].StartTicks : 0;
            _steps = [.. _profile.Entries.Select(e => Describe(e, first))];
            _isRunning = false;
        }
    }

    public AbiStep Step(int index)
    {
        lock (_lock)
            return index >= 0 && index < _steps.Length ? _steps[index]
                : throw new AbiException(AbiStatus.Argument, $"step {index} is outside 0 to {_steps.Length - 1}");
    }

    public void Dispose() => _arena.Dispose();

    private AbiStep Describe(RunProfile.Entry entry, long first) => new()
    {
        Name = _arena.Text(entry.Step.Name),
        Op = _arena.Text(entry.Step.Op),
        Algorithm = _arena.Text(entry.Step.Algorithm),
        Problem = _arena.Text(entry.Step.Problem?.Key ?? ""),
        Start = (entry.StartTicks - first) * 1e9 / Stopwatch.Frequency,
        Duration = entry.Nanoseconds,
        Flops = entry.Step.Problem?.Flops ?? 0,
    };
}
