using System.Collections.Immutable;
using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>Resize: scales in opset 10; then roi, scales and sizes; axes, antialias and the aspect ratio from 18.</summary>
internal sealed class ResizeOp() : OpDefinition<ResizeProblem>(ResizeAlgorithms.All)
{
    public static ImmutableArray<OpDefinition> All { get; } =
    [
        new ResizeOp { Name = "Resize", Since = 10, Until = 10, MinInputs = 2, MaxInputs = 2 },
        new ResizeOp { Name = "Resize", Since = 11, MinInputs = 1, MaxInputs = 4 },
        new UpsampleOp { Name = "Upsample", Since = 1, Until = 8, MinInputs = 1, MaxInputs = 1 },
        new UpsampleOp { Name = "Upsample", Since = 9, Until = 10, MinInputs = 2, MaxInputs = 2 },
    ];

    public override Oracle<ResizeProblem> Oracle => ResizeOracle.Evaluate;

    public override bool ReadsValues(NodeFacts node, int index) =>
        Since < 11 ? index == 1 : index is 2 or 3 || index == 1 && Crops(node);

    public override ImmutableArray<ValueFact> Infer(NodeFacts node)
    {
        TensorFact x = node.Tensor(0);
        ResizeProblem template = Template(node);
        ResizeFacts.CheckType(x, template.Mode);
        if (x.Shape is null)
            return [new TensorFact(x.Type, null)];
        int[] axes = Axes(node, x.Shape.Rank);
        var dims = x.Shape.AsSpan().ToArray();
        ImmutableArray<double> scales = Since < 11 ? ResizeFacts.Scales(node, 1, axes.Length) : ResizeFacts.Scales(node, 2, axes.Length);
        bool bySizes = Since >= 11 && ResizeFacts.IsGiven(node, 3);
        CheckSource(node, bySizes);
        if (bySizes)
        {
            ImmutableArray<Dim> sizes = MovementFacts.List(node, 3, "sizes");
            if (!sizes.IsDefault && sizes.Length != axes.Length)
                throw new OpException($"sizes have {sizes.Length} entries, must have {axes.Length}: one for each axis");
            bool known = !sizes.IsDefault && sizes.All(s => s.IsKnown) && axes.All(a => dims[a].IsKnown);
            ImmutableArray<ResizeAxis> resolved = known ? BySizes(node, [.. sizes.Select(s => s.Value)], [.. axes.Select(a => dims[a].Value)]) : default;
            for (int i = 0; i < axes.Length; i++)
                dims[axes[i]] = known ? resolved[i].Out : !sizes.IsDefault && Policy(node) == "stretch" ? sizes[i] : node.Fresh();
        }
        else
            for (int i = 0; i < axes.Length; i++)
                dims[axes[i]] = scales.IsDefault ? node.Fresh() : ResizeFacts.Scaled(dims[axes[i]], scales[i], node.Fresh);
        return [MovementFacts.Output(x.Type, SymbolicShape.Create(dims))];
    }

    public override Problem CreateProblem(NodeFacts node)
    {
        TensorType x = node.Operand(0);
        ResizeProblem template = Template(node);
        ResizeFacts.CheckType(node.Tensor(0), template.Mode);
        int[] axes = Axes(node, x.Shape.Rank);
        bool bySizes = Since >= 11 && ResizeFacts.IsGiven(node, 3);
        CheckSource(node, bySizes);
        ImmutableArray<long> lengths = [.. axes.Select(a => x.Shape[a])];
        ImmutableArray<ResizeAxis> resized;
        if (bySizes)
        {
            ImmutableArray<long> sizes = MovementFacts.IntList(node, 3, "sizes");
            if (sizes.IsDefault || sizes.Length != axes.Length)
                throw new OpException($"sizes are not known or not {axes.Length}: one for each axis");
            resized = BySizes(node, sizes, lengths);
        }
        else
        {
            ImmutableArray<double> scales = ResizeFacts.Scales(node, Since < 11 ? 1 : 2, axes.Length);
            if (scales.IsDefault)
                throw new OpException("scales are not known");
            resized = [.. lengths.Zip(scales, (n, s) => new ResizeAxis(n, ResizeFacts.Scaled(n, s), s))];
        }
        ImmutableArray<double> roi = Crops(node) ? ResizeFacts.Roi(node, axes.Length) : default;
        ResizeAxis[] all = [.. x.Shape.Select(n => new ResizeAxis(n, n))];
        for (int i = 0; i < axes.Length; i++)
            all[axes[i]] = roi.IsDefault ? resized[i] : resized[i] with { Start = roi[i], End = roi[i + axes.Length] };
        ResizeProblem problem = template with { Type = x.Type, Axes = [.. all] };
        MovementFacts.Output(x.Type, problem.Outputs[0].Shape);
        return problem;
    }

    public override Problem? ParseProblem(string key) => ResizeProblem.Parse(key);

    private bool Crops(NodeFacts node) => Since >= 11 && node.Attributes.String("coordinate_transformation_mode", "") == "tf_crop_and_resize";

    private int[] Axes(NodeFacts node, int rank)
    {
        if (rank == 0)
            throw new OpException("input 0 is a scalar, must have at least 1 dimension");
        ImmutableArray<long> axes = node.Opset >= 18 ? node.Attributes.Ints("axes") : default;
        return axes.IsDefaultOrEmpty ? [.. Enumerable.Range(0, rank)] : ShapeMath.NormalizeAxes(axes.AsSpan(), rank);
    }

    private void CheckSource(NodeFacts node, bool bySizes)
    {
        if (Since < 11)
            return;
        bool byScales = ResizeFacts.IsGiven(node, 2);
        if (byScales == bySizes)
            throw new OpException(bySizes ? "scales and sizes are both given, must be one of them" : "neither scales nor sizes are given, must be one of them");
    }

    private static string Policy(NodeFacts node) => node.Opset < 18 ? "stretch" : node.Attributes.String("keep_aspect_ratio_policy", "stretch") switch
    {
        "not_larger" => "not_larger",
        "not_smaller" => "not_smaller",
        "stretch" or "" => "stretch",
        string other => throw new OpException($"keep_aspect_ratio_policy is {other}, must be stretch, not_larger or not_smaller"),
    };

    private static ImmutableArray<ResizeAxis> BySizes(NodeFacts node, ImmutableArray<long> sizes, ImmutableArray<long> lengths)
    {
        for (int i = 0; i < sizes.Length; i++)
            if (sizes[i] < 0 || sizes[i] > 0 && lengths[i] == 0)
                throw new OpException($"size {sizes[i]} of an axis of length {lengths[i]}, must be 0 or more, and 0 if the axis is empty");
        string policy = Policy(node);
        if (policy == "stretch" || lengths.Any(n => n == 0) || sizes.Length == 0)
            return [.. lengths.Zip(sizes, (n, size) => new ResizeAxis(n, size))];
        IEnumerable<double> ratios = sizes.Zip(lengths, (size, n) => (double)size / n);
        double scale = policy == "not_larger" ? ratios.Min() : ratios.Max();
        return [.. lengths.Select(n => new ResizeAxis(n, ResizeFacts.Rounded(scale * n), scale))];
    }

    private ResizeProblem Template(NodeFacts node)
    {
        Attributes attributes = node.Attributes;
        ResizeMode mode = ResizeFacts.Mode(attributes, cubic: Since >= 11);
        if (Since < 11)
            return ResizeFacts.Legacy(mode, shrinks: true);
        ResizeCoordinates coordinates = attributes.String("coordinate_transformation_mode", "half_pixel") switch
        {
            "half_pixel" => ResizeCoordinates.HalfPixel,
            "half_pixel_symmetric" when node.Opset >= 19 => ResizeCoordinates.HalfPixelSymmetric,
            "pytorch_half_pixel" => ResizeCoordinates.PytorchHalfPixel,
            "align_corners" => ResizeCoordinates.AlignCorners,
            "asymmetric" => ResizeCoordinates.Asymmetric,
            "tf_half_pixel_for_nn" => ResizeCoordinates.TfHalfPixelForNn,
            "tf_crop_and_resize" => ResizeCoordinates.TfCropAndResize,
            string other => throw new OpException($"coordinate_transformation_mode is {other}, must be one that opset {node.Opset} has"),
        };
        NearestRounding rounding = attributes.String("nearest_mode", "round_prefer_floor") switch
        {
            "round_prefer_floor" or "" => NearestRounding.PreferFloor,
            "round_prefer_ceil" => NearestRounding.PreferCeil,
            "floor" => NearestRounding.Floor,
            "ceil" => NearestRounding.Ceil,
            string other => throw new OpException($"nearest_mode is {other}, must be round_prefer_floor, round_prefer_ceil, floor or ceil"),
        };
        float a = attributes.Float("cubic_coeff_a", -0.75f);
        if (!(Math.Abs(a) <= 1e6f))
            throw new OpException($"cubic_coeff_a is {a}, must be a number of at most 1e6");
        bool antialias = node.Opset >= 18 && attributes.Flag("antialias");
        if (antialias && mode == ResizeMode.Nearest)
            throw new OpException("antialias is 1, which mode nearest does not have");
        return new ResizeProblem
        {
            Type = DType.Undefined,
            Axes = [],
            Mode = mode,
            Coordinates = coordinates,
            Rounding = mode == ResizeMode.Nearest ? rounding : NearestRounding.PreferFloor,
            CubicA = mode == ResizeMode.Cubic ? a : -0.75f,
            ExcludeOutside = mode != ResizeMode.Nearest && attributes.Flag("exclude_outside"),
            Antialias = antialias,
            Extrapolation = coordinates == ResizeCoordinates.TfCropAndResize ? attributes.Float("extrapolation_value", 0) : 0,
        };
    }
}
