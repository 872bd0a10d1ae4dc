using System.Collections.Immutable;
using Ai3.Ops;

namespace Ai3.Runtime;

/// <summary>How a model is compiled. The defaults are right for one model in one process.</summary>
public sealed record CompileOptions
{
    /// <summary>Threads that compute one run, the caller's own counted; 0 for one per core. Ignored if <see cref="Workers"/> is given.</summary>
    public int Threads { get; init; }

    /// <summary>Workers shared with other sessions; null for a pool of the session's own.</summary>
    public WorkerPool? Workers { get; init; }

    /// <summary>Numbers for symbolic dimensions, such as <c>batch</c> = 1.</summary>
    public IReadOnlyDictionary<string, long> Dimensions { get; init; } = ImmutableDictionary<string, long>.Empty;

    /// <summary>Who computes what; null for the model's own selection.</summary>
    public Selection? Selection { get; init; }

    /// <summary>A plan saved before, which decides in the selection's place; null for none.</summary>
    public SavedPlan? Plan { get; init; }

    /// <summary>Operators and algorithms to choose from.</summary>
    public OpCatalog Catalog { get; init; } = OpCatalog.Default;

    /// <summary>The instruction set; null for the best this machine and build have.</summary>
    public IsaLevel? Isa { get; init; }

    /// <summary>Names of rewrites to leave out; some of <see cref="RewriteNames"/>.</summary>
    public ImmutableHashSet<string> DisabledRewrites { get; init; } = [];

    /// <summary>The names of all rewrites, in the order they are applied.</summary>
    public static IEnumerable<string> RewriteNames => Rewrites.BeforeFolding.Concat(Rewrites.All).Select(r => r.Name).Distinct();

    /// <summary>What the session may take.</summary>
    public RunLimits Limits { get; init; } = RunLimits.Default;

    /// <summary>Whether algorithms that spread NaN and infinities over neighbours are left out of the automatic choice.</summary>
    public bool StrictNan { get; init; }
}
