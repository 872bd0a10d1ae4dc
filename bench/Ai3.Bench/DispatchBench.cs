using System.Collections.Immutable;
using System.Diagnostics;
using Ai3.Cli;
using Ai3.Ops;
using Ai3.Runtime;
using Ai3.Tensors;

namespace Ai3.Bench;

/// <summary>What a plan step costs beside its kernel: a chain of tiny nodes, against the same kernels called in a loop.</summary>
internal static class DispatchBench
{
    private const int Nodes = 1000;
    private const int Rounds = 300;
    private const int Opset = 17;

    public static void Run(Shell shell)
    {
        using Tensor input = Tensor.From(new float[] { 1, 2, 3, 4 }, [4]);
        using Model model = Chain();
        using Session session = model.Compile(new CompileOptions { Threads = 1 });
        using Binding binding = session.CreateBinding();
        binding.SetInput("x", input);
        session.Run(binding);
        ImmutableArray<PlanStep> steps = session.Plan!.Steps;
        using var loop = new KernelLoop(steps, session.Target);
        Action[] contenders = [() => session.Run(binding), loop.Run];
        Samples[] times = [new(), new()];
        foreach (Action contender in contenders)
            Warmup.Run(contender);
        for (int round = 0; round < Rounds; round++)
        {
            for (int i = 0; i < contenders.Length; i++)
            {
                long start = Stopwatch.GetTimestamp();
                contenders[i]();
                times[i].Add(Stopwatch.GetElapsedTime(start).TotalNanoseconds);
            }
        }
        double run = times[0].Median / steps.Length, kernels = times[1].Median / steps.Length;
        shell.Out.WriteLine(FormattableString.Invariant(
            $"dispatch: {steps.Length} steps; {run:0.0} ns a step in a session, {kernels:0.0} ns in a loop over the bound kernels, {run - kernels:0.0} ns between"));
    }

    // Every node adds the input again, so that nothing can be folded, fused or shared.
    private static Model Chain()
    {
        var nodes = ImmutableArray.CreateBuilder<NodeSpec>(Nodes);
        for (int i = 0; i < Nodes; i++)
        {
            string from = i == 0 ? "x" : $"v{i - 1}", to = i == Nodes - 1 ? "y" : $"v{i}";
            nodes.Add(new NodeSpec($"n{i}", "", "Add", [from, "x"], [to], Attributes.Empty, ImmutableSortedDictionary<string, GraphSpec>.Empty));
        }
        var fact = new TensorFact(DType.Float32, Shape.Create(4));
        return Model.Create(new GraphSpec("chain", [new ValueSpec("x", fact)], [new ValueSpec("y", fact)], [], nodes.ToImmutable(), []), new Dictionary<string, int> { [""] = Opset });
    }

    /// <summary>The kernels of a plan, bound again, with memory of their own.</summary>
    private sealed class KernelLoop : IDisposable
    {
        private readonly NativeBuffer _memory = new(4096, clear: true);
        private readonly PreparedKernel[] _kernels;
        private readonly nint[] _inputs;
        private readonly nint[] _outputs;

        public KernelLoop(ImmutableArray<PlanStep> steps, Target target)
        {
            _kernels = [.. steps.Select(s => Bind(s, target))];
            _inputs = [_memory.Address, _memory.Address + 1024];
            _outputs = [_memory.Address + 2048];
        }

        public void Run()
        {
            foreach (PreparedKernel kernel in _kernels)
                kernel.Run(new KernelArgs { Inputs = _inputs, Outputs = _outputs, Workspace = _memory.Address + 3072, Workers = WorkerPool.Single });
        }

        public void Dispose() => _memory.Dispose();

        private static PreparedKernel Bind(PlanStep step, Target target)
        {
            OpDefinition add = OpCatalog.Default.Find("", step.Op, Opset)!;
            return add.Candidates(step.Problem!, target).Accepted.First(c => c.Algorithm.Name == step.Algorithm && c.Formats.Equals(step.Formats)).Bind(null);
        }
    }
}
