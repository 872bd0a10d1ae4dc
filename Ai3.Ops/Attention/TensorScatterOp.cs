using System.Collections.Immutable;
using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>ai.onnx TensorScatter (opset 24): appends to a cache of keys or values.</summary>
internal sealed class TensorScatterOp() : OpDefinition<TensorScatterProblem>(TensorScatterAlgorithms.All)
{
    public override ImmutableArray<ValueFact> Infer(NodeFacts node)
    {
        DType type = node.SameType(0, 1);
        if (type != DType.Undefined && type.ByteSize() == 0)
            throw new OpUnsupportedException($"elements of {type.ShortName()} are not supported");
        if (node.OptionalTensor(2)?.Type is { } index && index is not (DType.Undefined or DType.Int64))
            throw new OpException($"write_indices is {index.ShortName()}, must be i64");
        Circular(node);
        if (node.Tensor(0).Shape is not { } past)
            return [new TensorFact(type, null)];
        int axis = Axis(node, past.Rank);
        if (node.Tensor(1).Shape is { } update)
        {
            bool fits = update.Rank == past.Rank;
            for (int a = 0; fits && a < past.Rank; a++)
                fits = !update[a].IsKnown || !past[a].IsKnown || (a == axis ? update[a].Value <= past[a].Value : update[a] == past[a]);
            if (!fits)
                throw new OpException($"update has shape {update}, must be {past} with at most {past[axis]} on axis {axis}");
        }
        if (node.OptionalTensor(2)?.Shape is { } indices && (indices.Rank != 1 || indices[0].IsKnown && past[0].IsKnown && indices[0] != past[0]))
            throw new OpException($"write_indices has shape {indices}, must be [{past[0]}]");
        return [new TensorFact(type, past)];
    }

    public override Problem CreateProblem(NodeFacts node)
    {
        Shape past = node.Operand(0).Shape;
        int axis = Axis(node, past.Rank);
        return new TensorScatterProblem
        {
            Type = node.Operand(0).Type,
            Shape = past,
            Rows = node.Operand(1).Shape[axis],
            Axis = axis,
            Circular = Circular(node),
            HasIndices = node.Has(2),
        };
    }

    public override Problem? ParseProblem(string key) => TensorScatterProblem.Parse(key);

    private static int Axis(NodeFacts node, int rank)
    {
        int axis = ShapeMath.NormalizeAxis(node.Attributes.Int("axis", -2), rank);
        return axis > 0 ? axis : throw new OpException("axis is 0, must not be the batch's");
    }

    private static bool Circular(NodeFacts node) => node.Attributes.String("mode", "linear") switch
    {
        "linear" => false,
        "circular" => true,
        string other => throw new OpException($"mode is \"{other}\", must be linear or circular"),
    };
}
