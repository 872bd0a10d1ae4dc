using System.Collections.Concurrent;
using Ai3.Runtime;
using Ai3.Tensors;

namespace Ai3.NativeAot;

/// <summary>ai3_session: a session with what C reads of it, and memory for each concurrent run.</summary>
internal sealed unsafe class SessionHandle : IHandleTarget
{
    private readonly NativeArena _arena = new();
    private readonly ConcurrentBag<Binding> _bindings = [];
    private readonly Lease<ModelHandle> _model;
    private readonly byte* _isa;

    /// <summary>Compiles a model, which stays alive as long as this.</summary>
    /// <param name="model">The right to use the model; given back with this, or at once if compiling fails.</param>
    /// <param name="options">How to compile.</param>
    public SessionHandle(Lease<ModelHandle> model, CompileOptions options)
    {
        _model = model;
        try
        {
            Session = model.Target.Model.Compile(options);
        }
        catch
        {
            model.Dispose();
            throw;
        }
        Inputs = new ValueInfos(Session.Inputs, _arena);
        Outputs = new ValueInfos(Session.Outputs, _arena);
        _isa = _arena.Text(Session.Target.Isa.ToString().ToLowerInvariant());
    }

    public static string TypeName => "ai3_session";

    public Session Session { get; }

    public ValueInfos Inputs { get; }

    public ValueInfos Outputs { get; }

    public AbiSessionInfo Info()
    {
        Plan? plan = Session.Plan;
        return new AbiSessionInfo
        {
            InputCount = Inputs.Count,
            OutputCount = Outputs.Count,
            Threads = Session.Target.Threads,
            StepCount = plan?.Steps.Length ?? 0,
            Isa = _isa,
            ArenaBytes = plan?.ArenaBytes ?? 0,
            WorkspaceBytes = plan?.WorkspaceBytes ?? 0,
            PackedBytes = plan?.PackedBytes ?? 0,
            ConstantBytes = plan?.ConstantBytes ?? 0,
        };
    }

    /// <summary>Runs into the caller's memory.</summary>
    public void Run(Dictionary<string, Value> inputs, Dictionary<string, Value> outputs, RunOptions options)
    {
        if (!_bindings.TryTake(out Binding? binding))
            binding = Session.CreateBinding();
        bool good = false;
        try
        {
            foreach ((string name, Value value) in inputs)
                binding.SetInput(name, value);
            foreach ((string name, Value value) in outputs)
                binding.SetOutput(name, (Tensor)value);
            Session.Run(binding, options);
            binding.Reset();
            good = true;
        }
        finally
        {
            if (good)
                _bindings.Add(binding);
            else
                binding.Dispose();
        }
    }

    public void Dispose()
    {
        foreach (Binding binding in _bindings)
            binding.Dispose();
        Session.Dispose();
        _model.Dispose();
        _arena.Dispose();
    }
}
