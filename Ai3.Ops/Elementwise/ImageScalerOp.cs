using System.Collections.Immutable;
using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>ImageScaler, an experimental operator of early opsets: scales a picture and adds a bias to each channel.</summary>
internal sealed class ImageScalerOp() : OpDefinition<ImageScalerProblem>([ImageScalerSimd.Row, ReferenceAlgorithm.Of<ImageScalerProblem>(Evaluate)])
{
    public static ImageScalerOp Definition { get; } = new() { Name = "ImageScaler", MinInputs = 1, MaxInputs = 1 };

    public override Oracle<ImageScalerProblem> Oracle => Evaluate;

    public override ImmutableArray<ValueFact> Infer(NodeFacts node)
    {
        TensorFact x = node.Tensor(0);
        if (x.Type != DType.Undefined && !x.Type.IsFloat())
            throw new OpException($"input 0 is {x.Type.ShortName()}, must be a floating-point type");
        if (x.Shape is { Rank: < 2 })
            throw new OpException($"input 0 is {x}, must be [n, c, ...]");
        ImmutableArray<float> bias = Bias(node);
        if (x.Shape is not null && bias.Length > 0 && x.Shape[1].TryGetValue(out long channels) && channels != bias.Length)
            throw new OpException($"attribute bias has {bias.Length} numbers, must be {channels} like the channels of the input");
        _ = node.Attributes.Float("scale", 1);
        return [new TensorFact(x.Type, x.Shape)];
    }

    public override Problem CreateProblem(NodeFacts node)
    {
        TensorType x = node.Operand(0);
        ImmutableArray<float> bias = Bias(node);
        if (bias.Length > 0 && bias.Length != x.Shape[1])
            throw new OpException($"attribute bias has {bias.Length} numbers, must be {x.Shape[1]} like the channels of the input");
        return new ImageScalerProblem(x.Type, x.Shape, node.Attributes.Float("scale", 1), bias) { ConstantInputs = node.ConstantInputs };
    }

    public override Problem? ParseProblem(string key) => ImageScalerProblem.Parse(key);

    private static ImmutableArray<float> Bias(NodeFacts node) => node.Attributes.Floats("bias") is { IsDefault: false } bias ? bias : [];

    private static OracleResult Evaluate(ImageScalerProblem p, IReadOnlyList<double[]?> inputs)
    {
        double[] x = inputs[0]!;
        var y = new double[x.Length];
        var magnitude = new double[x.Length];
        long inner = p.Shape.CountOf(2..);
        for (long i = 0; i < x.Length; i++)
        {
            double bias = p.Bias.Length == 0 ? 0 : p.Bias[(int)(i / inner % p.Shape[1])];
            y[i] = x[i] * p.Scale + bias;
            magnitude[i] = Math.Abs(x[i] * p.Scale) + Math.Abs(bias);
        }
        return new OracleResult([y], [magnitude]);
    }
}
