using System.Collections.Immutable;
using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>
/// A convolution: y[n, m, o] = bias[m] + sum over c in m's group and taps k of x[n, c, o*stride + k*dilation - pad] * w[m, c, k],
/// zeros outside the input, with what is fused round it. Inputs in kernel order: x, w, bias (may be absent), fused ones.
/// </summary>
public sealed record ConvProblem : Problem, IFusable<ConvProblem>
{
    /// <summary>The element type of all operands.</summary>
    public required DType Type { get; init; }

    /// <summary>Images in the batch.</summary>
    public required long N { get; init; }

    /// <summary>Input channels.</summary>
    public required long InChannels { get; init; }

    /// <summary>Output channels.</summary>
    public required long OutChannels { get; init; }

    /// <summary>Groups: divides both channel counts.</summary>
    public long Group { get; init; } = 1;

    /// <summary>Spatial axes of the tensors, 1 to 3. The outer ones of <see cref="D"/>, <see cref="H"/>, <see cref="W"/> are absent below 3.</summary>
    public required int SpatialRank { get; init; }

    /// <summary>The depth axis.</summary>
    public ConvAxis D { get; init; } = ConvAxis.Absent;

    /// <summary>The height axis.</summary>
    public ConvAxis H { get; init; } = ConvAxis.Absent;

    /// <summary>The width axis, innermost.</summary>
    public required ConvAxis W { get; init; }

    /// <summary>Whether a bias [m] is there.</summary>
    public bool HasBias { get; init; }

    /// <inheritdoc/>
    public Fusion Fusion { get; init; } = Fusion.None;

    /// <inheritdoc/>
    public int FusedInputIndex => 3;

    /// <inheritdoc/>
    public ConvProblem WithFusion(Fusion fusion) => this with { Fusion = fusion };

    /// <summary>Input channels that one output channel reads.</summary>
    public long GroupInChannels => InChannels / Group;

    /// <summary>Output channels of one group.</summary>
    public long GroupOutChannels => OutChannels / Group;

    /// <summary>Taps of the kernel.</summary>
    public long Taps => D.Kernel * H.Kernel * W.Kernel;

    /// <summary>Elements of one channel of the input.</summary>
    public long InPixels => D.In * H.In * W.In;

    /// <summary>Elements of one channel of the output.</summary>
    public long OutPixels => D.Out * H.Out * W.Out;

    /// <summary>Products summed for one output element, padding counted.</summary>
    public long Depth => GroupInChannels * Taps;

    /// <summary>True for one tap, stride 1 and no pads: a matrix product over pixels.</summary>
    public bool IsPointwise => IsPointwiseAxis(D) && IsPointwiseAxis(H) && IsPointwiseAxis(W);

    /// <summary>True if the weights are a constant of the model.</summary>
    public bool HasConstantWeights => IsConstant(1);

    /// <summary>The spatial axes of the tensors, outermost first.</summary>
    public ImmutableArray<ConvAxis> Axes => SpatialRank switch { 1 => [W], 2 => [H, W], _ => [D, H, W] };

    /// <inheritdoc/>
    public override ImmutableArray<TensorType> Inputs
    {
        get
        {
            ImmutableArray<TensorType>.Builder inputs = ImmutableArray.CreateBuilder<TensorType>(6);
            inputs.Add(new TensorType(Type, [N, InChannels, .. Axes.Select(a => a.In)]));
            inputs.Add(new TensorType(Type, [OutChannels, GroupInChannels, .. Axes.Select(a => a.Kernel)]));
            inputs.Add(HasBias ? new TensorType(Type, [OutChannels]) : TensorType.Absent);
            if (Fusion.Residual)
                inputs.Add(Outputs[0]);
            if (Fusion.Prologue)
            {
                inputs.Add(new TensorType(Type, [InChannels]));
                inputs.Add(new TensorType(Type, [InChannels]));
            }
            return inputs.ToImmutable();
        }
    }

    /// <inheritdoc/>
    public override ImmutableArray<TensorType> Outputs => [new TensorType(Type, [N, OutChannels, .. Axes.Select(a => a.Out)])];

    /// <inheritdoc/>
    public override double Flops => 2.0 * N * OutChannels * OutPixels * Depth;

    /// <inheritdoc/>
    public override string Key => ConvKey.Format(this);

    private static bool IsPointwiseAxis(ConvAxis a) => a.Kernel == 1 && a.Stride == 1 && a.IsUnpadded;
}
