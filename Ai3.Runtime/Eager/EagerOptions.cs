using System.Collections.Immutable;
using Ai3.Ops;

namespace Ai3.Runtime;

/// <summary>How a single operation is computed. The defaults are right for most callers.</summary>
public record EagerOptions
{
    /// <summary>The automatic choice on the shared workers.</summary>
    public static EagerOptions Default { get; } = new();

    /// <summary>Who computes it: a name, a fallback list such as <c>winograd_f2x2_3x3,gemm,auto</c>, or a function.</summary>
    public Selector Algorithm { get; init; } = Selector.Automatic;

    /// <summary>Workers; null for those that all single operations share, one a core.</summary>
    public WorkerPool? Workers { get; init; }

    /// <summary>The instruction set; null for the best this machine and build have.</summary>
    public IsaLevel? Isa { get; init; }

    /// <summary>Operators and algorithms to choose from.</summary>
    public OpCatalog Catalog { get; init; } = OpCatalog.Default;

    /// <summary>The version of the operator's domain.</summary>
    public int Opset { get; init; } = GraphBuilder.DefaultOpset;

    /// <summary>What the operation may take.</summary>
    public RunLimits Limits { get; init; } = RunLimits.Default;
}

/// <summary>How a convolution of planes is computed. Where a number is meant for each axis, one number stands for all.</summary>
public sealed record Conv2DOptions : EagerOptions
{
    /// <summary>Steps of the window: height, width; 1 if empty.</summary>
    public ImmutableArray<long> Strides { get; init; } = [];

    /// <summary>Zeros around the input: top, left, bottom, right; or vertical, horizontal; none if empty.</summary>
    public ImmutableArray<long> Pads { get; init; } = [];

    /// <summary>Distance of the taps: height, width; 1 if empty.</summary>
    public ImmutableArray<long> Dilations { get; init; } = [];

    /// <summary>Groups of channels that are convolved apart.</summary>
    public long Group { get; init; } = 1;
}

/// <summary>How a pool is computed. Where a number is meant for each axis, one number stands for all.</summary>
public sealed record Pool2DOptions : EagerOptions
{
    /// <summary>Steps of the window: height, width; 1 if empty.</summary>
    public ImmutableArray<long> Strides { get; init; } = [];

    /// <summary>Padding: top, left, bottom, right; or vertical, horizontal; none if empty.</summary>
    public ImmutableArray<long> Pads { get; init; } = [];

    /// <summary>Whether a last window may reach beyond the padded input.</summary>
    public bool CeilMode { get; init; }
}
