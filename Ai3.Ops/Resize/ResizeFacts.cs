using System.Collections.Immutable;
using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>What the inference of Resize and Upsample has in common.</summary>
internal static unsafe class ResizeFacts
{
    // A region of interest this far out has nothing of the input.
    private const double RoiLimit = 1 << 20;

    public static ResizeMode Mode(Attributes attributes, bool cubic) => attributes.String("mode", "nearest") switch
    {
        "nearest" => ResizeMode.Nearest,
        "linear" or "bilinear" => ResizeMode.Linear,
        "cubic" when cubic => ResizeMode.Cubic,
        string other => throw new OpException($"mode is {other}, must be nearest{(cubic ? ", linear or cubic" : " or linear")}"),
    };

    /// <summary>The resize of opset 10 and of Upsample, without operands.</summary>
    public static ResizeProblem Legacy(ResizeMode mode, bool shrinks) => new()
    {
        Type = DType.Undefined,
        Axes = [],
        Mode = mode,
        Coordinates = ResizeCoordinates.Asymmetric,
        Rounding = mode != ResizeMode.Nearest ? NearestRounding.PreferFloor : shrinks ? NearestRounding.FloorOrCeil : NearestRounding.Floor,
    };

    public static void CheckType(TensorFact x, ResizeMode mode)
    {
        if (x.Type == DType.String)
            throw new OpUnsupportedException("resizing strings is not supported");
        if (mode != ResizeMode.Nearest)
            TypeSet.Numeric.Check(x, 0);
        else if (x.Type.IsDefined() && x.Type.IsPacked())
            throw new OpException($"input 0 is {x.Type.ShortName()}, must be a type of whole bytes");
    }

    /// <summary>True if a list input is there and not known to be empty.</summary>
    public static bool IsGiven(NodeFacts node, int index) =>
        node.OptionalTensor(index) is { } fact && !(fact.Shape is { Rank: 1 } shape && shape[0].Is(0)) && fact.Constant is not { Count: 0 };

    /// <summary>The scales of an input, checked; the default array if not known or not given.</summary>
    public static ImmutableArray<double> Scales(NodeFacts node, int index, int count)
    {
        if (!IsGiven(node, index))
            return default;
        TensorFact fact = node.Tensor(index);
        if (fact.Type is not (DType.Float32 or DType.Undefined))
            throw new OpException($"scales are {fact.Type.ShortName()}, must be f32");
        if (fact.Shape is { Rank: not 1 })
            throw new OpException($"scales have shape {fact.Shape}, must be a list (rank 1)");
        return fact.Constant is { } constant ? Checked([.. constant.AsSpan<float>().ToArray().Select(s => (double)s)], count) : default;
    }

    /// <exception cref="OpException">A scale is not positive and finite, or there are too many or too few.</exception>
    public static ImmutableArray<double> Checked(ImmutableArray<double> scales, int count)
    {
        if (scales.Length != count)
            throw new OpException($"scales have {scales.Length} entries, must have {count}: one for each axis");
        foreach (double scale in scales)
            if (!(scale > 0) || !double.IsFinite(scale))
                throw new OpException($"a scale is {scale}, must be positive and finite");
        return scales;
    }

    /// <summary>The region of interest: all starts, then all ends.</summary>
    public static ImmutableArray<double> Roi(NodeFacts node, int count)
    {
        if (!IsGiven(node, 1))
            throw new OpException("roi is missing, which tf_crop_and_resize needs");
        Tensor roi = node.Tensor(1).Constant ?? throw new OpException("roi is not known");
        if (!roi.Type.IsFloat() || roi.Count != 2 * count)
            throw new OpException($"roi is {roi.Type.ShortName()}{roi.Shape}, must be {2 * count} floats: a start and an end for each axis");
        var values = new double[2 * count];
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = ElementAccess.Read((void*)roi.Address, roi.Type, i);
            if (!(Math.Abs(values[i]) <= RoiLimit))
                throw new OpException($"roi has {values[i]}, must be a number of at most {RoiLimit}");
        }
        return [.. values];
    }

    /// <summary>A dimension times a scale, in the single precision that the operator's definition computes it in.</summary>
    public static long Scaled(long length, double scale)
    {
        double scaled = Math.Floor((float)length * (float)scale);
        return scaled < 1L << 53 ? (long)scaled : throw new OpException($"a dimension of {length} scaled by {scale} is too large");
    }

    /// <summary>As <see cref="Scaled(long, double)"/>, symbolic where the result is plain.</summary>
    public static Dim Scaled(Dim length, double scale, Func<Dim> fresh)
    {
        if (length.TryGetValue(out long known))
            return Scaled(known, scale);
        if (scale >= 1 && scale <= 1 << 20 && scale == Math.Floor(scale))
            return length * (long)scale;
        return scale is 0.5 or 0.25 or 0.125 ? Dim.FloorDiv(length, (long)(1 / scale)) : fresh();
    }

    /// <summary>The nearest whole number, halves up.</summary>
    public static long Rounded(double length)
    {
        double rounded = Math.Floor(length + 0.5);
        return rounded < 1L << 53 ? (long)rounded : throw new OpException($"a dimension of {length} is too large");
    }
}
