using System.Collections.Immutable;

namespace Ai3.Ops;

/// <summary>The operators that choose elements by their values, and others whose output shapes only the data decides.</summary>
internal static class SelectingOps
{
    public static ImmutableArray<OpDefinition> All { get; } = [.. TopKOp.All, NonZeroOp.V9, CompressOp.V9, UniqueOp.V11, NonMaxSuppressionOp.V10, GivenTensorFillOp.V1, NGramRepeatBlockOp.Definition];
}
