using Ai3.Ops;
using Ai3.Tensors;
using FsCheck;
using FsCheck.Fluent;

namespace Ai3.Runtime.Tests;

/// <summary>Offsets by lifetime.</summary>
public sealed class MemoryPlannerTests
{
    [Fact]
    public void SlotsAliveTogetherNeverOverlap() => Prop.ForAll(Lifetimes(), lifetimes =>
    {
        PlanSlot[] slots = [.. lifetimes.Select(Slot)];
        (long bytes, long lowerBound) = MemoryPlanner.Run(slots, 20);
        for (int i = 0; i < slots.Length; i++)
        {
            Assert.True(slots[i].Offset % NativeBuffer.Alignment == 0);
            Assert.True(slots[i].Offset + slots[i].Bytes + NativeBuffer.Slack <= bytes);
            for (int j = 0; j < i; j++)
                Assert.True(!Together(slots[i], slots[j]) || slots[i].Offset + slots[i].Bytes <= slots[j].Offset || slots[j].Offset + slots[j].Bytes <= slots[i].Offset);
        }
        Assert.True(lowerBound <= bytes);
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void AChainTakesTwoBuffers()
    {
        PlanSlot[] slots = [.. Enumerable.Range(0, 10).Select(i => Slot((i, 1, 1000)))];
        (long bytes, long lowerBound) = MemoryPlanner.Run(slots, 20);
        Assert.Equal(lowerBound, bytes);
    }

    private static Arbitrary<(int First, int Length, int Count)[]> Lifetimes() =>
        (from first in Gen.Choose(0, 15) from length in Gen.Choose(0, 4) from count in Gen.Choose(0, 5000) select (first, length, count)).ArrayOf().ToArbitrary();

    private static bool Together(PlanSlot a, PlanSlot b) => a.FirstStep <= b.LastStep && b.FirstStep <= a.LastStep;

    private static PlanSlot Slot((int First, int Length, int Count) lifetime)
    {
        var slot = new PlanSlot(new GraphValue("v", null), new TensorType(DType.Float32, [lifetime.Count]), Format.Plain);
        slot.Touch(lifetime.First);
        slot.Touch(lifetime.First + lifetime.Length);
        return slot;
    }
}
