using System.Collections.Immutable;
using Ai3.Tensors;

namespace Ai3.Ops;

internal static class RotaryAlgorithms
{
    /// <summary>Every way to rotate. Order is the tie-break.</summary>
    public static readonly ImmutableArray<Algorithm<RotaryProblem>> All =
    [
        new()
        {
            Name = "simd",
            Source = "Su et al. 2021, arXiv:2104.09864",
            Needs = "f32, halves rather than neighbours",
            Supports = static (p, _) => Applicability.If(p.Type == DType.Float32, $"element type is {p.Type.ShortName()}, needs f32")
                .And(Applicability.If(!p.Interleaved, "pairs are interleaved")),
            CostHint = static r => 100 + (r.Problem.Shape.Count * 1.5 / r.Target.Lanes + Rows(r.Problem) * 8) / r.Target.Threads,
            Error = static (_, _) => ErrorBound.PerElement(3),
            InPlace = static _ => [(0, 0)],
            Bind = static (r, _) => Isa.Select<RotaryKernel.Binder, PreparedKernel>(r.Target.Isa, new RotaryKernel.Binder(r.Problem)),
        },
        new()
        {
            Name = "scalar",
            Source = "the definition, in double",
            Supports = static (_, _) => Applicability.Yes,
            CostHint = static r => 100 + (r.Problem.Shape.Count * 1.5 + Rows(r.Problem) * 10) / r.Target.Threads,
            // The oracle rounds products and their difference as this row does.
            Error = static (p, _) => p.Type == DType.Float64 ? ErrorBound.PerElement(3) : ErrorBound.Ulp(1),
            InPlace = static _ => [(0, 0)],
            Bind = static (r, _) => ElementTypes.Select<RotaryKernel.ScalarBinder, PreparedKernel>(r.Problem.Type, new RotaryKernel.ScalarBinder(r.Problem)),
        },
        ReferenceAlgorithm.Of<RotaryProblem>(Evaluate),
    ];

    private static double Rows(RotaryProblem p) => (double)p.Batch * p.Length * p.Heads;

    internal static OracleResult Evaluate(RotaryProblem p, IReadOnlyList<double[]?> inputs)
    {
        double[] x = inputs[0]!, cos = inputs[p.PositionsFirst ? 2 : 1]!, sin = inputs[p.PositionsFirst ? 3 : 2]!;
        double[]? positions = inputs[p.PositionsFirst ? 1 : 3];
        double[] values = new double[x.Length], magnitudes = new double[x.Length];
        long half = p.Table[^1];
        bool outside = p.Shape.Rank == 4;
        long length = p.Shape[outside ? 2 : 1], size = outside ? p.Shape[3] : p.Shape[2] / p.Heads;
        for (long i = 0; i < x.Length; i++)
        {
            long d = i % size, rest = i / size;
            long s = outside ? rest % length : rest / p.Heads % length, b = rest / (p.Heads * length);
            if (d >= 2 * half)
            {
                (values[i], magnitudes[i]) = (x[i], Math.Abs(x[i]));
                continue;
            }
            long row = positions is null ? b * length + s : positions.Length == 1 && p.PositionsFirst ? (long)positions[0] + s : (long)positions[b * length + s];
            long pair = p.Interleaved ? d / 2 : d % half;
            bool first = p.Interleaved ? d % 2 == 0 : d < half;
            double other = x[i + (first ? 1 : -1) * (p.Interleaved ? 1 : half)], c = cos[row * half + pair], t = sin[row * half + pair];
            values[i] = first ? c * x[i] - t * other : t * other + c * x[i];
            magnitudes[i] = Math.Abs(c * x[i]) + Math.Abs(t * other);
        }
        return new OracleResult([values], [magnitudes]);
    }
}
