using System.Collections.Immutable;
using Ai3.Tensors;

namespace Ai3.Ops;

internal static class EmbedNormAlgorithms
{
    /// <summary>Every way to embed and normalise. Order is the tie-break.</summary>
    public static readonly ImmutableArray<Algorithm<EmbedNormProblem>> All =
    [
        new()
        {
            Name = "two_pass",
            Source = "gather and corrected two-pass: Chan, Golub and LeVeque 1983",
            Needs = "f32, rows that are not empty",
            Supports = static (p, _) => Applicability.If(p.Type == DType.Float32, $"element type is {p.Type.ShortName()}, needs f32")
                .And(Applicability.If(p.Width > 0, "rows are empty")),
            CostHint = static r => 150 + r.Problem.Batch * r.Problem.Tokens * (40.0 + r.Problem.Width * 3.0 / r.Target.Lanes) / r.Target.Threads,
            Error = static (p, t) => ErrorBound.Relative(RowNorm.Chain(p.Width, t.Lanes)),
            Bind = static (r, _) => Isa.Select<EmbedNormKernel.Binder, PreparedKernel>(r.Target.Isa, new EmbedNormKernel.Binder(r.Problem)),
        },
        new()
        {
            Name = "scalar",
            Source = "the definition, in double",
            Workspace = "a row of doubles a thread",
            Supports = static (_, _) => Applicability.Yes,
            WorkspaceBytes = static r => ShapeMath.Multiply(SkipNormScalar.RowBytes(r.Problem.Width), r.Target.Threads),
            CostHint = static r => 150 + r.Problem.Batch * r.Problem.Tokens * (60.0 + r.Problem.Width * 10.0) / r.Target.Threads,
            Error = static (_, _) => ErrorBound.Relative(4),
            Bind = static (r, _) => ElementTypes.Select<EmbedNormKernel.ScalarBinder, PreparedKernel>(r.Problem.Type, new EmbedNormKernel.ScalarBinder(r.Problem)),
        },
        ReferenceAlgorithm.Of<EmbedNormProblem>(Evaluate),
    ];

    internal static OracleResult Evaluate(EmbedNormProblem p, IReadOnlyList<double[]?> inputs)
    {
        double[] sums = new double[p.Batch * p.Tokens * p.Width], sizes = new double[sums.Length], counts = new double[p.Batch];
        for (long b = 0; b < p.Batch; b++)
            for (long s = 0; s < p.Tokens; s++)
            {
                long token = b * p.Tokens + s;
                counts[b] += p.HasMask && inputs[7]![token] == 1 ? 1 : 0;
                long position = p.PositionRows == 0 ? s : (long)inputs[8]![p.PositionRows == 1 ? s : token];
                for (long c = 0; c < p.Width; c++)
                {
                    double word = inputs[2]![(long)inputs[0]![token] * p.Width + c], place = inputs[3]![position * p.Width + c];
                    double segment = p.Segments == 0 ? 0 : inputs[4]![(long)inputs[1]![token] * p.Width + c];
                    sums[token * p.Width + c] = word + place + segment;
                    sizes[token * p.Width + c] = Math.Abs(word) + Math.Abs(place) + Math.Abs(segment);
                }
            }
        OracleResult normal = SkipNormOracle.Normalized(NormalizationKind.Layer, p.Epsilon, sums, sizes, p.Batch * p.Tokens, p.Width, inputs[5]!, inputs[6]);
        double[][] values = [normal.Values[0], counts, sums], magnitudes = [normal.Magnitudes[0], counts, sizes];
        return new OracleResult(values[..p.OutputCount], magnitudes[..p.OutputCount]);
    }
}
