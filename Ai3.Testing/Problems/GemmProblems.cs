using Ai3.Ops;
using Ai3.Tensors;

namespace Ai3.Testing;

/// <summary>Problems of Gemm and MatMul.</summary>
internal sealed class GemmProblems : ProblemGenerator<GemmProblem>
{
    private const string Strassen = "strassen";

    // Row panels of 6 and 14, panels of 2 to 32 columns, the strip of direct, grains and rows of gemv.
    private static readonly int[] s_edges = [4, 6, 8, 14, 16, 32, 64];

    /// <inheritdoc/>
    protected override GemmProblem Generate(ProblemRequest request, TestRandom random)
    {
        int size = request.Size;
        bool fast = request.RowName is "gemm" or "gemv" or Strassen;
        Func<long> dim = fast ? () => random.Dim(size, s_edges) : () => random.DimOrZero(size, s_edges);
        (long m, long n, long k) = (dim(), dim(), dim());
        // Several blocks of K, and several of N or M, while the product stays small.
        if (size > 8 && random.Chance(0.15))
            (m, n, k) = random.Below(3) switch
            {
                0 => (random.Between(1, 20), random.Between(1, 40), random.Between(500, 1700)),
                1 => (random.Between(1, 6), random.Between(1000, 2200), random.Between(1, 20)),
                _ => (random.Between(200, 700), random.Between(1, 20), random.Between(1, 20)),
            };
        // Even and uneven, one level and (with small caches) two.
        if (request.RowName == Strassen)
            (m, n, k) = random.Chance(0.3) ? (TwiceHalved(), TwiceHalved(), TwiceHalved()) : (LargeDim(), LargeDim(), LargeDim());
        else if (request.RowName == "gemv" || random.Chance(0.1))
            (m, n) = random.Chance(0.5) ? (1L, n) : (m, 1L);
        var problem = new GemmProblem { Type = Type(request, random), ShapeA = [m, k], ShapeB = [k, n] };
        problem = request.Op.Name == "Gemm" ? AsGemm(problem, random) : AsMatMul(problem, request, random);
        if (problem.Type == DType.Float32)
            problem = problem with { Fusion = RandomFusion(problem, random) };
        return problem with { ConstantInputs = random.Pick(0u, 2u, 6u) & (problem.ShapeC is null ? 2u : 6u) };

        long TwiceHalved() => random.Pick(184, 192, random.Between(184, 200));

        long LargeDim() => random.Pick(128, 129, 131, 192, random.Between(128, 200));
    }

    /// <inheritdoc/>
    protected override IEnumerable<GemmProblem> Shrink(GemmProblem problem)
    {
        if (!problem.Fusion.IsNone)
            yield return problem with { Fusion = Fusion.None };
        if (problem.ShapeC is not null)
            yield return problem with { ShapeC = null, Beta = 1, ConstantInputs = problem.ConstantInputs & 2 };
        if (problem.Alpha != 1 || problem.Beta != 1)
            yield return problem with { Alpha = 1, Beta = 1 };
        if (problem.ConstantInputs != 0)
            yield return problem with { ConstantInputs = 0 };
        if (problem.ShapeA.Rank > 2 || problem.ShapeB.Rank > 2)
            yield return Sized(problem with { ShapeA = [1, 1], ShapeB = [1, 1] }, problem.M, problem.N, problem.K);
        (long m, long n, long k) = (problem.M, problem.N, problem.K);
        bool matrices = problem.ShapeA.Rank > 1 && problem.ShapeB.Rank > 1;
        if (matrices && m > 1)
        {
            yield return Sized(problem, m / 2, n, k);
            yield return Sized(problem, m - 1, n, k);
        }
        if (matrices && n > 1)
        {
            yield return Sized(problem, m, n / 2, k);
            yield return Sized(problem, m, n - 1, k);
        }
        if (k > 1)
        {
            yield return Sized(problem, m, n, k / 2);
            yield return Sized(problem, m, n, k - 1);
        }
    }

    /// <inheritdoc/>
    /// <remarks>Sums of blocks of integers are integers.</remarks>
    protected override int WeightMultiple(OpDefinition op, GemmProblem problem, Algorithm row) => row.Name == Strassen ? 1 : 0;

    /// <inheritdoc/>
    protected override double? Alarm(OpDefinition op, GemmProblem problem, Algorithm row, ErrorBound bound) =>
        row.Name == Strassen ? 20 + 6 * Math.Sqrt(problem.K) : base.Alarm(op, problem, row, bound);

    private static DType Type(ProblemRequest request, TestRandom random) => request.RowName switch
    {
        "gemm" or "gemv" or Strassen => DType.Float32,
        "reference" => random.Pick(DType.Float32, DType.Float64, DType.Float16, DType.BFloat16),
        _ => random.Chance(0.5) ? DType.Float32
            : random.Pick(DType.Float64, DType.Float16, DType.BFloat16, DType.Int32, DType.Int64, DType.UInt32, DType.UInt64),
    };

    private static GemmProblem AsGemm(GemmProblem problem, TestRandom random)
    {
        (long m, long n, long k) = (problem.M, problem.N, problem.K);
        bool transA = random.Chance(0.3), transB = random.Chance(0.4);
        problem = problem with { TransA = transA, TransB = transB, ShapeA = transA ? [k, m] : [m, k], ShapeB = transB ? [n, k] : [k, n] };
        if (random.Chance(0.3))
            problem = problem with { Alpha = problem.Type.IsFloat() ? random.Pick(2f, -0.5f, 0f) : 2 };
        Shape? c = random.Below(7) switch
        {
            0 => [n],
            1 => [1, n],
            2 => [m, 1],
            3 => [m, n],
            4 => [1],
            5 => Shape.Scalar,
            _ => null,
        };
        return problem with { ShapeC = c, Beta = c is not null && random.Chance(0.3) ? problem.Type.IsFloat() ? random.Pick(3f, -0.25f, 0f) : 3 : 1 };
    }

    private static GemmProblem AsMatMul(GemmProblem problem, ProblemRequest request, TestRandom random)
    {
        (long m, long n, long k) = (problem.M, problem.N, problem.K);
        if (request.RowName != Strassen && random.Chance(0.15))
            return problem with { ShapeA = [k] };
        if (request.RowName != Strassen && random.Chance(0.15))
            return problem with { ShapeB = [k] };
        if (random.Chance(0.5))
        {
            long outer = random.Between(1, 3), inner = random.Between(request.RowName is "gemm" or "gemv" or Strassen ? 1 : 0, 3);
            // Rows of several products that share B become one product, which is no vector any more.
            int forms = request.RowName == "gemv" ? 2 : 4;
            (long[] a, long[] b) = random.Below(forms) switch
            {
                0 => (new[] { outer, inner }, new[] { outer, inner }),
                1 => ([], [outer, inner]),
                2 => ([outer, inner], []),
                _ => ([outer, 1], [inner]),
            };
            problem = problem with { ShapeA = Shape.Create([.. a, m, k]), ShapeB = Shape.Create([.. b, k, n]) };
        }
        return random.Chance(0.3) ? problem with { ShapeC = [n] } : problem;
    }

    private static Fusion RandomFusion(GemmProblem problem, TestRandom random)
    {
        Activation activation = RandomActivation.Of(random);
        bool prologue = problem.ShapeA.Rank > 1 && random.Chance(0.1);
        return new Fusion { Residual = random.Chance(0.3), Activation = activation, Prologue = prologue, PrologueActivation = prologue ? RandomActivation.OfPrologue(random) : Activation.None };
    }

    private static GemmProblem Sized(GemmProblem problem, long m, long n, long k)
    {
        Shape a = problem.ShapeA.Rank == 1 ? [k] : Shape.Create([.. problem.BatchA, problem.TransA ? k : m, problem.TransA ? m : k]);
        Shape b = problem.ShapeB.Rank == 1 ? [k] : Shape.Create([.. problem.BatchB, problem.TransB ? n : k, problem.TransB ? k : n]);
        Shape? c = problem.ShapeC is { } old
            ? Shape.Create([.. old.Select((d, i) => d == 1 ? 1 : i == old.Rank - 1 ? n : m)]) : null;
        return problem with { ShapeA = a, ShapeB = b, ShapeC = c };
    }
}
