using Ai3.Tensors;

namespace Ai3.Runtime.Tests;

/// <summary>Counts the process's allocations, so nothing else may run beside it.</summary>
[CollectionDefinition(nameof(AllocationTests), DisableParallelization = true)]
[Collection(nameof(AllocationTests))]
public sealed class AllocationTests
{
    [Fact]
    public void BindingRunsAllocateNothing()
    {
        using Session session = Networks.Residual().Build("y").Compile(new() { Threads = 2 });
        using Binding binding = session.CreateBinding();
        using Tensor x = Networks.Input(1, 1, 16, 12, 12);
        binding.SetInput("x", x);
        for (int i = 0; i < 50; i++)
            session.Run(binding);
        // The test host allocates on its own threads now and then; what every run allocates shows in each of many short windows.
        Assert.Equal(0, Enumerable.Range(0, 40).Min(_ => AllocatedBy(() => session.Run(binding))));
    }

    private static long AllocatedBy(Action run)
    {
        long before = GC.GetTotalAllocatedBytes(precise: true);
        for (int i = 0; i < 25; i++)
            run();
        return GC.GetTotalAllocatedBytes(precise: true) - before;
    }
}
