using Ai3.Tensors;

namespace Ai3.Runtime;

/// <summary>Gives arena slots offsets so that slots alive at the same time do not overlap: greedy, largest first.</summary>
internal static class MemoryPlanner
{
    /// <summary>Sets the offset of every slot.</summary>
    /// <returns>Bytes that the arena takes, and the largest sum of slots alive at one step: the least any plan can take.</returns>
    public static (long Bytes, long LowerBound) Run(IReadOnlyCollection<PlanSlot> slots, int steps)
    {
        long total = 0;
        var placed = new List<PlanSlot>();
        foreach (PlanSlot slot in slots.OrderByDescending(s => s.Bytes).ThenBy(s => s.FirstStep))
        {
            slot.Offset = FirstGap(slot, placed);
            placed.Add(slot);
            total = Math.Max(total, ShapeMath.Add(slot.Offset, Size(slot)));
        }
        return (total, LowerBound(slots, steps));
    }

    private static long FirstGap(PlanSlot slot, List<PlanSlot> placed)
    {
        long offset = 0;
        foreach (PlanSlot other in placed.Where(p => Overlaps(p, slot)).OrderBy(p => p.Offset))
        {
            if (offset + Size(slot) <= other.Offset)
                break;
            offset = Math.Max(offset, other.Offset + Size(other));
        }
        return offset;
    }

    private static long LowerBound(IReadOnlyCollection<PlanSlot> slots, int steps)
    {
        var change = new long[steps + 2];
        foreach (PlanSlot slot in slots)
        {
            change[Math.Min(slot.FirstStep, steps)] += Size(slot);
            change[Math.Min(slot.LastStep, steps) + 1] -= Size(slot);
        }
        long alive = 0, most = 0;
        foreach (long delta in change)
            most = Math.Max(most, alive += delta);
        return most;
    }

    private static bool Overlaps(PlanSlot a, PlanSlot b) => a.FirstStep <= b.LastStep && b.FirstStep <= a.LastStep;

    // Slack after each slot lets a kernel read one vector past the end, as every native buffer does.
    private static long Size(PlanSlot slot) => ShapeMath.RoundUp(ShapeMath.Add(slot.Bytes, NativeBuffer.Slack), NativeBuffer.Alignment);
}
