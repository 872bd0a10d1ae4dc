using System.Diagnostics;
using System.Runtime.CompilerServices;

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
/// <remarks>One caller has the workers at a time; another runs its loop on its own thread, with the same result.</remarks>
public sealed unsafe class WorkerPool : IDisposable
{
    private const int ChunksPerThread = 4;

    private readonly Thread[] _threads;
    private readonly SemaphoreSlim _wake = new(0);
    private readonly long _spinTicks;
    private int _busy;
    private int _generation;
    private volatile bool _stop;
    private int _sleeping;
    private int _running;
    private int _next;
    private int _count;
    private int _chunk;
    private void* _state;
    private delegate*<void*, int, int, int, void> _body;

    /// <summary>Starts the workers.</summary>
    /// <param name="threads">Threads that compute, the caller's own counted: 1 or more.</param>
    /// <param name="spinMicroseconds">How long an idle worker spins before it sleeps; 0 for never.</param>
    public WorkerPool(int threads, int spinMicroseconds = 200)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(threads, 1);
        ArgumentOutOfRangeException.ThrowIfNegative(spinMicroseconds);
        Threads = threads;
        SpinMicroseconds = spinMicroseconds;
        _spinTicks = spinMicroseconds * (Stopwatch.Frequency / 1_000_000);
        _threads = new Thread[threads - 1];
        for (int i = 0; i < _threads.Length; i++)
        {
            int worker = i + 1;
            _threads[i] = new Thread(() => Work(worker)) { IsBackground = true, Name = $"ai3 worker {worker}" };
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
        if (Threads == 1 || count == 1 || Interlocked.CompareExchange(ref _busy, 1, 0) != 0)
        {
            body.Run(0, count, 0);
            return;
        }
        Fork(count, Unsafe.AsPointer(ref body), &Invoke<TBody>);
        Volatile.Write(ref _busy, 0);
    }

    /// <summary>Ends the threads.</summary>
    public void Dispose()
    {
        if (_stop || this == Single)
            return;
        _stop = true;
        _wake.Release(_threads.Length + 1);
        foreach (Thread thread in _threads)
            thread.Join();
        _wake.Dispose();
    }

    private static void Invoke<TBody>(void* state, int begin, int end, int worker) where TBody : struct, IParallelBody =>
        Unsafe.AsRef<TBody>(state).Run(begin, end, worker);

    private void Fork(int count, void* state, delegate*<void*, int, int, int, void> body)
    {
        _count = count;
        _chunk = Math.Max(1, (count + Threads * ChunksPerThread - 1) / (Threads * ChunksPerThread));
        _state = state;
        _body = body;
        _next = 0;
        _running = _threads.Length;
        Interlocked.Increment(ref _generation);
        int sleeping = Volatile.Read(ref _sleeping);
        if (sleeping > 0)
            _wake.Release(sleeping);
        Drain(0);
        while (Volatile.Read(ref _running) != 0)
            Thread.SpinWait(1);
    }

    private void Work(int worker)
    {
        int seen = 0;
        while (true)
        {
            seen = WaitForWork(seen);
            if (_stop)
                return;
            Drain(worker);
            Interlocked.Decrement(ref _running);
        }
    }

    // A wake-up may be spurious (a permit left by a fork that a spinning worker already saw), so the generation decides.
    private int WaitForWork(int seen)
    {
        long start = Stopwatch.GetTimestamp();
        while (true)
        {
            int now = Volatile.Read(ref _generation);
            if (now != seen || _stop)
                return now;
            if (Stopwatch.GetTimestamp() - start < _spinTicks)
            {
                Thread.SpinWait(1);
                continue;
            }
            Interlocked.Increment(ref _sleeping);
            if (Volatile.Read(ref _generation) == seen && !_stop)
                _wake.Wait();
            Interlocked.Decrement(ref _sleeping);
            start = Stopwatch.GetTimestamp();
        }
    }

    private void Drain(int worker)
    {
        while (true)
        {
            int begin = Interlocked.Add(ref _next, _chunk) - _chunk;
            if (begin >= _count)
                return;
            _body(_state, begin, Math.Min(begin + _chunk, _count), worker);
        }
    }
}
