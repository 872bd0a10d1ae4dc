using System.Diagnostics;

namespace Ai3.Runtime;

/// <summary>When each step of a run began and ended.</summary>
public sealed class RunProfile
{
    private readonly List<Entry> _entries = [];

    /// <summary>One step of a run.</summary>
    /// <param name="Step">The step.</param>
    /// <param name="StartTicks">When it began, in ticks of <see cref="Stopwatch"/>.</param>
    /// <param name="EndTicks">When it ended.</param>
    public readonly record struct Entry(PlanStep Step, long StartTicks, long EndTicks)
    {
        /// <summary>Nanoseconds the step took.</summary>
        public double Nanoseconds => (EndTicks - StartTicks) * 1e9 / Stopwatch.Frequency;
    }

    /// <summary>Steps in the order they ran.</summary>
    public IReadOnlyList<Entry> Entries => _entries;

    /// <summary>Forgets what was collected.</summary>
    public void Clear() => _entries.Clear();

    internal void Add(PlanStep step, long start, long end) => _entries.Add(new Entry(step, start, end));
}
