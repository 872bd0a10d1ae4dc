using System.Collections.Immutable;
using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>LRN: local response normalisation over channels.</summary>
internal sealed class LrnOp() : OpDefinition<LrnProblem>(LrnAlgorithms.All)
{
    public static LrnOp Definition { get; } = new() { Name = "LRN", MinInputs = 1, MaxInputs = 1 };

    public override Oracle<LrnProblem> Oracle => Evaluate;

    public override ImmutableArray<ValueFact> Infer(NodeFacts node)
    {
        TensorFact x = node.Tensor(0);
        if (x.Type != DType.Undefined && !x.Type.IsFloat())
            throw new OpException($"input 0 is {x.Type.ShortName()}, must be f32, f64, f16 or bf16");
        if (x.Shape is { Rank: < 2 })
            throw new OpException($"input 0 has shape {x.Shape}, must have at least 2 dimensions: n and c");
        if (node.Attributes.Int("size") < 1)
            throw new OpException($"attribute size is {node.Attributes.Int("size")}, must be at least 1");
        return [new TensorFact(x.Type, x.Shape)];
    }

    public override Problem CreateProblem(NodeFacts node) => new LrnProblem
    {
        Type = node.Tensor(0).Type,
        Shape = node.Tensor(0).KnownShape,
        Size = node.Attributes.Int("size"),
        Alpha = node.Attributes.Float("alpha", 1e-4f),
        Beta = node.Attributes.Float("beta", 0.75f),
        Bias = node.Attributes.Float("bias", 1f),
    };

    public override Problem? ParseProblem(string key) => LrnProblem.Parse(key);

    internal static OracleResult Evaluate(LrnProblem p, IReadOnlyList<double[]?> inputs)
    {
        double[] x = inputs[0]!, values = new double[x.Length], magnitudes = new double[x.Length];
        long channels = p.Shape[1], inner = p.Shape.CountOf(2..);
        for (long i = 0; i < x.Length; i++)
        {
            long c = i / inner % channels;
            double sum = 0;
            for (long other = 0; other < channels; other++)
                if (other - c <= p.Size - 1 - (p.Size - 1) / 2 && c - other <= (p.Size - 1) / 2)
                    sum += x[i + (other - c) * inner] * x[i + (other - c) * inner];
            double mean = (double)p.Alpha * sum / p.Size;
            values[i] = x[i] / Math.Pow(p.Bias + mean, p.Beta);
            // The power magnifies the relative error of its base |beta| times, cancellation in the base magnifies that of its terms.
            magnitudes[i] = Math.Abs(values[i]) * (1 + Math.Abs(p.Beta) * (Math.Abs(p.Bias) + Math.Abs(mean)) / Math.Abs(p.Bias + mean));
        }
        return new OracleResult([values], [magnitudes]);
    }
}
