namespace Ai3.Ops.Tests;

/// <summary>Every iteration runs exactly once, whatever the number of threads and however they sleep.</summary>
public sealed class WorkerPoolTests
{
    [Theory]
    [InlineData(1, 0)]
    [InlineData(2, 0)]
    [InlineData(3, 0)]
    [InlineData(8, 0)]
    [InlineData(3, 50)]
    public void RunsEveryIterationOnce(int threads, int spin)
    {
        using var pool = new WorkerPool(threads, spin);
        for (int count = 0; count < 1000; count++)
        {
            var body = new Count(new int[count % 70]);
            pool.For(count % 70, ref body);
            Assert.All(body.Times, t => Assert.Equal(1, t));
        }
    }

    [Fact]
    public void SeveralCallersShareOnePool()
    {
        using var pool = new WorkerPool(3, 0);
        Parallel.For(0, 4, _ =>
        {
            for (int i = 0; i < 500; i++)
            {
                var body = new Count(new int[50]);
                pool.For(50, ref body);
                Assert.All(body.Times, t => Assert.Equal(1, t));
            }
        });
    }

    [Fact]
    public void EveryWorkerTakesPartWhereAsked()
    {
        using var pool = new WorkerPool(4, 0, everyWorker: true);
        var body = new Meet(new CountdownEvent(4));
        pool.For(4, ref body);
        Assert.True(body.All.IsSet);
    }

    [Fact]
    public void ALoopEndsWhileAWorkerSleeps()
    {
        using var pool = new WorkerPool(2, 0);
        for (int i = 0; i < 100; i++)
        {
            var body = new Count(new int[2]);
            pool.For(2, ref body);
            Assert.All(body.Times, t => Assert.Equal(1, t));
            if (i % 10 == 0)
                Thread.Sleep(1);
        }
    }

    // Each iteration waits until all have begun: it ends only if four threads came.
    private readonly struct Meet(CountdownEvent all) : IParallelBody
    {
        public CountdownEvent All => all;

        public void Run(int begin, int end, int worker)
        {
            for (int i = begin; i < end; i++)
            {
                all.Signal();
                all.Wait();
            }
        }
    }

    private readonly struct Count(int[] times) : IParallelBody
    {
        public int[] Times => times;

        public void Run(int begin, int end, int worker)
        {
            for (int i = begin; i < end; i++)
                Interlocked.Increment(ref times[i]);
        }
    }
}
