using System.Collections.Immutable;
using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>BatchNormalization with given statistics; training is refused.</summary>
internal sealed class BatchNormOp() : OpDefinition<BatchNormProblem>(BatchNormAlgorithms.All)
{
    public static BatchNormOp Definition { get; } = new() { Name = "BatchNormalization", MinInputs = 5, MaxInputs = 5, MaxOutputs = 5 };

    public override Oracle<BatchNormProblem> Oracle => Evaluate;

    public override ImmutableArray<ValueFact> Infer(NodeFacts node)
    {
        // Below version 7 `is_test` is 0 by default, but a node with one output asks for given statistics all the same.
        if (node.OutputCount > 1 || node.Attributes.Flag("training_mode"))
            throw new OpUnsupportedException("BatchNormalization in training mode is not supported");
        TensorFact x = node.Tensor(0);
        for (int i = 0; i < 5; i++)
            if (node.Tensor(i).Type is var type && type != DType.Undefined && !type.IsFloat())
                throw new OpException($"input {i} is {type.ShortName()}, must be f32, f64, f16 or bf16");
        node.SameType(1, 2);
        node.SameType(3, 4);
        if (x.Shape is null)
            return [new TensorFact(x.Type, null)];
        if (x.Shape.Rank == 0)
            throw new OpException("input 0 is a scalar, must have at least 1 dimension");
        ImmutableArray<Dim> statistics = PerElement(node, x.Shape.Rank) ? [.. x.Shape.Skip(1)] : [x.Shape.Rank == 1 ? 1 : x.Shape[1]];
        for (int i = 1; i < 5; i++)
            if (node.Tensor(i).Shape is { } shape && !Agrees(shape, statistics))
                throw new OpException($"input {i} has shape {shape}, must be [{string.Join(",", statistics)}] for input 0 of shape {x.Shape}");
        return [new TensorFact(x.Type, x.Shape)];
    }

    public override Problem CreateProblem(NodeFacts node)
    {
        Shape shape = node.Tensor(0).KnownShape;
        return new BatchNormProblem
        {
            Type = node.Tensor(0).Type,
            ScaleType = node.Tensor(1).Type,
            StatisticsType = node.Tensor(3).Type,
            Shape = shape,
            PerElement = PerElement(node, shape.Rank),
            Epsilon = node.Attributes.Float("epsilon", 1e-5f),
            ConstantInputs = node.ConstantInputs,
        };
    }

    public override Problem? ParseProblem(string key) => BatchNormProblem.Parse(key);

    private static bool PerElement(NodeFacts node, int rank) => node.Opset < 9 && rank > 1 && !node.Attributes.Flag("spatial", true);

    private static bool Agrees(SymbolicShape shape, ImmutableArray<Dim> expected)
    {
        if (shape.Rank != expected.Length)
            return false;
        for (int i = 0; i < shape.Rank; i++)
            if (shape[i].IsKnown && expected[i].IsKnown && shape[i] != expected[i])
                return false;
        return true;
    }

    internal static OracleResult Evaluate(BatchNormProblem p, IReadOnlyList<double[]?> inputs)
    {
        double[] x = inputs[0]!, scale = inputs[1]!, bias = inputs[2]!, mean = inputs[3]!, variance = inputs[4]!;
        double[] values = new double[x.Length], magnitudes = new double[x.Length];
        for (long i = 0; i < x.Length; i++)
        {
            long c = i / p.Inner % p.Channels;
            double factor = scale[c] / Math.Sqrt(variance[c] + p.Epsilon);
            values[i] = (x[i] - mean[c]) * factor + bias[c];
            magnitudes[i] = (Math.Abs(x[i]) + Math.Abs(mean[c])) * Math.Abs(factor) + Math.Abs(bias[c]);
        }
        return new OracleResult([values], [magnitudes]);
    }
}
