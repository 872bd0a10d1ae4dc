using System.Collections.Immutable;

namespace Ai3.Runtime;

/// <summary>
/// Has the inputs of a Concat written straight into its output, where they lie there one after the other: its kernel then copies nothing, or
/// only the inputs that could not be placed.
/// </summary>
/// <remarks>
/// Later steps come first, so that values which several Concats share (each prefix of a dense block) go into the longest; an output whose
/// inputs all lie side by side already is a view of that memory. This is sound as every memory that takes part is written only before the
/// Concat that it is placed for, and an output only by its Concat: values that are overwritten in place later stay apart.
/// </remarks>
internal sealed class SlicePlacement
{
    private readonly Dictionary<PlanSlot, PlanSlot> _owners = [];
    private readonly Dictionary<PlanSlot, Writers> _writers = [];

    private SlicePlacement(IReadOnlyList<PlanStep> steps)
    {
        foreach (PlanSlot slot in steps.SelectMany(s => s.InputSlots.Concat(s.OutputSlots)).OfType<PlanSlot>())
            _owners[slot] = slot.Root;
        for (int i = 0; i < steps.Count; i++)
            foreach (PlanSlot root in steps[i].OutputSlots.OfType<PlanSlot>().Select(s => s.Root))
                _writers[root] = new Writers(i, 1 + _writers.GetValueOrDefault(root).Count);
        // Steps that are resolved while running hand their memory on as objects.
        foreach (DynamicNode node in steps.Select(s => s.Dynamic).OfType<DynamicNode>())
            foreach (PlanSlot slot in node.Inputs.Select(i => i?.Slot).Concat(node.Outputs.Select(o => o?.Slot)).OfType<PlanSlot>())
                _writers.Remove(slot.Root);
    }

    // The last step that writes some memory, and how many do.
    private readonly record struct Writers(int Last, int Count);

    /// <summary>Places what can be placed; memory has no offsets yet.</summary>
    public static void Run(IReadOnlyList<PlanStep> steps)
    {
        var placement = new SlicePlacement(steps);
        for (int i = steps.Count - 1; i >= 0; i--)
            if (steps[i] is { Selection.Winner.Slices: { IsEmpty: false } slices, OutputSlots: [{ Root.Kind: SlotKind.Arena } output] } step)
                placement.Place(i, step.InputSlots, output, slices);
    }

    private void Place(int step, ImmutableArray<PlanSlot?> inputs, PlanSlot output, ImmutableArray<long> slices)
    {
        if (_owners[output] != output || _writers.GetValueOrDefault(output) != new Writers(step, 1))
            return;
        if (output.Root == output && Whole(step, inputs, slices) is { } first)
        {
            output.AliasTo(first);
            return;
        }
        for (int k = 0; k < inputs.Length; k++)
            if (inputs[k] is { } input && _owners[input] is { Kind: SlotKind.Arena } owner && owner != output && owner.Root == owner
                && owner.Bytes == input.Bytes && IsFinishedBefore(step, owner))
                owner.PlaceIn(output.Root, output.RootShift + slices[k]);
    }

    // The first of inputs that lie side by side in one memory as they would in the output.
    private PlanSlot? Whole(int step, ImmutableArray<PlanSlot?> inputs, ImmutableArray<long> slices)
    {
        if (inputs[0] is not { Root.Kind: SlotKind.Arena } first)
            return null;
        for (int k = 0; k < inputs.Length; k++)
            if (inputs[k] is not { } input || input.Root != first.Root || input.RootShift - first.RootShift != slices[k] || !IsFinishedBefore(step, _owners[input]))
                return null;
        return first;
    }

    private bool IsFinishedBefore(int step, PlanSlot owner) => _writers.TryGetValue(owner, out Writers writers) && writers.Last < step;
}
