using Ai3.Ops;
using Ai3.Tensors;

namespace Ai3.Testing;

/// <summary>Problems of Cast and CastLike.</summary>
internal sealed class ElementwiseCastProblems : ProblemGenerator<CastProblem>
{
    private static readonly DType[] s_types =
        [.. Enum.GetValues<DType>().Where(t => t.IsDefined() && t is not (DType.String or DType.Complex64 or DType.Complex128))];

    /// <inheritdoc/>
    protected override CastProblem Generate(ProblemRequest request, TestRandom random)
    {
        DType from = random.Pick(s_types), to = request.RowName == "view" ? from : random.Pick(s_types);
        var dims = new long[random.Pick(0, 1, 2, 4)];
        for (int i = 0; i < dims.Length; i++)
            dims[i] = random.DimOrZero(dims.Length > 2 ? 12 : request.Size, 4, 8, 16);
        // Several pieces and grains, now and then.
        if (dims.Length == 1 && random.Chance(0.2))
            dims[0] = random.Between(500, 20000);
        var shape = Shape.Create(dims);
        bool narrow = Float8Format.Of(to) is not null || to == DType.Float8E8M0;
        return new CastProblem
        {
            Input = new TensorType(from, shape),
            Output = new TensorType(to, shape),
            Saturate = !narrow || random.Chance(0.5),
            Rounding = to == DType.Float8E8M0 ? random.Pick(Enum.GetValues<ScaleRounding>()) : ScaleRounding.Up,
        };
    }

    /// <inheritdoc/>
    protected override IEnumerable<CastProblem> Shrink(CastProblem problem)
    {
        Shape shape = problem.Input.Shape;
        for (int axis = 0; axis < shape.Rank; axis++)
            foreach (long size in new[] { shape[axis] / 2, shape[axis] - 1 })
                if (size > 0)
                {
                    long[] dims = shape.ToArray();
                    dims[axis] = size;
                    yield return problem with { Input = problem.Input with { Shape = Shape.Create(dims) }, Output = problem.Output with { Shape = Shape.Create(dims) } };
                }
    }
}
