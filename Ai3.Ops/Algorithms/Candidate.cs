using System.Collections.Immutable;
using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>An algorithm and formats that can compute a problem, with what they cost; its problem type erased.</summary>
public abstract class Candidate
{
    /// <summary>The row.</summary>
    public required Algorithm Algorithm { get; init; }

    /// <summary>The layouts of the operands.</summary>
    public required FormatChoice Formats { get; init; }

    /// <summary>Bytes of workspace, passes for fused parts included.</summary>
    public required long WorkspaceBytes { get; init; }

    /// <summary>Bytes of packed constants.</summary>
    public required long PackedBytes { get; init; }

    /// <summary>Nanoseconds of one run, to rank with.</summary>
    public required double CostNanoseconds { get; init; }

    /// <summary>Names the packed form, or null.</summary>
    public required string? PackKey { get; init; }

    /// <summary>Which input's memory an output may take over: (output, input) pairs.</summary>
    public required ImmutableArray<(int Output, int Input)> InPlace { get; init; }

    /// <summary>Where the inputs lie in output 0, unchanged: a byte offset for each, or none if they do not.</summary>
    public required ImmutableArray<long> Slices { get; init; }

    /// <summary>The bound the algorithm is proven against, fused passes left out.</summary>
    public required ErrorBound Error { get; init; }

    /// <summary>Packs the constants: one entry an input, null where the input is not constant.</summary>
    public abstract PackedConstants Pack(IReadOnlyList<Tensor?> constants);

    /// <summary>Makes the kernel.</summary>
    public abstract PreparedKernel Bind(PackedConstants? packed);
}

/// <summary>An algorithm that does not apply, and why.</summary>
/// <param name="Algorithm">Its name.</param>
/// <param name="Reason">The fact at fault and what would be right.</param>
public readonly record struct Refusal(string Algorithm, string Reason);

/// <summary>Every algorithm's verdict on one problem.</summary>
/// <param name="Accepted">The applicable ones, in table order; several entries where an algorithm takes several formats.</param>
/// <param name="Refused">The others.</param>
public sealed record CandidateSet(ImmutableArray<Candidate> Accepted, ImmutableArray<Refusal> Refused);
