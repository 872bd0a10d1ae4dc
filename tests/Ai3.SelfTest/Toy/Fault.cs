namespace Ai3.SelfTest;

/// <summary>What is wrong with a <see cref="ScaleRow"/>.</summary>
public enum Fault
{
    None,
    WrongLastElement,
    WrongAtLargeSizes,
    LosesPrecision,
    LeavesElementUnwritten,
    WritesBeforeOutput,
    WritesPastOutput,
    WritesPastWorkspace,
    WritesBeforeWorkspace,
    ReadsWorkspaceUnwritten,
    OverwritesInput,
    IgnoresNaN,
    FlushesDenormals,
    DependsOnThreads,
    DependsOnPlannedThreads,
    ReadsInputAfterOutput,
    LeavesPaddingUnzeroed,
    MixesUpBlocks,
    Allocates,
    PacksMoreThanSaid,
    PacksDifferentlyEachTime,
    KeepsStateBetweenRuns,
    SharesScratchBetweenCallers,
    PackDependsOnShape,
    ThrowsInSupports,
    ThrowsInBind,
    ReadsPastInput,
    ReadsBeforeInput,
}
