using Ai3.Ops;
using Ai3.Tensors;

namespace Ai3.Runtime;

/// <summary>Inputs, outputs and memory for repeated runs of one caller: after the first run nothing is allocated.</summary>
/// <remarks>One run at a time; make a binding for each concurrent caller.</remarks>
public sealed class Binding : IDisposable
{
    private readonly Session _session;
    private readonly Value?[] _inputs;
    private readonly Value?[] _outputs;
    private readonly Tensor?[] _given;
    private readonly bool[] _ownsOutput;
    private bool _changed = true;

    internal Binding(Session session)
    {
        _session = session;
        _inputs = new Value?[session.Inputs.Count];
        _outputs = new Value?[session.Outputs.Count];
        _given = new Tensor?[session.Outputs.Count];
        _ownsOutput = new bool[session.Outputs.Count];
    }

    /// <summary>Sets an input. The value stays the caller's and must live until the last run that reads it.</summary>
    /// <exception cref="ArgumentException">The model has no such input, or the value does not fit it.</exception>
    public void SetInput(string name, Value value)
    {
        int index = _session.InputIndex(name);
        _session.CheckInput(index, value);
        _inputs[index] = value;
        _changed = true;
    }

    /// <summary>Sets the memory that an output is written into; it stays the caller's.</summary>
    /// <exception cref="ArgumentException">The model has no such output.</exception>
    public void SetOutput(string name, Tensor tensor)
    {
        int index = _session.OutputIndex(name);
        if (tensor.IsReadOnly)
            throw new ArgumentException($"the memory for output '{name}' is read-only");
        Release(index);
        _outputs[index] = _given[index] = tensor;
        _changed = true;
    }

    /// <summary>Forgets the caller's inputs and the caller's memory for outputs; the binding's own memory stays for the next run.</summary>
    public void Reset()
    {
        Array.Clear(_inputs);
        for (int i = 0; i < _outputs.Length; i++)
            if (_given[i] is not null)
                _outputs[i] = _given[i] = null;
        Context?.ClearObjects();
        _changed = true;
    }

    /// <summary>An output of the last run; valid until the next run or until the binding is disposed.</summary>
    public Tensor Output(string name) => _outputs[_session.OutputIndex(name)] as Tensor
        ?? throw new InvalidOperationException($"output '{name}' has no tensor; run first");

    internal ReadOnlySpan<Value?> Inputs => _inputs;

    internal nint[] InputAddresses { get; private set; } = [];

    internal nint[] OutputAddresses { get; private set; } = [];

    internal CompiledShapes? Compiled { get; private set; }

    internal RunContext? Context { get; private set; }

    internal Value? OutputValue(int index) => _outputs[index];

    // Finds the plan for the inputs' shapes and settles every address; only after a change.
    internal void Prepare()
    {
        if (!_changed)
            return;
        CompiledShapes compiled = _session.PlanFor(_inputs);
        if (!ReferenceEquals(compiled, Compiled))
        {
            if (Context is null || compiled.Plan.Contexts != Compiled!.Plan.Contexts)
            {
                Context?.Dispose();
                Context = new RunContext(compiled.Plan);
            }
            Compiled = compiled;
        }
        InputAddresses = GraphExecutor.AddressesOf(_inputs);
        for (int i = 0; i < _outputs.Length; i++)
            PrepareOutput(i, compiled.Plan.Outputs[i]);
        OutputAddresses = GraphExecutor.AddressesOf(_outputs);
        _changed = false;
    }

    // Outputs that only the run knows are objects of the context.
    internal void TakeObjects()
    {
        for (int i = 0; i < _outputs.Length; i++)
        {
            int index = Compiled!.Plan.OutputObjects[i];
            if (index < 0)
                continue;
            Value? made = Context!.Objects[index];
            if (_given[i] is not { } memory)
            {
                Release(i);
                _outputs[i] = made;
            }
            else if (made is Tensor tensor && tensor.Type == memory.Type && tensor.Shape == memory.Shape && memory.Format == Format.Plain)
                tensor.CopyTo(memory);
            else
                throw Misfit(i, memory, made?.Fact);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        for (int i = 0; i < _outputs.Length; i++)
            Release(i);
        Context?.Dispose();
    }

    private void PrepareOutput(int index, TensorType? type)
    {
        if (type is not { } wanted)
            return;
        if (_given[index] is { } given)
        {
            if (given.Type != wanted.Type || given.Shape != wanted.Shape || given.Format != Format.Plain)
                throw Misfit(index, given, wanted);
            return;
        }
        if (_ownsOutput[index] && _outputs[index] is Tensor own && own.Type == wanted.Type && own.Shape == wanted.Shape)
            return;
        Release(index);
        _outputs[index] = Tensor.Allocate(wanted.Type, wanted.Shape);
        _ownsOutput[index] = true;
    }

    private void Release(int index)
    {
        if (_ownsOutput[index])
            _outputs[index]?.Dispose();
        _outputs[index] = null;
        _given[index] = null;
        _ownsOutput[index] = false;
    }

    private ArgumentException Misfit(int index, Tensor memory, object? made) =>
        new($"the memory for output '{_session.Outputs[index].Name}' is {memory}, the run gives {made}");
}
