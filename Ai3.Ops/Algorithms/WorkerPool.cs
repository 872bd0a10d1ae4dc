using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Ai3.Ops;

/// <summary>A loop body that threads share. A struct, so that a call costs no allocation.</summary>
public interface IParallelBody
{
    /// <summary>Does iterations [begin, end). Every iteration must give the same bits whatever range it is part of.</summary>
    /// <param name="begin">First iteration.</param>
    /// <param name="end">One past the last.</param>
    /// <param name="worker">Which worker runs it, in [0, Threads): an index for scratch memory.</param>
    void Run(int begin, int end, int worker);
}

/// <summary>
/// Threads that split outer loops. While warm they spin, so that a fork and join costs under a microsecond; after
/// <see cref="SpinMicroseconds"/> without work they sleep.
/// </summary>
/// <remarks>
/// A loop never waits for a worker that has not begun: one that is asleep, or whose core does something else, finds its share
/// done by the others. One caller has the workers at a time; another runs its loop on its own thread, with the same result.
/// </remarks>
public sealed unsafe class WorkerPool : IDisposable
{
    private const int Shut = int.MinValue;

    private readonly Thread[] _threads;
    private readonly WorkerBed[] _beds;
    private readonly WorkShares _shares;
    private readonly long _spinTicks;
    private readonly Barrier? _everyone;
    private Signals _signals;
    private volatile bool _stop;
    private void* _state;
    private delegate*<void*, int, int, int, void> _body;

    /// <summary>Starts the workers.</summary>
    /// <param name="threads">Threads that compute, the caller's own counted: 1 or more.</param>
    /// <param name="spinMicroseconds">How long an idle worker spins before it sleeps; 0 for never.</param>
    public WorkerPool(int threads, int spinMicroseconds = 200) : this(threads, spinMicroseconds, everyWorker: false)
    {
    }

    /// <summary>Starts workers that, with <paramref name="everyWorker"/>, all take part in every loop: for tests of bodies.</summary>
    internal WorkerPool(int threads, int spinMicroseconds, bool everyWorker)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(threads, 1);
        ArgumentOutOfRangeException.ThrowIfNegative(spinMicroseconds);
        Threads = threads;
        SpinMicroseconds = spinMicroseconds;
        _everyone = everyWorker ? new Barrier(threads) : null;
        _spinTicks = spinMicroseconds * (Stopwatch.Frequency / 1_000_000);
        _signals.Inside = Shut;
        _shares = new WorkShares(threads);
        _threads = new Thread[threads - 1];
        _beds = new WorkerBed[_threads.Length];
        for (int i = 0; i < _threads.Length; i++)
        {
            int worker = i + 1;
            WorkerBed bed = _beds[i] = new WorkerBed();
            _threads[i] = new Thread(() => Work(worker, bed)) { IsBackground = true, Name = $"ai3 worker {worker}" };
            _threads[i].Start();
        }
    }

    /// <summary>The pool without workers: loops run on the caller's thread.</summary>
    public static WorkerPool Single { get; } = new(1, 0);

    /// <summary>Threads that compute, the caller's own counted.</summary>
    public int Threads { get; }

    /// <summary>How long an idle worker spins before it sleeps.</summary>
    public int SpinMicroseconds { get; }

    /// <summary>Runs iterations [0, count) on the caller's thread and the workers; returns when all are done.</summary>
    /// <param name="count">Iterations.</param>
    /// <param name="body">The loop body; it must not throw and must not call this pool.</param>
    public void For<TBody>(int count, ref TBody body) where TBody : struct, IParallelBody
    {
        if (count <= 0)
            return;
        if (Threads == 1 || count == 1 || Interlocked.CompareExchange(ref _signals.Busy, 1, 0) != 0)
        {
            body.Run(0, count, 0);
            return;
        }
        Fork(count, Unsafe.AsPointer(ref body), &Invoke<TBody>);
        Volatile.Write(ref _signals.Busy, 0);
    }

    /// <summary>Ends the threads.</summary>
    public void Dispose()
    {
        if (_stop || this == Single)
            return;
        _stop = true;
        Interlocked.MemoryBarrier();
        foreach (WorkerBed bed in _beds)
            bed.Wake();
        foreach (Thread thread in _threads)
            thread.Join();
        foreach (WorkerBed bed in _beds)
            bed.Dispose();
        _everyone?.Dispose();
    }

    private static void Invoke<TBody>(void* state, int begin, int end, int worker) where TBody : struct, IParallelBody =>
        Unsafe.AsRef<TBody>(state).Run(begin, end, worker);

    private void Fork(int count, void* state, delegate*<void*, int, int, int, void> body)
    {
        _shares.Deal(count);
        _state = state;
        _body = body;
        Volatile.Write(ref _signals.Inside, 0);
        Interlocked.Increment(ref _signals.Generation);
        foreach (WorkerBed bed in _beds)
            bed.Wake();
        Drain(0);
        if (Interlocked.Or(ref _signals.Inside, Shut) == 0)
            return;
        // Yields after the first microseconds: on a busy machine a worker may need this core to finish.
        var wait = new SpinWait();
        while (Volatile.Read(ref _signals.Inside) != Shut)
            wait.SpinOnce(sleep1Threshold: -1);
    }

    private void Work(int worker, WorkerBed bed)
    {
        int seen = 0;
        while (true)
        {
            seen = WaitForWork(seen, bed);
            if (_stop)
                return;
            if (!TryEnter())
                continue;
            Drain(worker);
            Interlocked.Decrement(ref _signals.Inside);
        }
    }

    // False where the loop is over; whoever enters keeps the caller's loop, and the body on its stack, alive until it leaves.
    private bool TryEnter()
    {
        int inside = Volatile.Read(ref _signals.Inside);
        while (inside >= 0)
        {
            int before = Interlocked.CompareExchange(ref _signals.Inside, inside + 1, inside);
            if (before == inside)
                return true;
            inside = before;
        }
        return false;
    }

    private int WaitForWork(int seen, WorkerBed bed)
    {
        long start = Stopwatch.GetTimestamp();
        while (true)
        {
            // The clock costs as much as several looks.
            for (int look = 0; look < 16; look++)
            {
                int now = Volatile.Read(ref _signals.Generation);
                if (now != seen || _stop)
                    return now;
                Thread.SpinWait(1);
            }
            if (Stopwatch.GetTimestamp() - start < _spinTicks)
                continue;
            bed.LieDown();
            if (Volatile.Read(ref _signals.Generation) != seen || _stop)
                bed.GetUp();
            else
                bed.Sleep();
        }
    }

    private void Drain(int worker)
    {
        _everyone?.SignalAndWait();
        while (_shares.TryTake(worker, out int begin, out int end))
            _body(_state, begin, end, worker);
    }

    // Each word that threads wait on has a cache line (and its neighbour, which processors fetch with it) of its own.
    [StructLayout(LayoutKind.Explicit, Size = 512)]
    private struct Signals
    {
        [FieldOffset(128)]
        public int Generation;

        // Workers in the current loop; the sign bit is set once nobody may enter.
        [FieldOffset(256)]
        public int Inside;

        [FieldOffset(384)]
        public int Busy;
    }
}
