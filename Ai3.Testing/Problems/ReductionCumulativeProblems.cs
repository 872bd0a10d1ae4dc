using Ai3.Ops;
using Ai3.Tensors;

namespace Ai3.Testing;

/// <summary>Problems of CumSum and CumProd.</summary>
internal sealed class ReductionCumulativeProblems : ProblemGenerator<CumulativeProblem>
{
    /// <inheritdoc/>
    protected override CumulativeProblem Generate(ProblemRequest request, TestRandom random)
    {
        var dims = new long[random.Between(1, 4)];
        for (int i = 0; i < dims.Length; i++)
            dims[i] = random.DimOrZero(dims.Length > 2 ? 12 : request.Size * 2, 64);
        DType[] types = [.. Enum.GetValues<DType>().Where(t => TypeSet.Numeric.Has(t))];
        return new CumulativeProblem
        {
            IsProduct = request.Op.Name == "CumProd",
            Input = new TensorType(random.Chance(0.5) ? DType.Float32 : random.Pick(types), Shape.Create(dims)),
            AxisInput = new TensorType(random.Pick(DType.Int32, DType.Int64), Shape.Scalar),
            Axis = random.Below(dims.Length),
            Exclusive = random.Chance(0.5),
            Reverse = random.Chance(0.5),
        };
    }

    /// <inheritdoc/>
    protected override IEnumerable<CumulativeProblem> Shrink(CumulativeProblem problem)
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

    /// <inheritdoc/>
    protected override double[] Fill(OpDefinition op, CumulativeProblem problem, int input, CheckMode mode, TestRandom random)
    {
        if (input == 1)
            return [problem.Axis];
        double[] values = base.Fill(op, problem, input, mode, random);
        if (!problem.Input.Type.IsFloat())
            for (int i = 0; i < values.Length; i++)
                values[i] = random.Between(0, 1);
        return values;
    }

    /// <inheritdoc/>
    protected override bool Allows(OpDefinition op, CumulativeProblem problem, CheckMode mode) => !problem.IsProduct || mode != CheckMode.ExactInteger;
}
