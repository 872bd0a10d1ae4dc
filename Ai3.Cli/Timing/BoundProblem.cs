using System.Collections.Immutable;
using Ai3.Ops;
using Ai3.Tensors;

namespace Ai3.Cli;

/// <summary>A problem with one algorithm bound to it and memory for its operands, outside any model.</summary>
internal sealed class BoundProblem : IDisposable
{
    private readonly List<IDisposable> _owned = [];
    private readonly WorkerPool _workers;
    private readonly PreparedKernel? _kernel;
    private readonly nint[] _inputs;
    private readonly nint[] _outputs;
    private readonly nint _workspace;

    /// <summary>Binds an algorithm.</summary>
    /// <param name="problem">The problem.</param>
    /// <param name="candidate">The algorithm with its layouts.</param>
    /// <param name="values">The inputs in row-major order; null for an absent one. They stay the caller's.</param>
    /// <param name="workers">Who computes.</param>
    /// <param name="layouts">Changes layouts.</param>
    public BoundProblem(Problem problem, Candidate candidate, IReadOnlyList<Tensor?> values, WorkerPool workers, LayoutChange layouts)
    {
        _workers = workers;
        Candidate = candidate;
        Outputs = [.. problem.Outputs.Select((type, i) => Output(type, candidate.Formats.Output(i)))];
        _inputs = [.. values.Select((v, i) => v is null ? 0 : v.Format == candidate.Formats.Input(i) ? v.Address : Own(layouts.To(v, candidate.Formats.Input(i))).Address)];
        _outputs = [.. Outputs.Select(o => o?.Address ?? 0)];
        _workspace = Own(new NativeBuffer(candidate.WorkspaceBytes, clear: true)).Address;
        PackedConstants? packed = candidate.PackKey is null ? null : Own(candidate.Pack([.. values.Select((v, i) => problem.IsConstant(i) ? v : null)]));
        _kernel = candidate.Algorithm.IsView ? null : candidate.Bind(packed);
    }

    /// <summary>The algorithm with its layouts.</summary>
    public Candidate Candidate { get; }

    /// <summary>What the last run computed, in the algorithm's layouts; null for an output that nobody reads.</summary>
    public ImmutableArray<Tensor?> Outputs { get; }

    /// <summary>Computes the outputs once. A view has nothing to compute.</summary>
    public void Run() => _kernel?.Run(new KernelArgs { Inputs = _inputs, Outputs = _outputs, Workspace = _workspace, Workers = _workers });

    public void Dispose()
    {
        foreach (IDisposable owned in _owned)
            owned.Dispose();
    }

    private Tensor? Output(TensorType type, Format format) => type.IsAbsent ? null : Own(Tensor.Allocate(type.Type, type.Shape, format, clear: true));

    private T Own<T>(T owned) where T : IDisposable
    {
        _owned.Add(owned);
        return owned;
    }
}
