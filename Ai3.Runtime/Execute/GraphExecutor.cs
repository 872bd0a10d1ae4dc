using Ai3.Ops;
using Ai3.Tensors;

namespace Ai3.Runtime;

/// <summary>Runs a compiled graph: a plan for each set of input shapes, memory for each concurrent run.</summary>
internal sealed class GraphExecutor : IDisposable
{
    private const int MaxPlans = 8;

    private readonly CompiledModel _compiled;
    private readonly WorkerPool _workers;
    private readonly PlanCache _plans;

    /// <summary>Readies a graph; where all its input shapes are known, its plan is made at once.</summary>
    /// <param name="compiled">The graph, disposed with this.</param>
    /// <param name="workers">Who computes.</param>
    public GraphExecutor(CompiledModel compiled, WorkerPool workers)
    {
        _compiled = compiled;
        _workers = workers;
        _plans = new PlanCache(compiled, MaxPlans);
        if (compiled.TryPlanAhead() is { } ahead)
            _plans.Add(ahead);
    }

    /// <summary>The graph.</summary>
    public Graph Graph => _compiled.Graph;

    /// <summary>The machine that plans are made for.</summary>
    public Target Target => _compiled.Target;

    /// <summary>The limits of each run.</summary>
    public RunLimits Limits => _compiled.Runner.Limits;

    /// <summary>The plan used last, or made ahead; null before.</summary>
    public ExecutablePlan? LastPlan => _plans.Last?.Plan;

    /// <summary>The plan for the shapes of the inputs.</summary>
    public CompiledShapes PlanFor(ReadOnlySpan<Value?> inputs) => _plans.GetOrAdd(inputs);

    /// <summary>Runs the graph once; outputs are new values.</summary>
    public Value[] Run(Value?[] inputs, RunScope scope)
    {
        ExecutablePlan plan = PlanFor(inputs).Plan;
        var outputs = new Value?[Graph.Outputs.Count];
        for (int i = 0; i < outputs.Length; i++)
            if (plan.Outputs[i] is { } type)
                outputs[i] = Tensor.Allocate(type.Type, type.Shape);
        RunContext context = plan.Contexts.Take(plan);
        try
        {
            Execute(plan, context, inputs, AddressesOf(inputs), AddressesOf(outputs), scope);
            for (int i = 0; i < outputs.Length; i++)
                outputs[i] ??= context.Objects[plan.OutputObjects[i]];
            GC.KeepAlive(outputs);
            return outputs!;
        }
        finally
        {
            plan.Contexts.Return(context);
        }
    }

    /// <summary>Runs the graph node by node; each node's values are valid until the next is asked for.</summary>
    public IEnumerable<TracedNode> Trace(Value?[] inputs, RunScope scope)
    {
        using GraphTrace trace = _compiled.Trace(inputs);
        foreach (TracedNode node in trace.Run(scope))
            yield return node;
        GC.KeepAlive(this);
    }

    /// <summary>Runs a plan in a context.</summary>
    public void Execute(ExecutablePlan plan, RunContext context, ReadOnlySpan<Value?> inputs, nint[] inputAddresses, nint[] outputAddresses, RunScope scope)
    {
        for (int i = 0; i < inputs.Length; i++)
            if (plan.InputObjects[i] >= 0)
                context.Objects[plan.InputObjects[i]] = inputs[i];
        context.Run(plan, inputAddresses, outputAddresses, _compiled.Runner, _workers, scope);
        GC.KeepAlive(this);
        foreach (Value? input in inputs)
            GC.KeepAlive(input);
    }

    /// <summary>Where the tensors among values are; 0 for other values and strings.</summary>
    public static nint[] AddressesOf(ReadOnlySpan<Value?> values)
    {
        var addresses = new nint[values.Length];
        for (int i = 0; i < addresses.Length; i++)
            if (values[i] is Tensor { Type: not DType.String } tensor)
                addresses[i] = tensor.Address;
        return addresses;
    }

    public void Dispose()
    {
        _plans.Dispose();
        _compiled.Dispose();
    }
}
