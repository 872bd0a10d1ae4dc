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
