using Ai3.Ops;
using Ai3.Tensors;

namespace Ai3.Testing;

/// <summary>Problems of ImageScaler.</summary>
internal sealed class ImageScalerProblems : ProblemGenerator<ImageScalerProblem>
{
    /// <inheritdoc/>
    protected override ImageScalerProblem Generate(ProblemRequest request, TestRandom random)
    {
        DType type = request.RowName == "reference" && random.Chance(0.5) ? random.Pick(DType.Float64, DType.Float16, DType.BFloat16) : DType.Float32;
        int channels = random.Dim(4, 1, 3);
        Shape shape = Shape.Create(random.Pick(1, 1, 2, 0), channels, random.Dim(request.Size, 4, 8, 16), random.DimOrZero(request.Size, 4, 8, 16));
        return new ImageScalerProblem(type, shape, random.Pick(1f, 2f, -0.5f, 0f), random.Chance(0.3) ? [] : [.. Enumerable.Range(0, channels).Select(_ => (float)random.Between(-3, 3))]);
    }

    /// <inheritdoc/>
    protected override IEnumerable<ImageScalerProblem> Shrink(ImageScalerProblem problem)
    {
        for (int axis = 2; axis < problem.Shape.Rank; axis++)
        {
            if (problem.Shape[axis] <= 1)
                continue;
            long[] dims = problem.Shape.ToArray();
            dims[axis] /= 2;
            yield return problem with { Shape = Shape.Create(dims) };
        }
        if (problem.Bias.Length > 0)
            yield return problem with { Bias = [] };
    }
}
