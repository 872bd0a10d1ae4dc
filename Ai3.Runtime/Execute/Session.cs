using System.Diagnostics;
using Ai3.Ops;
using Ai3.Tensors;

namespace Ai3.Runtime;

/// <summary>A compiled model that runs. Safe for any number of callers at the same time.</summary>
public sealed class Session : IDisposable
{
    private readonly GraphExecutor _executor;
    private readonly WorkerPool _workers;
    private readonly bool _ownsWorkers;
    private bool _disposed;

    private Session(Model model, CompiledModel compiled, WorkerPool workers, bool ownsWorkers)
    {
        Model = model;
        _executor = new GraphExecutor(compiled, workers);
        _workers = workers;
        _ownsWorkers = ownsWorkers;
    }

    /// <summary>The model.</summary>
    public Model Model { get; }

    /// <summary>The inputs that a run needs, in order.</summary>
    public IReadOnlyList<GraphValue> Inputs => _executor.Graph.Inputs;

    /// <summary>The outputs that a run gives, in order.</summary>
    public IReadOnlyList<GraphValue> Outputs => _executor.Graph.Outputs;

    /// <summary>The graph that plans are made of: inferred, folded and rewritten.</summary>
    public Graph Graph => _executor.Graph;

    /// <summary>The machine that plans are made for.</summary>
    public Target Target => _executor.Target;

    /// <summary>The plan used last, or made ahead where all shapes are known; null before.</summary>
    public Plan? Plan => _executor.LastPlan is { } last ? new Plan(last, this) : null;

    internal ExecutablePlan? LastPlan => _executor.LastPlan;

    /// <summary>Runs the model once on named inputs.</summary>
    /// <exception cref="ArgumentException">An input is missing, unknown, or of the wrong type or shape.</exception>
    /// <exception cref="GraphException">Values contradict the graph, such as an index out of range.</exception>
    /// <exception cref="LimitExceededException">The run would take more than the session's limits.</exception>
    public Outputs Run(params ReadOnlySpan<(string Name, Value Value)> inputs)
    {
        var values = new Value?[Inputs.Count];
        foreach ((string name, Value value) in inputs)
            values[InputIndex(name)] = value;
        return Run(values, RunOptions.Default);
    }

    /// <summary>Runs the model once on named inputs.</summary>
    /// <inheritdoc cref="Run(ReadOnlySpan{ValueTuple{string, Value}})"/>
    public Outputs Run(IReadOnlyDictionary<string, Value> inputs, RunOptions? options = null)
    {
        var values = new Value?[Inputs.Count];
        foreach ((string name, Value value) in inputs)
            values[InputIndex(name)] = value;
        return Run(values, options ?? RunOptions.Default);
    }

    /// <summary>
    /// Runs the model node by node, each by the algorithm that a plan has for it, and shows every value in between: to verify and to compare.
    /// Slower than a run. A node's values are valid until the next node is asked for.
    /// </summary>
    /// <inheritdoc cref="Run(ReadOnlySpan{ValueTuple{string, Value}})"/>
    public IEnumerable<TracedNode> Trace(IReadOnlyDictionary<string, Value> inputs, RunOptions? options = null)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        var values = new Value?[Inputs.Count];
        foreach ((string name, Value value) in inputs)
            CheckInput(InputIndex(name), values[InputIndex(name)] = value);
        CheckComplete(values);
        return _executor.Trace(values, RunScope.Begin(options ?? RunOptions.Default, _executor.Limits));
    }

    /// <summary>Buffers for repeated runs without allocation.</summary>
    public Binding CreateBinding() => new(this);

    /// <summary>Runs the model on a binding's inputs, into its outputs; allocates nothing once shapes are settled.</summary>
    /// <inheritdoc cref="Run(ReadOnlySpan{ValueTuple{string, Value}})"/>
    public void Run(Binding binding, RunOptions? options = null)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        binding.Prepare();
        RunContext context = binding.Context!;
        using Activity? span = Telemetry.Source.StartActivity("run");
        long start = Telemetry.StartRun();
        _executor.Execute(binding.Compiled!.Plan, context, binding.Inputs, binding.InputAddresses, binding.OutputAddresses,
            RunScope.Begin(options ?? RunOptions.Default, _executor.Limits));
        Telemetry.EndRun(start);
        binding.TakeObjects();
        GC.KeepAlive(binding);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_disposed)
            return;
        _disposed = true;
        _executor.Dispose();
        if (_ownsWorkers)
            _workers.Dispose();
    }

    internal static Session Create(Model model, CompileOptions options)
    {
        using Activity? span = Telemetry.Source.StartActivity("compile");
        bool owns = options.Workers is null;
        WorkerPool workers = options.Workers ?? new WorkerPool(options.Threads > 0 ? options.Threads : Environment.ProcessorCount);
        try
        {
            return new Session(model, GraphCompiler.Compile(model, options, workers), workers, owns);
        }
        catch
        {
            if (owns)
                workers.Dispose();
            throw;
        }
    }

    internal int InputIndex(string name) => IndexOf(Inputs, name, "input");

    internal int OutputIndex(string name) => IndexOf(Outputs, name, "output");

    internal void CheckInput(int index, Value value) => InputCheck.Check(Inputs[index], value);

    internal CompiledShapes PlanFor(ReadOnlySpan<Value?> inputs)
    {
        CheckComplete(inputs);
        return _executor.PlanFor(inputs);
    }

    private Outputs Run(Value?[] inputs, RunOptions options)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        for (int i = 0; i < inputs.Length; i++)
            if (inputs[i] is { } value)
                CheckInput(i, value);
        CheckComplete(inputs);
        using Activity? span = Telemetry.Source.StartActivity("run");
        long start = Telemetry.StartRun();
        Value[] outputs = _executor.Run(inputs, RunScope.Begin(options, _executor.Limits));
        Telemetry.EndRun(start);
        return new Outputs(Outputs, outputs);
    }

    private void CheckComplete(ReadOnlySpan<Value?> inputs)
    {
        for (int i = 0; i < inputs.Length; i++)
            if (inputs[i] is null)
                throw new ArgumentException($"input '{Inputs[i].Name}' ({Inputs[i].Fact}) is missing");
    }

    private static int IndexOf(IReadOnlyList<GraphValue> values, string name, string what)
    {
        for (int i = 0; i < values.Count; i++)
            if (values[i].Name == name)
                return i;
        throw new ArgumentException($"the model has no {what} '{name}'; {what}s are {string.Join(", ", values.Select(v => $"'{v.Name}'"))}");
    }
}
