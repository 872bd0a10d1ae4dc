using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>What makes a convolution's numbers valid. Everything after inference trusts these checks.</summary>
internal static class ConvChecks
{
    /// <summary>Checks the numbers of one axis; <paramref name="axis"/> is its index among the spatial axes, for the message.</summary>
    /// <exception cref="OpException">A number is out of range, or the kernel is larger than the padded input.</exception>
    public static void Axis(in ConvAxis a, int axis)
    {
        Steps(a.Kernel, a.Stride, a.PadBegin, a.PadEnd, a.Dilation, axis);
        if (a.Padded < a.Extent)
            throw new OpException($"kernel covers {a.Extent} elements of spatial axis {axis}, but the padded input has {a.Padded}");
    }

    /// <summary>Checks what of an axis does not depend on the input's size.</summary>
    /// <exception cref="OpException">A number is out of range.</exception>
    public static void Steps(long kernel, long stride, long padBegin, long padEnd, long dilation, int axis)
    {
        if (kernel < 1)
            throw new OpException($"kernel size of spatial axis {axis} is {kernel}, must be 1 or more");
        if (stride < 1)
            throw new OpException($"strides[{axis}] is {stride}, must be 1 or more");
        if (dilation < 1)
            throw new OpException($"dilations[{axis}] is {dilation}, must be 1 or more");
        if (padBegin < 0 || padEnd < 0)
            throw new OpException($"pads of spatial axis {axis} are {padBegin} and {padEnd}, must be 0 or more");
    }

    /// <summary>Checks channel counts against groups.</summary>
    /// <exception cref="OpException">They contradict each other.</exception>
    public static void Channels(Dim input, Dim output, Dim kernelInput, long group)
    {
        if (group < 1)
            throw new OpException($"group is {group}, must be 1 or more");
        if (input.Is(0) || output.Is(0))
            throw new OpException($"convolution of {input} into {output} channels, both must be 1 or more");
        if (input.TryGetValue(out long c) && c % group != 0)
            throw new OpException($"group {group} does not divide the {c} input channels");
        if (output.TryGetValue(out long m) && m % group != 0)
            throw new OpException($"group {group} does not divide the {m} output channels");
        if (input.TryGetValue(out c) && kernelInput.TryGetValue(out long k) && k != c / group)
            throw new OpException($"W has {k} input channels, must be {c}/{group} = {c / group}");
    }

    /// <summary>Checks that every operand's bytes, and one padded image's even in an empty batch, fit in 63 bits.</summary>
    /// <exception cref="ShapeException">A count does not fit.</exception>
    public static void Counts(ConvProblem p)
    {
        int size = p.Type.ByteSize();
        foreach (TensorType operand in p.Inputs.AddRange(p.Outputs))
            ShapeMath.Multiply(operand.Shape.Count, size);
        ShapeMath.Product([size, p.InChannels, p.D.Padded, p.H.Padded, p.W.Padded]);
        ShapeMath.Product([size, p.OutChannels, p.D.Out, p.H.Out, p.W.Out]);
    }

    /// <summary>True if a problem that did not come from inference passes every check.</summary>
    public static bool IsValid(ConvProblem p)
    {
        try
        {
            Channels(p.InChannels, p.OutChannels, p.InChannels / Math.Max(p.Group, 1), p.Group);
            for (int i = 0; i < p.SpatialRank; i++)
                Axis(p.Axes[i], i);
            Counts(p);
            return p.Type.IsFloat();
        }
        catch (Exception e) when (e is OpException or ShapeException)
        {
            return false;
        }
    }
}
