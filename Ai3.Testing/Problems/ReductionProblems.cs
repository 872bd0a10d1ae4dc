using System.Collections.Immutable;
using Ai3.Ops;
using Ai3.Tensors;

namespace Ai3.Testing;

/// <summary>Problems of the Reduce operators.</summary>
internal sealed class ReductionProblems : ProblemGenerator<ReductionProblem>
{
    // Lanes, tiles of four vectors, channel blocks.
    private static readonly int[] s_edges = [4, 8, 16, 32, 64];

    /// <inheritdoc/>
    protected override ReductionProblem Generate(ProblemRequest request, TestRandom random)
    {
        var op = (ReductionOp)request.Op;
        var dims = new long[random.Pick(0, 1, 2, 3, 4, 4)];
        for (int i = 0; i < dims.Length; i++)
            dims[i] = random.DimOrZero(dims.Length > 2 ? Math.Min(request.Size, 20) : request.Size * 2, s_edges);
        // Several blocks of a run, or of rows, now and then.
        if (dims.Length is 1 or 2 && random.Chance(0.1))
            dims[random.Below(dims.Length)] = random.Between(300, 9000);
        ImmutableArray<int> axes = random.Chance(0.3) && dims.Length > 2 ? [.. Enumerable.Range(2, dims.Length - 2)]
            : [.. Enumerable.Range(0, dims.Length).Where(_ => random.Chance(0.5))];
        return new ReductionProblem
        {
            Function = op.Function,
            Input = new TensorType(Type(request, op, random), Shape.Create(dims)),
            Axes = axes,
            KeepDims = random.Chance(0.6),
            AxesInput = op.AxesAreInput && random.Chance(0.7) ? new TensorType(DType.Int64, [axes.Length]) : TensorType.Absent,
        };
    }

    /// <inheritdoc/>
    protected override IEnumerable<ReductionProblem> Shrink(ReductionProblem problem)
    {
        Shape shape = problem.Input.Shape;
        for (int axis = 0; axis < shape.Rank; axis++)
            foreach (long size in new[] { shape[axis] / 2, shape[axis] - 1 })
                if (size > 0)
                {
                    long[] dims = shape.ToArray();
                    dims[axis] = size;
                    yield return problem with { Input = problem.Input with { Shape = Shape.Create(dims) } };
                }
    }

    /// <inheritdoc/>
    protected override double[] Fill(OpDefinition op, ReductionProblem problem, int input, CheckMode mode, TestRandom random)
    {
        if (input == 1)
            return [.. problem.Axes.Select(a => (double)a)];
        double[] values = base.Fill(op, problem, input, mode, random);
        // Factors near 1, so that a product says something; positive numbers for logarithms.
        for (int i = 0; i < values.Length; i++)
            if (problem.Function == ReductionFunction.LogSum || problem.Function == ReductionFunction.Prod && !problem.Input.Type.IsFloat())
                values[i] = problem.Function == ReductionFunction.LogSum ? Math.Abs(values[i]) : random.Between(problem.Input.Type is DType.UInt8 or DType.Bool ? 0 : 1, 1);
        return values;
    }

    /// <inheritdoc/>
    protected override bool Allows(OpDefinition op, ReductionProblem problem, CheckMode mode) =>
        mode != CheckMode.ExactInteger || problem.Function is ReductionFunction.Sum or ReductionFunction.L1 or ReductionFunction.SumSquare
            or ReductionFunction.Max or ReductionFunction.Min;

    /// <inheritdoc/>
    protected override bool SignOfZeroMatters(OpDefinition op, ReductionProblem problem) => false;

    private static DType Type(ProblemRequest request, ReductionOp op, TestRandom random)
    {
        if (request.RowName == "simd" || random.Chance(0.4))
            return DType.Float32;
        DType[] all = [.. Enum.GetValues<DType>().Where(t => TypeSet.Numeric.Has(t))];
        return op.Function is ReductionFunction.Max or ReductionFunction.Min && random.Chance(0.1) ? DType.Bool : random.Pick(all);
    }
}
