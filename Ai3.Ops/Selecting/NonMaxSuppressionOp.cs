using System.Collections.Immutable;
using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>
/// NonMaxSuppression: per batch and class, boxes by falling score (the lower index first among equals, NaN last), each taken unless its
/// intersection over union with one already taken is above the threshold. Computed in float32, as the threshold may be met exactly.
/// </summary>
internal sealed unsafe class NonMaxSuppressionOp : DataShapedOp
{
    public static NonMaxSuppressionOp V10 { get; } = new() { Name = "NonMaxSuppression", Since = 10, MinInputs = 2, MaxInputs = 5 };

    public override ImmutableArray<ValueFact> Infer(NodeFacts node)
    {
        TensorFact boxes = node.Tensor(0), scores = node.Tensor(1);
        RequireType(boxes, DType.Float32, "boxes");
        RequireType(scores, DType.Float32, "scores");
        if (boxes.Shape is { } b && (b.Rank != 3 || b[2].TryGetValue(out long corners) && corners != 4))
            throw new OpException($"boxes has shape {b}, must be [batches, boxes, 4]");
        if (scores.Shape is { Rank: not 3 })
            throw new OpException($"scores has shape {scores.Shape}, must be [batches, classes, boxes]");
        if (boxes.Shape is { IsKnown: true } known && scores.Shape is { IsKnown: true } of && (known[0] != of[0] || known[1] != of[2]))
            throw new OpException($"boxes {known} and scores {of} differ in batches or boxes");
        if (node.Attributes.Int("center_point_box", 0) is not (0 or 1) and var format)
            throw new OpException($"center_point_box is {format}, must be 0 or 1");
        RequireScalar(node, 2, DType.Int64, "max_output_boxes_per_class");
        RequireScalar(node, 3, DType.Float32, "iou_threshold");
        RequireScalar(node, 4, DType.Float32, "score_threshold");
        return [new TensorFact(DType.Int64, [node.Fresh(), 3])];
    }

    protected override Value[] Compute(NodeFacts node, IReadOnlyList<Tensor?> inputs, long maxBytes)
    {
        Tensor boxes = inputs[0]!, scores = inputs[1]!;
        long batches = scores.Shape[0], classes = scores.Shape[1], count = scores.Shape[2];
        long most = Scalar<long>(inputs, 2) ?? 0;
        float overlap = Scalar<float>(inputs, 3) ?? 0;
        float? least = Scalar<float>(inputs, 4);
        if (!(overlap is >= 0 and <= 1))
            throw new OpException($"iou_threshold is {overlap}, must be in [0, 1]");
        if (count > int.MaxValue)
            throw new OpException($"there are {count} boxes, at most 2^31 - 1 are supported");
        bool centers = node.Attributes.Flag("center_point_box");
        var selected = new List<(long Batch, long Class, long Box)>();
        for (long batch = 0; batch < batches && most > 0; batch++)
        {
            Box[] all = Boxes((float*)boxes.Address + batch * count * 4, (int)count, centers);
            for (long c = 0; c < classes; c++)
                foreach (int box in Select(all, (float*)scores.Address + (batch * classes + c) * count, most, overlap, least))
                    selected.Add((batch, c, box));
        }
        Tensor result = Allocate(DType.Int64, [selected.Count, 3], maxBytes);
        var output = (long*)result.Address;
        for (int i = 0; i < selected.Count; i++, output += 3)
            (output[0], output[1], output[2]) = selected[i];
        GC.KeepAlive(inputs);
        return [result];
    }

    private static List<int> Select(Box[] boxes, float* scores, long most, float overlap, float? least)
    {
        // NaN is put under every number, so that it comes last.
        var entries = new List<ulong>();
        for (int i = 0; i < boxes.Length; i++)
            if (least is not { } limit || scores[i] > limit)
                entries.Add((ulong)(float.IsNaN(scores[i]) ? 0 : OrderKey.Of32(scores[i])) << 32 | ~(uint)i);
        entries.Sort();
        var taken = new List<int>();
        for (int e = entries.Count - 1; e >= 0 && taken.Count < most; e--)
        {
            int candidate = (int)~(uint)entries[e];
            bool free = true;
            for (int t = 0; t < taken.Count && free; t++)
                free = !Box.Overlap(boxes[candidate], boxes[taken[t]], overlap);
            if (free)
                taken.Add(candidate);
        }
        return taken;
    }

    private static Box[] Boxes(float* p, int count, bool centers)
    {
        var boxes = new Box[count];
        for (int i = 0; i < count; i++, p += 4)
            boxes[i] = centers
                ? new Box(p[0] - p[2] / 2, p[1] - p[3] / 2, p[0] + p[2] / 2, p[1] + p[3] / 2)
                : new Box(Math.Min(p[1], p[3]), Math.Min(p[0], p[2]), Math.Max(p[1], p[3]), Math.Max(p[0], p[2]));
        return boxes;
    }

    private static void RequireType(TensorFact fact, DType type, string what)
    {
        if (fact.Type != type && fact.Type != DType.Undefined)
            throw new OpException($"{what} is {fact.Type.ShortName()}, must be {type.ShortName()}");
    }

    private static void RequireScalar(NodeFacts node, int index, DType type, string what)
    {
        if (node.OptionalTensor(index) is not { } fact)
            return;
        RequireType(fact, type, what);
        if (fact.Shape is not null && fact.Shape.TryGetShape(out Shape shape) && shape.Count > 1)
            throw new OpException($"{what} has shape {shape}, must be one number");
    }

    private static T? Scalar<T>(IReadOnlyList<Tensor?> inputs, int index) where T : unmanaged =>
        index < inputs.Count && inputs[index] is { Count: 1 } tensor ? tensor.AsSpan<T>()[0] : null;

    private readonly record struct Box(float X0, float Y0, float X1, float Y1)
    {
        private float Area => (X1 - X0) * (Y1 - Y0);

        public static bool Overlap(Box a, Box b, float threshold)
        {
            float width = Math.Min(a.X1, b.X1) - Math.Max(a.X0, b.X0), height = Math.Min(a.Y1, b.Y1) - Math.Max(a.Y0, b.Y0);
            // Also false for NaN.
            if (!(width > 0) || !(height > 0))
                return false;
            float common = width * height, union = a.Area + b.Area - common;
            return common > 0 && union > 0 && a.Area > 0 && b.Area > 0 && common / union > threshold;
        }
    }
}
