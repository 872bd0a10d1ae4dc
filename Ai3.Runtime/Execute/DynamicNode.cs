using System.Collections.Immutable;

namespace Ai3.Runtime;

/// <summary>A node whose shapes, or whose values altogether, only the run knows.</summary>
/// <param name="Node">The node.</param>
/// <param name="Selector">Who computes it.</param>
/// <param name="Inputs">Where its inputs come from; null for an absent one.</param>
/// <param name="Outputs">Where its outputs go; null for one that nobody reads.</param>
/// <param name="Bodies">Its compiled subgraphs by attribute name.</param>
internal sealed record DynamicNode(
    Node Node, Selector Selector, ImmutableArray<DynamicSource?> Inputs, ImmutableArray<DynamicTarget?> Outputs,
    ImmutableSortedDictionary<string, Body> Bodies);

/// <summary>A value that a dynamic step reads: planned memory, or an object made by an earlier dynamic step or given by the caller.</summary>
/// <param name="Slot">Planned memory, or null.</param>
/// <param name="Object">The index of the object, or -1.</param>
internal sealed record DynamicSource(PlanSlot? Slot, int Object);

/// <summary>Where a dynamic step puts an output: always an object; into planned memory too where its shape is known.</summary>
/// <param name="Object">The index of the object.</param>
/// <param name="Slot">Planned memory that later kernels read, or null.</param>
internal sealed record DynamicTarget(int Object, PlanSlot? Slot);
