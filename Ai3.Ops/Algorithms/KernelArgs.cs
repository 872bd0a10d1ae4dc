namespace Ai3.Ops;

/// <summary>What a prepared kernel gets to run: addresses, workspace and workers. All memory is checked before.</summary>
public readonly ref struct KernelArgs
{
    /// <summary>The addresses of the inputs, in problem order; 0 for an absent one.</summary>
    public ReadOnlySpan<nint> Inputs { get; init; }

    /// <summary>The addresses of the outputs, in problem order; 0 for an absent one.</summary>
    public ReadOnlySpan<nint> Outputs { get; init; }

    /// <summary>The address of the workspace: as many bytes as the row asked for, 64-byte aligned, contents undefined.</summary>
    public nint Workspace { get; init; }

    /// <summary>Who computes: splits outer loops over threads.</summary>
    public WorkerPool Workers { get; init; }
}
