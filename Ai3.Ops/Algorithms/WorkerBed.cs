namespace Ai3.Ops;

// One worker's place to sleep. The semaphore is its own: with a shared one a quick worker could take the permit meant
// for another, which would then miss the loop. A permit is given exactly when Wake finds the worker lying down.
internal sealed class WorkerBed : IDisposable
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
        // Most calls find the worker awake: looking first leaves the cache line shared.
        if (Volatile.Read(ref _lying) == 1 && Interlocked.Exchange(ref _lying, 0) == 1)
            _permit.Release();
    }

    public void Dispose() => _permit.Dispose();
}
