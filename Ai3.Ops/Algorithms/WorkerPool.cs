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
    private readonly Bed[] _beds;
    private readonly long _spinTicks;
    private int _busy;
    private int _generation;
    private volatile bool _stop;
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
        _beds = new Bed[_threads.Length];
        for (int i = 0; i < _threads.Length; i++)
        {
            int worker = i + 1;
            Bed bed = _beds[i] = new Bed();
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
        foreach (Bed bed in _beds)
            bed.Wake();
        foreach (Thread thread in _threads)
            thread.Join();
        foreach (Bed bed in _beds)
            bed.Dispose();
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
        foreach (Bed bed in _beds)
            bed.Wake();
        Drain(0);
        // Yields after the first microseconds: on a busy machine a worker may need this core to finish.
        var wait = new SpinWait();
        while (Volatile.Read(ref _running) != 0)
            wait.SpinOnce(sleep1Threshold: -1);
    }

    private void Work(int worker, Bed bed)
    {
        int seen = 0;
        while (true)
        {
            seen = WaitForWork(seen, bed);
            if (_stop)
                return;
            Drain(worker);
            Interlocked.Decrement(ref _running);
        }
    }

    private int WaitForWork(int seen, Bed bed)
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
            bed.LieDown();
            if (Volatile.Read(ref _generation) != seen || _stop)
                bed.GetUp();
            else
                bed.Sleep();
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

    // One worker's place to sleep. The semaphore is its own: with a shared one a quick worker could take the permit meant
    // for another, which would then miss the loop. A permit is given exactly when Wake finds the worker lying down.
    private sealed class Bed : IDisposable
    {
        private readonly SemaphoreSlim _permit = new(0);
        private int _lying;

        public void LieDown() => Interlocked.Exchange(ref _lying, 1);

        // Too late if Wake came first: then its permit has to be taken.
        public void GetUp()
        {
            if (Interlocked.Exchange(ref _lying, 0) == 0)
                _permit.Wait();
        }

        public void Sleep() => _permit.Wait();

        public void Wake()
        {
            if (Interlocked.Exchange(ref _lying, 0) == 1)
                _permit.Release();
        }

        public void Dispose() => _permit.Dispose();
    }
}
