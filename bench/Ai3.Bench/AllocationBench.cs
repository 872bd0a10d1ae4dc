using Ai3.Cli;
using Ai3.Onnx;
using Ai3.Runtime;
using Ai3.Tensors;

namespace Ai3.Bench;

/// <summary>Managed bytes that repeated runs allocate, workers included.</summary>
internal static class AllocationBench
{
    private const int Runs = 1000;

    /// <summary>1 if any model allocates.</summary>
    public static int Run(Shell shell, Arguments arguments)
    {
        int failures = 0;
        foreach ((string path, int threads) in arguments.Models.SelectMany(m => arguments.Threads.Select(t => (m, t))))
        {
            using Model model = OnnxModel.Load(path);
            using Session session = model.Compile(new CompileOptions { Threads = threads });
            using Binding binding = session.CreateBinding();
            foreach ((string input, Value value) in ModelInputs.Of(path, model))
                binding.SetInput(input, value);
            Warmup.Run(() => session.Run(binding));
            long before = GC.GetTotalAllocatedBytes(precise: true);
            for (int i = 0; i < Runs; i++)
                session.Run(binding);
            long allocated = GC.GetTotalAllocatedBytes(precise: true) - before;
            shell.Out.WriteLine($"{allocated} bytes allocated by {Runs} runs of {ModelList.NameOf(path)} on {Units.Threads(threads)}");
            failures += allocated == 0 ? 0 : 1;
        }
        return failures == 0 ? 0 : 1;
    }
}
