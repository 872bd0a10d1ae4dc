using System.Collections.Immutable;
using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>CumSum and CumProd.</summary>
internal sealed class CumulativeOp() : OpDefinition<CumulativeProblem>(Table)
{
    private static readonly ImmutableArray<Algorithm<CumulativeProblem>> Table =
    [
        new()
        {
            Name = "tiles",
            Source = "totals of neighbouring positions, the axis walked once",
            Supports = Cumulation.Supports,
            CostHint = static r => 100 + r.Problem.Input.Shape.Count * 1.2 / r.Target.Threads,
            Error = static (p, _) => p.Input.Type == DType.Float64 ? ErrorBound.PerElement(p.Input.Shape[p.Axis] + 2) : ErrorBound.PerElement(3),
            InPlace = static _ => [(0, 0)],
            Bind = Cumulation.Bind,
        },
        ReferenceAlgorithm.Of<CumulativeProblem>(Evaluate),
    ];

    public static ImmutableArray<OpDefinition> All { get; } =
    [
        new CumulativeOp { Name = "CumSum", Since = 11, MinInputs = 2, MaxInputs = 2 },
        new CumulativeOp { Name = "CumProd", Since = 26, MinInputs = 2, MaxInputs = 2 },
    ];

    /// <inheritdoc/>
    public override Oracle<CumulativeProblem> Oracle => Evaluate;

    /// <inheritdoc/>
    public override ImmutableArray<ValueFact> Infer(NodeFacts node)
    {
        TensorFact input = node.Tensor(0), axis = node.Tensor(1);
        TypeSet.Numeric.Check(input, 0);
        if (axis.Type is not (DType.Int32 or DType.Int64 or DType.Undefined))
            throw new OpException($"axis is {axis.Type.ShortName()}, must be i32 or i64");
        if (input.Shape is not null)
            AxisOf(node, input.Shape.Rank);
        return [new TensorFact(input.Type, input.Shape)];
    }

    /// <inheritdoc/>
    public override bool ReadsValues(NodeFacts node, int index) => index == 1;

    /// <inheritdoc/>
    public override Problem CreateProblem(NodeFacts node)
    {
        Infer(node);
        TensorType input = node.Operand(0);
        return new CumulativeProblem
        {
            IsProduct = Name == "CumProd",
            Input = input,
            AxisInput = node.Operand(1),
            Axis = AxisOf(node, input.Shape.Rank) ?? throw new OpException("axis is not known"),
            Exclusive = node.Attributes.Flag("exclusive"),
            Reverse = node.Attributes.Flag("reverse"),
            ConstantInputs = node.ConstantInputs,
        };
    }

    /// <inheritdoc/>
    public override Problem? ParseProblem(string key) =>
        CumulativeProblem.Parse(key) is { } problem && problem.IsProduct == (Name == "CumProd") ? problem : null;

    private static int? AxisOf(NodeFacts node, int rank)
    {
        ImmutableArray<long> values = node.Ints(1);
        if (values.IsDefault)
            return null;
        return values.Length == 1 ? ShapeMath.NormalizeAxis(values[0], rank) : throw new OpException($"axis has {values.Length} elements, must be a scalar");
    }

    private static OracleResult Evaluate(CumulativeProblem problem, IReadOnlyList<double[]?> inputs)
    {
        double[] x = inputs[0]!;
        Shape shape = problem.Input.Shape;
        long length = shape[problem.Axis], inner = shape.CountOf((problem.Axis + 1)..);
        var values = new double[x.Length];
        var magnitudes = new double[x.Length];
        for (long i = 0; i < x.Length; i++)
        {
            long position = i / inner % length;
            double total = problem.IsProduct ? 1 : 0, size = total;
            // In the order of the walk, so that infinities and NaN meet as they do there.
            for (long k = 0; k < length; k++)
            {
                long other = problem.Reverse ? length - 1 - k : k;
                bool before = problem.Reverse ? other > position : other < position;
                if (!before && (other != position || problem.Exclusive))
                    continue;
                double value = x[i + (other - position) * inner];
                total = problem.IsProduct ? total * value : total + value;
                size = problem.IsProduct ? Math.Abs(total) : size + Math.Abs(value);
            }
            (values[i], magnitudes[i]) = (total, size);
        }
        return new OracleResult([values], [magnitudes]);
    }
}
