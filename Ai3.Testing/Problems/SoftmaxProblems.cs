using Ai3.Ops;
using Ai3.Tensors;

namespace Ai3.Testing;

/// <summary>Problems of Softmax, LogSoftmax and Hardmax.</summary>
internal sealed class SoftmaxProblems : ProblemGenerator<SoftmaxProblem>
{
    private static readonly int[] s_edges = [4, 8, 16, 32, 64];

    /// <inheritdoc/>
    protected override SoftmaxProblem Generate(ProblemRequest request, TestRandom random)
    {
        int size = request.Size;
        bool flattens = random.Chance(0.2);
        Shape shape = random.Below(6) switch
        {
            // Rows of several blocks.
            0 when size > 8 => [random.Between(1, 2), random.Between(4000, 9000)],
            1 when size > 8 => [random.Between(250, 530), random.Between(1, 20)],
            // Channels of single pixels.
            2 => [random.Between(1, 3), random.Dim(size, s_edges), 1, 1],
            3 => [random.DimOrZero(size, s_edges)],
            4 => [random.DimOrZero(5), random.DimOrZero(size, s_edges), random.Dim(size, s_edges)],
            _ => [random.DimOrZero(size, s_edges), random.DimOrZero(2 * size, s_edges)],
        };
        return new SoftmaxProblem
        {
            Kind = Enum.Parse<SoftmaxKind>(request.Op.Name),
            Type = request.RowName is "three_pass" or "online" or "two_pass" || random.Chance(0.4) ? DType.Float32 : random.Pick(DType.Float64, DType.Float16, DType.BFloat16),
            Shape = shape,
            Axis = shape.Rank == 4 ? 1 : random.Below(shape.Rank),
            Flattens = flattens,
        };
    }

    /// <inheritdoc/>
    protected override IEnumerable<SoftmaxProblem> Shrink(SoftmaxProblem problem)
    {
        for (int a = 0; a < problem.Shape.Rank; a++)
        {
            long[] dims = problem.Shape.ToArray();
            if (dims[a] <= 1)
                continue;
            foreach (long dim in new[] { 1, dims[a] / 2, dims[a] - 1 })
            {
                dims[a] = dim;
                yield return problem with { Shape = Shape.Create(dims) };
            }
        }
        if (problem.Flattens)
            yield return problem with { Flattens = false };
    }

    /// <inheritdoc/>
    protected override bool Allows(OpDefinition op, SoftmaxProblem problem, CheckMode mode) => mode != CheckMode.ExactInteger || problem.Kind == SoftmaxKind.Hardmax;
}
