using Ai3.Tensors;

namespace Ai3.Runtime.Tests;

/// <summary>Running: bindings, concurrency, threads, cancellation, limits, bad use.</summary>
public sealed class SessionTests
{
    [Fact]
    public void ThreadCountsGiveTheSameBits()
    {
        Model model = Networks.Residual().Build("y");
        float[][] results = [.. new[] { 1, 2, 3 }.Select(threads =>
        {
            using Session session = model.Compile(new() { Threads = threads });
            using Outputs outputs = session.Run(("x", Networks.Input(2, 1, 16, 12, 12)));
            return outputs[0].AsSpan<float>().ToArray();
        })];
        Assert.Equal(results[0], results[1]);
        Assert.Equal(results[0], results[2]);
    }

    [Fact]
    public void SixteenConcurrentCallersGiveTheSameBits()
    {
        using Session session = Networks.Residual().Build("y").Compile(new() { Threads = 2 });
        float[][] expected = [.. Enumerable.Range(0, 4).Select(seed => RunOnce(session, seed))];
        var callers = new Thread[16];
        int wrong = 0;
        for (int c = 0; c < callers.Length; c++)
        {
            int seed = c % expected.Length;
            callers[c] = new Thread(() =>
            {
                for (int i = 0; i < 20; i++)
                    if (!RunOnce(session, seed).AsSpan().SequenceEqual(expected[seed]))
                        Interlocked.Increment(ref wrong);
            });
            callers[c].Start();
        }
        foreach (Thread caller in callers)
            caller.Join();
        Assert.Equal(0, wrong);
    }

    [Fact]
    public void CallerOwnedOutputIsWrittenInPlace()
    {
        using Session session = Networks.Residual().Build("y").Compile(new() { Threads = 1 });
        var memory = new float[10];
        using Tensor y = Tensor.From(memory, [1, 10]);
        using Binding binding = session.CreateBinding();
        binding.SetInput("x", Networks.Input(3, 1, 16, 12, 12));
        binding.SetOutput("y", y);
        session.Run(binding);
        Assert.Equal(RunOnce(session, 3), memory);
    }

    [Fact]
    public void SymbolicBatchMakesAPlanForEachSize()
    {
        Model model = new SpecBuilder().Input("x", Dim.Symbol("batch"), 8).Pattern("w", 1, 8, 4).Node("MatMul", "x w", "y").Build("y");
        using Session session = model.Compile(new() { Threads = 1 });
        foreach (long batch in new long[] { 1, 3, 1, 7 })
        {
            using Outputs outputs = session.Run(("x", Networks.Input(1, batch, 8)));
            Assert.Equal([batch, 4], outputs[0].Shape);
        }
    }

    [Fact]
    public void CancelledRunEnds()
    {
        using Session session = Networks.Residual().Build("y").Compile(new() { Threads = 1 });
        var inputs = new Dictionary<string, Value> { ["x"] = Networks.Input(1, 1, 16, 12, 12) };
        Assert.Throws<OperationCanceledException>(() => session.Run(inputs, new RunOptions { CancellationToken = new CancellationToken(true) }));
    }

    [Fact]
    public void BadUseSaysWhatIsWrongAndWhatIsWanted()
    {
        using Session session = Networks.Residual().Build("y").Compile(new() { Threads = 1 });
        Assert.Equal("input 'x' must be f32[1,16,12,12], got f32[1,16,12,11]", Message(() => session.Run(("x", Networks.Input(1, 1, 16, 12, 11)))));
        Assert.Equal("input 'x' must be f32[1,16,12,12], got f64[1]", Message(() => session.Run(("x", Tensor.Zeros(DType.Float64, [1])))));
        Assert.Equal("the model has no input 'z'; inputs are 'x'", Message(() => session.Run(("z", Networks.Input(1, 1)))));
        Assert.Equal("input 'x' (f32[1,16,12,12]) is missing", Message(() => session.Run()));
    }

    [Fact]
    public void PlanOverTheLimitIsRefusedBeforeItIsAllocated()
    {
        Model model = new SpecBuilder().Input("x", 1, 1 << 20).Pattern("w", 1, 1, 1).Node("Add", "x w", "y").Build("y");
        var options = new CompileOptions { Threads = 1, Limits = RunLimits.Default with { TensorBytes = 1 << 20 } };
        Assert.Throws<LimitExceededException>(() => model.Compile(options));
    }

    private static float[] RunOnce(Session session, int seed)
    {
        using Tensor x = Networks.Input(seed, 1, 16, 12, 12);
        using Outputs outputs = session.Run(("x", x));
        return outputs[0].AsSpan<float>().ToArray();
    }

    private static string Message(Action action) => Assert.Throws<ArgumentException>(action).Message;
}
