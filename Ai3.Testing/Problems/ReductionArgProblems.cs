using Ai3.Ops;
using Ai3.Tensors;

namespace Ai3.Testing;

/// <summary>Problems of ArgMax and ArgMin.</summary>
internal sealed class ReductionArgProblems : ProblemGenerator<ArgReductionProblem>
{
    /// <inheritdoc/>
    protected override ArgReductionProblem Generate(ProblemRequest request, TestRandom random)
    {
        var dims = new long[random.Between(1, 4)];
        int axis = random.Below(dims.Length);
        for (int i = 0; i < dims.Length; i++)
            dims[i] = i == axis ? random.Dim(request.Size) : random.DimOrZero(dims.Length > 2 ? 12 : request.Size * 3, 64);
        DType[] types = [.. Enum.GetValues<DType>().Where(t => TypeSet.Numeric.Has(t))];
        return new ArgReductionProblem
        {
            IsMax = request.Op.Name == "ArgMax",
            Input = new TensorType(random.Chance(0.5) ? DType.Float32 : random.Pick(types), Shape.Create(dims)),
            Axis = axis,
            KeepDims = random.Chance(0.5),
            SelectLast = random.Chance(0.5),
        };
    }

    /// <inheritdoc/>
    protected override IEnumerable<ArgReductionProblem> Shrink(ArgReductionProblem problem)
    {
        Shape shape = problem.Input.Shape;
        for (int axis = 0; axis < shape.Rank; axis++)
            if (shape[axis] > 1)
            {
                long[] dims = shape.ToArray();
                dims[axis] /= 2;
                yield return problem with { Input = problem.Input with { Shape = Shape.Create(dims) } };
            }
    }
}
