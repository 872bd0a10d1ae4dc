using System.Diagnostics;
using Ai3.Ops;
using Ai3.Tensors;

namespace Ai3.Runtime;

/// <summary>The memory of one run at a time: arena, workspace, the table of addresses, and objects of dynamic steps.</summary>
internal sealed class RunContext : IDisposable
{
    private readonly NativeBuffer _memory;
    private readonly nint[] _addresses;
    private readonly List<(int Place, int Index)> _inputPatches = [];
    private readonly List<(int Place, int Index)> _outputPatches = [];
    private readonly Value?[] _objects;
    private readonly nint _workspace;

    public RunContext(ExecutablePlan plan)
    {
        _memory = new NativeBuffer(plan.RunBytes, clear: true);
        _workspace = _memory.Address + (nint)plan.ArenaBytes;
        _addresses = new nint[plan.AddressCount];
        _objects = new Value?[plan.ObjectCount];
        foreach (PlanStep step in plan.Steps)
        {
            int place = step.FirstAddress;
            foreach (PlanSlot? slot in step.InputSlots.Concat(step.OutputSlots))
                Place(place++, slot);
        }
    }

    /// <summary>Objects made by dynamic steps.</summary>
    public Value?[] Objects => _objects;

    /// <summary>Runs the plan that the context was made for, or one resized from it.</summary>
    /// <param name="plan">The plan.</param>
    /// <param name="inputs">Addresses of the graph's inputs; 0 for one that is no planned tensor.</param>
    /// <param name="outputs">Addresses of the graph's outputs; 0 for one that is no planned tensor.</param>
    /// <param name="runner">Computes dynamic steps.</param>
    /// <param name="workers">Who computes.</param>
    /// <param name="scope">What ends the run early and what watches it.</param>
    public void Run(ExecutablePlan plan, ReadOnlySpan<nint> inputs, ReadOnlySpan<nint> outputs, NodeRunner runner, WorkerPool workers, RunScope scope)
    {
        foreach ((int place, int index) in _inputPatches)
            _addresses[place] = inputs[index];
        foreach ((int place, int index) in _outputPatches)
            _addresses[place] = outputs[index];
        foreach ((int place, Tensor constant) in plan.PlacedConstants)
            _addresses[place] = constant.Address;
        foreach ((int place, Tensor constant) in plan.ConstantObjects)
            _objects[place] = constant.Clone();
        foreach (PlanStep step in plan.Steps)
        {
            scope.Check(step.Name);
            if (scope.Profile is null)
                RunStep(step, inputs, outputs, runner, workers, scope);
            else
                Profiled(step, inputs, outputs, runner, workers, scope);
        }
    }

    public void Dispose()
    {
        ClearObjects();
        _memory.Dispose();
    }

    /// <summary>Forgets the objects of the last run; those handed out stay alive.</summary>
    public void ClearObjects() => Array.Clear(_objects);

    /// <summary>Where planned memory is in this context.</summary>
    public nint AddressOf(PlanSlot slot, ReadOnlySpan<nint> inputs, ReadOnlySpan<nint> outputs)
    {
        PlanSlot root = slot.Root;
        return root.Kind switch
        {
            SlotKind.Arena => _memory.Address + (nint)(root.Offset + slot.RootShift),
            SlotKind.Constant => root.Constant!.Address,
            SlotKind.Input => inputs[root.Index],
            _ => outputs[root.Index],
        };
    }

    private void Profiled(PlanStep step, ReadOnlySpan<nint> inputs, ReadOnlySpan<nint> outputs, NodeRunner runner, WorkerPool workers, RunScope scope)
    {
        long start = Stopwatch.GetTimestamp();
        RunStep(step, inputs, outputs, runner, workers, scope);
        scope.Profile!.Add(step, start, Stopwatch.GetTimestamp());
    }

    private void RunStep(PlanStep step, ReadOnlySpan<nint> inputs, ReadOnlySpan<nint> outputs, NodeRunner runner, WorkerPool workers, RunScope scope)
    {
        if (step.Kernel is null)
        {
            DynamicExecutor.Run(step.Dynamic!, this, inputs, outputs, runner, scope);
            return;
        }
        try
        {
            int first = step.FirstAddress;
            step.Kernel.Run(new KernelArgs
            {
                Inputs = _addresses.AsSpan(first, step.InputSlots.Length),
                Outputs = _addresses.AsSpan(first + step.InputSlots.Length, step.OutputSlots.Length),
                Workspace = _workspace,
                Workers = workers,
            });
        }
        catch (OpException e)
        {
            throw new GraphException(e.Message, step.Name, step.Op, e);
        }
    }

    private void Place(int place, PlanSlot? slot)
    {
        if (slot is null)
            return;
        switch (slot.Root.Kind)
        {
            case SlotKind.Input: _inputPatches.Add((place, slot.Root.Index)); break;
            case SlotKind.Output: _outputPatches.Add((place, slot.Root.Index)); break;
            default: _addresses[place] = AddressOf(slot, [], []); break;
        }
    }
}
