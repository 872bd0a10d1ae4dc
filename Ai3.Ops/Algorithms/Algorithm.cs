using System.Collections.Immutable;
using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>A problem with the formats and the target it is to be computed for.</summary>
/// <param name="Problem">The problem; parts that the algorithm does not fuse are already taken off.</param>
/// <param name="Formats">One of the combinations the algorithm's <c>Formats</c> gave.</param>
/// <param name="Target">The machine.</param>
public sealed record Request<TProblem>(TProblem Problem, FormatChoice Formats, Target Target) where TProblem : Problem;

/// <summary>What every algorithm row says about itself, whatever its problem type.</summary>
public abstract record Algorithm
{
    /// <summary>The public name: snake_case and stable.</summary>
    public required string Name { get; init; }

    /// <summary>The paper or the method's common name.</summary>
    public required string Source { get; init; }

    /// <summary>In words, what the algorithm needs; empty if it takes anything.</summary>
    public string Needs { get; init; } = "";

    /// <summary>In words, the workspace it uses.</summary>
    public string Workspace { get; init; } = "none";

    /// <summary>In words, the layouts it reads and writes.</summary>
    public string Layouts { get; init; } = "plain";

    /// <summary>True if output 0 is input 0's memory under another shape: no kernel runs.</summary>
    public bool IsView { get; init; }

    /// <summary>True for the oracle in kernel form: picked only by name or where nothing else applies.</summary>
    public bool IsReference { get; init; }

    /// <summary>True if the automatic choice leaves the row out, because it costs more accuracy than that may: picked only by name.</summary>
    public bool IsByNameOnly { get; init; }

    /// <summary>True if NaN and infinities reach only the outputs that IEEE arithmetic says (transforms spread them over a tile).</summary>
    public bool PropagatesExactly { get; init; } = true;
}

/// <summary>
/// One way to compute an operator: a row of pure functions. Phases are apart: select (Supports, Formats, sizes, cost), pack
/// (once a constant), bind (once a plan, no weight touched), run (the prepared kernel).
/// </summary>
/// <typeparam name="TProblem">The operator's problem.</typeparam>
public sealed record Algorithm<TProblem> : Algorithm where TProblem : Problem
{
    /// <summary>Whether the algorithm applies. Total: gives a verdict for any problem, and never throws.</summary>
    public required Func<TProblem, Target, Applicability> Supports { get; init; }

    /// <summary>The layouts it can run, for a problem that it supports.</summary>
    public Func<TProblem, Target, ImmutableArray<FormatChoice>> Formats { get; init; } = static (_, _) => FormatChoice.PlainOnly;

    /// <summary>The fused parts that it computes itself.</summary>
    public Func<TProblem, Target, FusedParts> Fuses { get; init; } = static (_, _) => FusedParts.None;

    /// <summary>Bytes of workspace a run uses: an exact upper bound.</summary>
    public Func<Request<TProblem>, long> WorkspaceBytes { get; init; } = static _ => 0;

    /// <summary>Bytes that <see cref="Pack"/> will hold, known before it runs.</summary>
    public Func<Request<TProblem>, long> PackedBytes { get; init; } = static _ => 0;

    /// <summary>Nanoseconds of one run, to rank with; never for correctness.</summary>
    public required Func<Request<TProblem>, double> CostHint { get; init; }

    /// <summary>The bound it is proven against.</summary>
    public required Func<TProblem, Target, ErrorBound> Error { get; init; }

    /// <summary>Which input's memory an output may take over: (output, input) pairs.</summary>
    public Func<Request<TProblem>, ImmutableArray<(int Output, int Input)>> InPlace { get; init; } = static _ => [];

    /// <summary>
    /// Where the inputs lie in output 0, unchanged: a byte offset for each, or none if they do not. A plan may have an input written
    /// there in the first place, and the kernel then leaves it alone.
    /// </summary>
    public Func<Request<TProblem>, ImmutableArray<long>> Slices { get; init; } = static _ => [];

    /// <summary>
    /// Names the packed form of the constants, without shapes that do not change it; null if nothing is packed. Equal keys over
    /// equal constants share one packed copy.
    /// </summary>
    public Func<Request<TProblem>, string?> PackKey { get; init; } = static _ => null;

    /// <summary>Packs the constants: one entry an input, null where the input is not constant.</summary>
    public Func<Request<TProblem>, IReadOnlyList<Tensor?>, PackedConstants>? Pack { get; init; }

    /// <summary>Makes the kernel; packed constants are those of <see cref="Pack"/>, or null if <see cref="PackKey"/> is.</summary>
    public required Func<Request<TProblem>, PackedConstants?, PreparedKernel> Bind { get; init; }
}
