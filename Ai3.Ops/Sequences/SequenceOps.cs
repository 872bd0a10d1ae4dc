using System.Collections.Immutable;

namespace Ai3.Ops;

/// <summary>The operators on sequences and optionals.</summary>
internal static class SequenceOps
{
    public static ImmutableArray<OpDefinition> All { get; } =
    [
        SequenceConstructOp.V11, SequenceEmptyOp.V11, SequenceAtOp.V11, SequenceInsertOp.V11, SequenceEraseOp.V11, SequenceLengthOp.V11,
        SplitToSequenceOp.V11, ConcatFromSequenceOp.V11, OptionalOp.V15, OptionalGetElementOp.V15, OptionalHasElementOp.V15,
    ];
}
