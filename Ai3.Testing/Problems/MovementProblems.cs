using System.Collections.Immutable;

namespace Ai3.Testing;

/// <summary>The generators of the movement family.</summary>
internal static class MovementProblems
{
    public static ImmutableArray<IProblemGenerator> All { get; } =
    [
        new MovementStridedCopyProblems(),
        new MovementJoinProblems(),
        new MovementGatherProblems(),
        new MovementGatherElementsProblems(),
        new MovementGatherNDProblems(),
        new MovementScatterProblems(),
        new MovementPadProblems(),
        new MovementFillProblems(),
        new MovementShapeProblems(),
        new MovementConstantProblems(),
        new MovementRangeProblems(),
        new MovementOneHotProblems(),
        new MovementTriluProblems(),
        new MovementEyeProblems(),
        new MovementReverseSequenceProblems(),
    ];
}
