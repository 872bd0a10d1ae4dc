namespace Ai3.Ops;

/// <summary>Splits work that is counted in 64 bits into a few tasks for the workers.</summary>
internal static class WorkSplit
{
    private const long BytesPerTask = 64 << 10;

    /// <summary>How many tasks work of <paramref name="units"/> units and <paramref name="bytes"/> bytes is worth.</summary>
    public static int Tasks(long units, double bytes, WorkerPool workers) =>
        workers.Threads == 1 ? 1 : (int)Math.Min(Math.Max(units, 1), Math.Clamp(bytes / BytesPerTask, 1, 4.0 * workers.Threads));

    /// <summary>The first unit of a task; that of task <paramref name="tasks"/> is the number of units.</summary>
    public static long Begin(long units, int task, int tasks) => units / tasks * task + Math.Min(task, units % tasks);
}
