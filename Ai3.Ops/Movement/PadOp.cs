using System.Collections.Immutable;
using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>Pad: attribute paddings in opset 1, pads before 11, then inputs pads, constant_value and (from 18) axes.</summary>
internal sealed class PadOp() : OpDefinition<PadProblem>(PadAlgorithms.All)
{
    public static PadOp V1 { get; } = new() { Name = "Pad", Since = 1, Until = 10, MinInputs = 1, MaxInputs = 1 };

    public static PadOp V11 { get; } = new() { Name = "Pad", Since = 11, MinInputs = 2, MaxInputs = 4 };

    public override bool ReadsValues(NodeFacts node, int index) => index is 1 or 3;

    public override ImmutableArray<ValueFact> Infer(NodeFacts node)
    {
        TensorFact data = node.Tensor(0);
        DType type = node.SameType(0, 2);
        PadMode mode = Mode(node);
        ValueBits(node, type);
        if (data.Shape is null)
            return [new TensorFact(type, null)];
        return [MovementFacts.Output(type, Pads(node, data.Shape.Rank) is var (begin, end)
            ? PadProblem.OutputShape(data.Shape, begin, end, mode) : MovementFacts.FreshShape(node, data.Shape.Rank))];
    }

    public override Problem CreateProblem(NodeFacts node)
    {
        TensorType data = node.Operand(0);
        (ImmutableArray<long> begin, ImmutableArray<long> end) = Pads(node, data.Shape.Rank) ?? throw new OpException("pads are not known");
        return PadProblem.Create(MovementFacts.Operands(node), begin, end, Mode(node), ValueBits(node, data.Type)) with { ConstantInputs = node.ConstantInputs };
    }

    public override bool RunsOnHost(NodeFacts node) => StringMoves.Applies(node);

    public override Value[] RunOnHost(NodeFacts node, IReadOnlyList<Value?> inputs, long maxBytes) => StringMoves.Run(this, node, inputs, maxBytes);

    public override Problem? ParseProblem(string key) => PadProblem.Parse(key);

    private static PadMode Mode(NodeFacts node) => node.Attributes.String("mode", "constant") switch
    {
        "constant" => PadMode.Constant,
        "reflect" => PadMode.Reflect,
        "edge" => PadMode.Edge,
        "wrap" => PadMode.Wrap,
        string other => throw new OpException($"mode is {other}, must be constant, reflect, edge or wrap"),
    };

    private unsafe ulong ValueBits(NodeFacts node, DType type)
    {
        float value = Since < 11 ? node.Attributes.Float("value", 0) : 0;
        if (value == 0 || type == DType.Undefined)
            return 0;
        if (!ElementAccess.CanReadAsDouble(type))
            throw new OpUnsupportedException($"Pad of {type.ShortName()} with a constant is not supported before opset 11");
        ulong bits = 0;
        ElementAccess.Write(&bits, type, 0, value);
        return bits;
    }

    // Null if the values are not known.
    private (ImmutableArray<long> Begin, ImmutableArray<long> End)? Pads(NodeFacts node, int rank)
    {
        ImmutableArray<long> pads = Since >= 11 ? MovementFacts.IntList(node, 1, "pads") : node.Attributes.Ints(node.Opset == 1 ? "paddings" : "pads");
        if (Since < 11 && pads.IsDefault)
            throw new OpException($"attribute {(node.Opset == 1 ? "paddings" : "pads")} is missing");
        bool hasAxes = Since >= 11 && node.Has(3);
        ImmutableArray<long> axisList = hasAxes ? MovementFacts.IntList(node, 3, "axes") : default;
        if (pads.IsDefault || (hasAxes && axisList.IsDefault))
            return null;
        int[] axes = hasAxes ? ShapeMath.NormalizeAxes(axisList.AsSpan(), rank) : [.. Enumerable.Range(0, rank)];
        if (pads.Length != 2 * axes.Length)
            throw new OpException($"pads have {pads.Length} entries, must have {2 * axes.Length}: one before and one after each of {axes.Length} axes");
        var begin = new long[rank];
        var end = new long[rank];
        for (int i = 0; i < axes.Length; i++)
            (begin[axes[i]], end[axes[i]]) = (pads[i], pads[i + axes.Length]);
        return ([.. begin], [.. end]);
    }
}
