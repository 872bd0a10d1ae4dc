using System.Collections.Immutable;
using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>How padding is given.</summary>
internal enum AutoPad
{
    /// <summary>By <c>pads</c>.</summary>
    NotSet,
    /// <summary>None.</summary>
    Valid,
    /// <summary>So that out = ceil(in / stride), the odd one behind.</summary>
    SameUpper,
    /// <summary>So that out = ceil(in / stride), the odd one in front.</summary>
    SameLower,
}

/// <summary>The attributes of a sliding window, checked: a number for each spatial axis.</summary>
internal sealed record WindowAttributes
{
    /// <summary>Largest kernel, stride, pad or dilation: products of two stay far from 63 bits.</summary>
    public const long Limit = 1L << 31;

    public required ImmutableArray<long> Kernel { get; init; }

    public required ImmutableArray<long> Strides { get; init; }

    public required ImmutableArray<long> Dilations { get; init; }

    /// <summary>All begins, then all ends; zeros unless <see cref="AutoPad"/> is <see cref="AutoPad.NotSet"/>.</summary>
    public required ImmutableArray<long> Pads { get; init; }

    public required AutoPad AutoPad { get; init; }

    /// <summary>Reads and checks the attributes for a number of spatial axes.</summary>
    /// <param name="attributes">The node's attributes.</param>
    /// <param name="rank">Spatial axes.</param>
    /// <param name="kernel">The kernel where another operand gives it; otherwise <c>kernel_shape</c> must be there.</param>
    public static WindowAttributes Read(Attributes attributes, int rank, ImmutableArray<long> kernel = default)
    {
        if (kernel.IsDefault)
        {
            if (!attributes.Has("kernel_shape"))
                throw new OpException("attribute kernel_shape is missing");
            kernel = List(attributes, "kernel_shape", rank, 1, 1);
        }
        AutoPad autoPad = ReadAutoPad(attributes);
        return new WindowAttributes
        {
            Kernel = kernel,
            Strides = List(attributes, "strides", rank, 1, 1),
            Dilations = List(attributes, "dilations", rank, 1, 1),
            Pads = autoPad == AutoPad.NotSet ? List(attributes, "pads", 2 * rank, 0, 0) : [.. Enumerable.Repeat(0L, 2 * rank)],
            AutoPad = autoPad,
        };
    }

    /// <summary>A list of a known length whose numbers lie in [min, <see cref="Limit"/>]; all <paramref name="fallback"/> if absent.</summary>
    public static ImmutableArray<long> List(Attributes attributes, string name, int length, long min, long fallback)
    {
        ImmutableArray<long> values = attributes.Ints(name);
        if (values.IsDefaultOrEmpty && (values.IsDefault || length == 0))
            return [.. Enumerable.Repeat(fallback, length)];
        if (values.Length != length)
            throw new OpException($"attribute {name} has {values.Length} numbers, must have {length}");
        foreach (long value in values)
            if (value < min || value > Limit)
                throw new OpException($"attribute {name} is [{string.Join(",", values)}], its numbers must be between {min} and {Limit}");
        return values;
    }

    /// <summary>Input positions from the first tap to the last along an axis.</summary>
    public long Extent(int axis) => (Kernel[axis] - 1) * Dilations[axis] + 1;

    /// <summary>The output dimension of a window that slides over an input dimension, symbolic where the input's is.</summary>
    public Dim Output(int axis, Dim input, bool ceil, Func<Dim> fresh)
    {
        long stride = Strides[axis], begin = Pads[axis], end = Pads[axis + Kernel.Length];
        if (input.TryGetValue(out long known))
            return Resolve(axis, known, ceil).Out;
        if (AutoPad is AutoPad.SameUpper or AutoPad.SameLower)
            return Dim.CeilDiv(input, stride);
        Dim slack = input + (begin + end - Extent(axis));
        if (!ceil || AutoPad == AutoPad.Valid)
            return Dim.FloorDiv(slack, stride) + 1;
        // The last window can start in the end padding only if it may jump over what is left of the input.
        return end + stride <= Extent(axis) ? Dim.CeilDiv(slack, stride) + 1 : fresh();
    }

    /// <summary>The geometry along an axis of known length.</summary>
    public WindowAxis Resolve(int axis, long input, bool ceil)
    {
        long stride = Strides[axis], begin = Pads[axis], end = Pads[axis + Kernel.Length], extent = Extent(axis);
        long output;
        if (AutoPad is AutoPad.SameUpper or AutoPad.SameLower)
        {
            output = ShapeMath.CeilDiv(input, stride);
            long total = Math.Max(0, (output - 1) * stride + extent - input);
            begin = AutoPad == AutoPad.SameUpper ? total / 2 : total - total / 2;
            end = total - begin;
        }
        else
        {
            long slack = ShapeMath.Add(input, begin + end - extent);
            bool up = ceil && AutoPad == AutoPad.NotSet;
            output = slack < 0 ? (up ? -(-slack / stride) : -((-slack + stride - 1) / stride)) + 1
                : (up ? ShapeMath.CeilDiv(slack, stride) : slack / stride) + 1;
            if (up && output > 0 && (output - 1) * stride >= ShapeMath.Add(input, begin))
                output--;
        }
        if (output < 1 && input > 0)
            throw new OpException($"a kernel of extent {extent} does not fit axis {axis} of the input, {input} wide and padded by {begin} and {end}");
        return new WindowAxis(input, Math.Max(output, 0), Kernel[axis], stride, begin, end, Dilations[axis]);
    }

    private static AutoPad ReadAutoPad(Attributes attributes) => attributes.String("auto_pad", "NOTSET") switch
    {
        "NOTSET" or "" => AutoPad.NotSet,
        "VALID" => AutoPad.Valid,
        "SAME_UPPER" => AutoPad.SameUpper,
        "SAME_LOWER" => AutoPad.SameLower,
        var other => throw new OpException($"attribute auto_pad is {other}, must be NOTSET, VALID, SAME_UPPER or SAME_LOWER"),
    };
}
