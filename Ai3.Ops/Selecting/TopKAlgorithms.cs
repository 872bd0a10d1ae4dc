using System.Collections.Immutable;
using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>Every way to compute TopK.</summary>
internal static class TopKAlgorithms
{
    public static ImmutableArray<Algorithm<TopKProblem>> All { get; } = [TopKHeap.Row, TopKSort.Row, TopKReference.Row];

    /// <summary>Nanoseconds to sort so many entries.</summary>
    public static double SortCost(double count) => 3 * count * Math.Log2(count + 1);

    /// <summary>Yes for number types and axes whose indices fit in an entry.</summary>
    public static Applicability Supports(TopKProblem p) =>
        Applicability.If(TypeSet.Numeric.Has(p.Input.Type), $"{p.Input.Type.ShortName()} is no number type")
            .And(Applicability.If(p.Length <= int.MaxValue, $"the axis has {p.Length} elements, needs fewer than 2^31"));

    /// <summary>Bytes of one entry.</summary>
    public static int EntryBytes(TopKProblem p) => p.Input.Type.ByteSize() > 4 ? 16 : 8;
}
