using System.Collections.Concurrent;
using System.Diagnostics;
using Ai3.Ops;
using Ai3.Tensors;

namespace Ai3.Runtime;

/// <summary>A compiled model that runs. Safe for any number of callers at the same time.</summary>
public sealed class Session : IDisposable
{
    private const int MaxPlans = 8;

    private readonly CompiledModel _compiled;
    private readonly WorkerPool _workers;
    private readonly bool _ownsWorkers;
    private readonly PlanCache _plans = new(MaxPlans);
    private readonly ConcurrentDictionary<ExecutablePlan, ConcurrentBag<RunContext>> _contexts = new();
    private bool _disposed;

    private Session(Model model, CompiledModel compiled, WorkerPool workers, bool ownsWorkers)
    {
        Model = model;
        _compiled = compiled;
        _workers = workers;
        _ownsWorkers = ownsWorkers;
        if (compiled.TryPlanAhead() is { } ahead)
            _plans.Add(ahead);
    }

    /// <summary>The model.</summary>
    public Model Model { get; }

    /// <summary>The inputs that a run needs, in order.</summary>
    public IReadOnlyList<GraphValue> Inputs => _compiled.Graph.Inputs;

    /// <summary>The outputs that a run gives, in order.</summary>
    public IReadOnlyList<GraphValue> Outputs => _compiled.Graph.Outputs;

    /// <summary>The graph that plans are made of: inferred, folded and rewritten.</summary>
    public Graph Graph => _compiled.Graph;

    /// <summary>The machine that plans are made for.</summary>
    public Target Target => _compiled.Target;

    /// <summary>The plan used last, or made ahead where all shapes are known; null before.</summary>
    public Plan? Plan => _plans.Last is { } last ? new Plan(last.Plan) : null;

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

    /// <summary>Buffers for repeated runs without allocation.</summary>
    public Binding CreateBinding() => new(this);

    /// <summary>Runs the model on a binding's inputs, into its outputs; allocates nothing once shapes are settled.</summary>
    /// <inheritdoc cref="Run(ReadOnlySpan{ValueTuple{string, Value}})"/>
    public void Run(Binding binding, RunOptions? options = null)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        binding.Prepare();
        RunContext context = binding.Context!;
        Execute(binding.Compiled!.Plan, context, binding.Inputs, binding.InputAddresses, binding.OutputAddresses, options ?? RunOptions.Default);
        binding.TakeObjects();
        GC.KeepAlive(binding);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_disposed)
            return;
        _disposed = true;
        foreach (RunContext context in _contexts.Values.SelectMany(b => b))
            context.Dispose();
        _compiled.Dispose();
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
        for (int i = 0; i < inputs.Length; i++)
            if (inputs[i] is null)
                throw new ArgumentException($"input '{Inputs[i].Name}' ({Inputs[i].Fact}) is missing");
        return _plans.GetOrAdd(inputs, _compiled.MakePlan);
    }

    internal static nint[] AddressesOf(ReadOnlySpan<Value?> values)
    {
        var addresses = new nint[values.Length];
        for (int i = 0; i < addresses.Length; i++)
            if (values[i] is Tensor { Type: not DType.String } tensor)
                addresses[i] = tensor.Address;
        return addresses;
    }

    private Outputs Run(Value?[] inputs, RunOptions options)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        for (int i = 0; i < inputs.Length; i++)
            if (inputs[i] is { } value)
                CheckInput(i, value);
        ExecutablePlan plan = PlanFor(inputs).Plan;
        var outputs = new Value?[Outputs.Count];
        for (int i = 0; i < outputs.Length; i++)
            if (plan.Outputs[i] is { } type)
                outputs[i] = Tensor.Allocate(type.Type, type.Shape);
        ConcurrentBag<RunContext> pool = _contexts.GetOrAdd(plan, static _ => []);
        if (!pool.TryTake(out RunContext? context))
            context = new RunContext(plan);
        try
        {
            Execute(plan, context, inputs, AddressesOf(inputs), AddressesOf(outputs), options);
            for (int i = 0; i < outputs.Length; i++)
                outputs[i] ??= context.Objects[plan.OutputObjects[i]];
            return new Outputs(Outputs, outputs!);
        }
        finally
        {
            context.ClearObjects();
            pool.Add(context);
        }
    }

    private void Execute(ExecutablePlan plan, RunContext context, ReadOnlySpan<Value?> inputs, nint[] inputAddresses, nint[] outputAddresses, RunOptions options)
    {
        for (int i = 0; i < inputs.Length; i++)
            if (plan.InputObjects[i] >= 0)
                context.Objects[plan.InputObjects[i]] = inputs[i];
        using Activity? span = Telemetry.Source.StartActivity("run");
        long start = Telemetry.StartRun();
        context.Run(inputAddresses, outputAddresses, _compiled.Runner, _workers, options);
        Telemetry.EndRun(start);
        GC.KeepAlive(this);
        foreach (Value? input in inputs)
            GC.KeepAlive(input);
    }

    private static int IndexOf(IReadOnlyList<GraphValue> values, string name, string what)
    {
        for (int i = 0; i < values.Count; i++)
            if (values[i].Name == name)
                return i;
        throw new ArgumentException($"the model has no {what} '{name}'; {what}s are {string.Join(", ", values.Select(v => $"'{v.Name}'"))}");
    }
}
