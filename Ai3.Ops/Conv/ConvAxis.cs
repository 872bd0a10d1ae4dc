using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>One spatial axis of a convolution: sizes and steps in elements.</summary>
/// <param name="In">Input size, 0 or more.</param>
/// <param name="Kernel">Taps, 1 or more.</param>
/// <param name="Stride">Step between outputs, 1 or more.</param>
/// <param name="PadBegin">Zeros before the input.</param>
/// <param name="PadEnd">Zeros after the input.</param>
/// <param name="Dilation">Step between taps, 1 or more.</param>
public readonly record struct ConvAxis(long In, long Kernel, long Stride = 1, long PadBegin = 0, long PadEnd = 0, long Dilation = 1)
{
    /// <summary>The axis that a lower spatial rank lacks: one element, one tap.</summary>
    public static ConvAxis Absent => new(1, 1);

    /// <summary>Input elements from the first tap to the last, both counted.</summary>
    public long Extent => ShapeMath.Add(ShapeMath.Multiply(Kernel - 1, Dilation), 1);

    /// <summary>Input size with both pads.</summary>
    public long Padded => ShapeMath.Add(In, ShapeMath.Add(PadBegin, PadEnd));

    /// <summary>Output size; the padded input is at least <see cref="Extent"/> long.</summary>
    public long Out => (Padded - Extent) / Stride + 1;

    /// <summary>True if every tap of every output is inside the input.</summary>
    public bool IsUnpadded => PadBegin == 0 && PadEnd == 0;
}
