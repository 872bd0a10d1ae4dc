using System.Collections.Immutable;
using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>BatchNormalization with given statistics, and from opset 14 on in training mode with those of the batch.</summary>
internal sealed class BatchNormOp() : OpDefinition<BatchNormProblem>(BatchNormAlgorithms.All)
{
    public static BatchNormOp Definition { get; } = new() { Name = "BatchNormalization", MinInputs = 5, MaxInputs = 5, MaxOutputs = 5 };

    public override Oracle<BatchNormProblem> Oracle => Evaluate;

    public override ImmutableArray<ValueFact> Infer(NodeFacts node)
    {
        // Below version 7 `is_test` is 0 by default, but a node with one output asks for given statistics all the same.
        bool training = IsTraining(node);
        if (node.OutputCount > 1 && node.Opset < 14)
            throw new OpUnsupportedException($"BatchNormalization of opset {node.Opset} in training mode is not supported");
        if (node.OutputCount > 1 && !training)
            throw new OpException($"{node.OutputCount} outputs are named, must be 1 outside of training mode");
        TensorFact x = node.Tensor(0);
        for (int i = 0; i < 5; i++)
            if (node.Tensor(i).Type is var type && type != DType.Undefined && !type.IsFloat())
                throw new OpException($"input {i} is {type.ShortName()}, must be f32, f64, f16 or bf16");
        node.SameType(1, 2);
        node.SameType(3, 4);
        if (x.Shape is null)
            return WithStatistics(node, training, new TensorFact(x.Type, null), null);
        if (x.Shape.Rank == 0)
            throw new OpException("input 0 is a scalar, must have at least 1 dimension");
        ImmutableArray<Dim> statistics = PerElement(node, x.Shape.Rank) ? [.. x.Shape.Skip(1)] : [x.Shape.Rank == 1 ? 1 : x.Shape[1]];
        for (int i = 1; i < 5; i++)
            if (node.Tensor(i).Shape is { } shape && !Agrees(shape, statistics))
                throw new OpException($"input {i} has shape {shape}, must be [{string.Join(",", statistics)}] for input 0 of shape {x.Shape}");
        return WithStatistics(node, training, new TensorFact(x.Type, x.Shape), SymbolicShape.Create([.. statistics]));
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
            Momentum = IsTraining(node) ? node.Attributes.Float("momentum", 0.9f) : null,
            ConstantInputs = node.ConstantInputs,
        };
    }

    public override Problem? ParseProblem(string key) => BatchNormProblem.Parse(key);

    private static bool IsTraining(NodeFacts node) => node.Opset >= 14 && node.Attributes.Flag("training_mode");

    private static ImmutableArray<ValueFact> WithStatistics(NodeFacts node, bool training, TensorFact y, SymbolicShape? shape)
    {
        DType type = node.Tensor(3).Type;
        return training ? [y, new TensorFact(type, shape), new TensorFact(type, shape)] : [y];
    }

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
        if (p.Momentum is { } momentum)
            return EvaluateTraining(p, inputs, momentum);
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

    // S: an error of the mean is relative to the mean of |x|, and reaches y by the difference and by the variance.
    private static OracleResult EvaluateTraining(BatchNormProblem p, IReadOnlyList<double[]?> inputs, double momentum)
    {
        double[] x = inputs[0]!, scale = inputs[1]!, bias = inputs[2]!;
        double[] y = new double[x.Length], ySize = new double[x.Length];
        var statistics = new double[4][];
        for (int i = 0; i < 4; i++)
            statistics[i] = new double[p.Channels];
        for (long c = 0; c < p.Channels; c++)
        {
            long[] members = [.. Enumerable.Range(0, x.Length).Where(i => i / p.Inner % p.Channels == c)];
            double mean = members.Sum(i => x[i]) / members.Length, absolute = members.Sum(i => Math.Abs(x[i])) / members.Length;
            double variance = members.Sum(i => Math.Pow(x[i] - mean, 2)) / members.Length, deviation = Math.Sqrt(variance + p.Epsilon);
            foreach (long i in members)
            {
                y[i] = (x[i] - mean) * (scale[c] / deviation) + bias[c];
                ySize[i] = (Math.Abs(x[i]) + absolute) / deviation * Math.Abs(scale[c]) * (1 + Math.Abs(x[i] - mean) / deviation) + Math.Abs(bias[c]);
            }
            double oldMean = inputs[3]![c] * momentum, oldVariance = inputs[4]![c] * momentum;
            statistics[0][c] = oldMean + mean * (1 - momentum);
            statistics[1][c] = oldVariance + variance * (1 - momentum);
            statistics[2][c] = Math.Abs(oldMean) + absolute * Math.Abs(1 - momentum);
            statistics[3][c] = Math.Abs(oldVariance) + (variance + absolute * Math.Sqrt(variance)) * Math.Abs(1 - momentum);
        }
        return new OracleResult([y, statistics[0], statistics[1]], [ySize, statistics[2], statistics[3]]);
    }
}
