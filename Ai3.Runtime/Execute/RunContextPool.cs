using System.Collections.Concurrent;

namespace Ai3.Runtime;

/// <summary>Memory of runs, kept for the next ones: as many contexts as there were callers at a time.</summary>
internal sealed class RunContextPool : IDisposable
{
    private readonly ConcurrentBag<RunContext> _free = [];

    /// <summary>A context that nobody uses.</summary>
    public RunContext Take(ExecutablePlan plan) => _free.TryTake(out RunContext? context) ? context : new RunContext(plan);

    /// <summary>Gives a context back.</summary>
    public void Return(RunContext context)
    {
        context.ClearObjects();
        _free.Add(context);
    }

    public void Dispose()
    {
        while (_free.TryTake(out RunContext? context))
            context.Dispose();
    }
}
