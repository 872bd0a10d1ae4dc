using System.Collections.Immutable;
using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>ConvTranspose: the transpose of a convolution.</summary>
internal sealed class ConvTransposeOp() : OpDefinition<ConvTransposeProblem>(ConvTransposeAlgorithms.All)
{
    public static ConvTransposeOp Definition { get; } = new() { Name = "ConvTranspose", MinInputs = 2, MaxInputs = 3 };

    public override Oracle<ConvTransposeProblem> Oracle => Evaluate;

    public override ImmutableArray<ValueFact> Infer(NodeFacts node)
    {
        TensorFact x = node.Tensor(0), w = node.Tensor(1);
        DType type = node.SameType(0, 1, 2);
        if (type != DType.Undefined && !type.IsFloat())
            throw new OpException($"input 0 is {type.ShortName()}, must be f32, f64, f16 or bf16");
        long group = Group(node);
        if (x.Shape is null || w.Shape is null)
            return [new TensorFact(type, null)];
        int rank = x.Shape.Rank - 2;
        if (rank < 1)
            throw new OpException($"input 0 has shape {x.Shape}, must have at least 3 dimensions: n, c and one spatial");
        if (w.Shape.Rank != rank + 2)
            throw new OpException($"input 1 has shape {w.Shape}, must have {rank + 2} dimensions like input 0");
        if (x.Shape[1].IsKnown && w.Shape[0].IsKnown && x.Shape[1] != w.Shape[0])
            throw new OpException($"input 1 has {w.Shape[0]} input channels, must have {x.Shape[1]} like input 0");
        foreach (Dim channels in (Dim[])[x.Shape[1], w.Shape[0]])
            if (channels.TryGetValue(out long c) && c % group != 0)
                throw new OpException($"attribute group is {group}, must divide the {c} input channels");
        Dim m = w.Shape[1] * group;
        if (node.OptionalTensor(2)?.Shape is { } bias && (bias.Rank != 1 || bias[0].IsKnown && m.IsKnown && bias[0] != m))
            throw new OpException($"input 2 has shape {bias}, must be [{m}]");
        var dims = new Dim[rank + 2];
        (dims[0], dims[1]) = (x.Shape[0], m);
        ImmutableArray<long> kernel = Kernel(node, w.Shape, rank);
        var attributes = kernel.IsDefault ? null : new ConvTransposeAttributes(node.Attributes, kernel);
        for (int a = 0; a < rank; a++)
            dims[a + 2] = attributes?.Output(a, x.Shape[a + 2]) ?? node.Fresh();
        return [new TensorFact(type, SymbolicShape.Create(dims))];
    }

    public override Problem CreateProblem(NodeFacts node)
    {
        Shape x = node.Tensor(0).KnownShape, w = node.Tensor(1).KnownShape;
        long group = Group(node);
        var attributes = new ConvTransposeAttributes(node.Attributes, Kernel(node, w, w.Rank - 2));
        return new ConvTransposeProblem
        {
            Type = node.Tensor(0).Type,
            N = x[0],
            C = x[1],
            M = w[1] * group,
            Group = group,
            Axes = [.. Enumerable.Range(0, x.Rank - 2).Select(a => attributes.Resolve(a, x[a + 2]))],
            HasBias = node.Has(2),
            ConstantInputs = node.ConstantInputs,
        };
    }

    public override Problem? ParseProblem(string key) => ConvTransposeProblem.Parse(key);

    private static long Group(NodeFacts node)
    {
        long group = node.Attributes.Int("group", 1);
        return group is >= 1 and <= WindowAttributes.Limit ? group : throw new OpException($"attribute group is {group}, must be at least 1");
    }

    // From the weights, or from kernel_shape while their shape is not known; both must agree. The default array if neither says.
    private static ImmutableArray<long> Kernel(NodeFacts node, SymbolicShape w, int rank)
    {
        ImmutableArray<long> given = node.Attributes.Has("kernel_shape") ? WindowAttributes.List(node.Attributes, "kernel_shape", rank, 1, 1) : default;
        var kernel = new long[rank];
        for (int a = 0; a < rank; a++)
        {
            if (!w[a + 2].TryGetValue(out kernel[a]))
            {
                if (given.IsDefault)
                    return default;
                kernel[a] = given[a];
            }
            if (kernel[a] is < 1 or > WindowAttributes.Limit)
                throw new OpException($"input 1 has shape {w}, a kernel must have at least 1 element along every axis");
            if (!given.IsDefault && given[a] != kernel[a])
                throw new OpException($"attribute kernel_shape is [{string.Join(",", given)}], but input 1 has shape {w}");
        }
        return [.. kernel];
    }

    // Scatters every product to where it belongs.
    internal static OracleResult Evaluate(ConvTransposeProblem p, IReadOnlyList<double[]?> inputs)
    {
        double[] x = inputs[0]!, w = inputs[1]!;
        long inPlane = p.Axes.Aggregate(1L, (s, a) => s * a.In), outPlane = p.Axes.Aggregate(1L, (s, a) => s * a.Out), taps = p.Axes.Aggregate(1L, (s, a) => s * a.Kernel);
        double[] values = new double[p.N * p.M * outPlane], magnitudes = new double[values.Length];
        if (inputs.Count > 2 && inputs[2] is { } bias)
            for (long i = 0; i < values.Length; i++)
                (values[i], magnitudes[i]) = (bias[i / outPlane % p.M], Math.Abs(bias[i / outPlane % p.M]));
        long groupM = p.M / p.Group, groupC = p.C / p.Group;
        for (long i = 0; i < inPlane; i++)
            for (long k = 0; k < taps; k++)
            {
                long o = Target(p, i, k);
                if (o < 0)
                    continue;
                for (long n = 0; n < p.N; n++)
                    for (long c = 0; c < p.C; c++)
                        for (long m = 0; m < groupM; m++)
                        {
                            double product = x[(n * p.C + c) * inPlane + i] * w[(c * groupM + m) * taps + k];
                            long at = (n * p.M + c / groupC * groupM + m) * outPlane + o;
                            values[at] += product;
                            magnitudes[at] += Math.Abs(product);
                        }
            }
        return new OracleResult([values], [magnitudes]);
    }

    // The flat output position of input position i and tap k, or -1 if it is cut off.
    private static long Target(ConvTransposeProblem p, long i, long k)
    {
        long target = 0, scale = 1;
        for (int a = p.Axes.Length - 1; a >= 0; a--)
        {
            WindowAxis axis = p.Axes[a];
            long o = i % axis.In * axis.Stride + k % axis.Kernel * axis.Dilation - axis.PadBegin;
            if (o < 0 || o >= axis.Out)
                return -1;
            target += o * scale;
            scale *= axis.Out;
            i /= axis.In;
            k /= axis.Kernel;
        }
        return target;
    }
}
