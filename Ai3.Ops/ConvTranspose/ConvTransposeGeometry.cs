using System.Collections.Immutable;

namespace Ai3.Ops;

/// <summary>One tap along W: output j * stride + Phase takes input j - Shift through kernel column Kernel.</summary>
internal readonly record struct PhaseTap(nint Kernel, nint Phase, nint Shift);

/// <summary>
/// A transposed convolution as kernels see it: three spatial axes, and outputs along W split by their remainder modulo the stride. All
/// outputs of a phase have the same taps, and neighbouring ones take neighbouring inputs.
/// </summary>
internal sealed record ConvTransposeGeometry(WindowAxis D, WindowAxis H, WindowAxis W, ImmutableArray<PhaseTap> Taps)
{
    /// <summary>Outputs of phase 0 along W, the phase that has most.</summary>
    public nint PhaseLength => (nint)Tensors.ShapeMath.CeilDiv(W.Out, W.Stride);

    /// <summary>Input columns that taps reach in front of the first.</summary>
    public nint Left => (nint)Math.Max(0, Taps.Max(t => t.Shift));

    /// <summary>Input columns that taps reach behind the last.</summary>
    public nint Right => (nint)Math.Max(0, PhaseLength - Taps.Min(t => t.Shift) - W.In);

    public static Applicability Supports(ConvTransposeProblem p)
    {
        if (p.Axes.Length > 3)
            return Applicability.No($"{p.Axes.Length} spatial axes, takes 3");
        return Applicability.If(p.Axes[^1].Kernel <= 1 << 16, $"kernel is {p.Axes[^1].Kernel} wide, takes {1 << 16}");
    }

    public static ConvTransposeGeometry Of(ConvTransposeProblem p)
    {
        WindowAxis[] axes = [.. Enumerable.Repeat(WindowAxis.One, 3 - p.Axes.Length), .. p.Axes];
        return new ConvTransposeGeometry(axes[0], axes[1], axes[2], [.. Enumerable.Range(0, (int)axes[2].Kernel).Select(k => Tap(axes[2], k)).OrderBy(t => t.Phase)]);
    }

    /// <summary>Outputs of a phase along W.</summary>
    public static nint Count(WindowAxis w, nint phase) => phase >= w.Out ? 0 : (nint)((w.Out - phase - 1) / w.Stride + 1);

    /// <summary>The input position that output o takes through tap k, or -1.</summary>
    public static nint Source(WindowAxis axis, long o, long k)
    {
        long at = o + axis.PadBegin - k * axis.Dilation;
        return at >= 0 && at % axis.Stride == 0 && at / axis.Stride < axis.In ? (nint)(at / axis.Stride) : -1;
    }

    private static PhaseTap Tap(WindowAxis w, long k)
    {
        long at = k * w.Dilation - w.PadBegin;
        long shift = at >= 0 ? at / w.Stride : -((-at + w.Stride - 1) / w.Stride);
        return new PhaseTap((nint)k, (nint)(at - shift * w.Stride), (nint)shift);
    }
}
