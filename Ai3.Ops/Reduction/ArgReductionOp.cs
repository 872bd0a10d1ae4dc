using System.Collections.Immutable;
using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>ArgMax and ArgMin, every opset.</summary>
internal sealed class ArgReductionOp() : OpDefinition<ArgReductionProblem>(Table)
{
    private static readonly ImmutableArray<Algorithm<ArgReductionProblem>> Table =
    [
        new()
        {
            Name = "tiles",
            Source = "best values of neighbouring positions, the axis walked once",
            Supports = ArgReduction.Supports,
            CostHint = static r => 100 + r.Problem.Input.Shape.Count * 1.0 / r.Target.Threads,
            Error = static (_, _) => ErrorBound.Exact,
            Bind = ArgReduction.Bind,
        },
        ReferenceAlgorithm.Of<ArgReductionProblem>(Evaluate),
    ];

    public static ImmutableArray<OpDefinition> All { get; } =
    [
        new ArgReductionOp { Name = "ArgMax", MinInputs = 1, MaxInputs = 1 },
        new ArgReductionOp { Name = "ArgMin", MinInputs = 1, MaxInputs = 1 },
    ];

    /// <inheritdoc/>
    public override Oracle<ArgReductionProblem> Oracle => Evaluate;

    /// <inheritdoc/>
    public override ImmutableArray<ValueFact> Infer(NodeFacts node)
    {
        TensorFact input = node.Tensor(0);
        TypeSet.Numeric.Check(input, 0);
        if (input.Shape is null)
            return [new TensorFact(DType.Int64, null)];
        int axis = ShapeMath.NormalizeAxis(node.Attributes.Int("axis", 0), input.Shape.Rank);
        List<Dim> dims = [.. input.Shape];
        if (dims[axis].Is(0))
            throw new OpException($"axis {axis} of {input} has no elements, needs at least one");
        if (node.Attributes.Flag("keepdims", true))
            dims[axis] = 1;
        else
            dims.RemoveAt(axis);
        return [new TensorFact(DType.Int64, SymbolicShape.Create([.. dims]))];
    }

    /// <inheritdoc/>
    public override Problem CreateProblem(NodeFacts node)
    {
        Infer(node);
        TensorType input = node.Operand(0);
        return new ArgReductionProblem
        {
            IsMax = Name == "ArgMax",
            Input = input,
            Axis = ShapeMath.NormalizeAxis(node.Attributes.Int("axis", 0), input.Shape.Rank),
            KeepDims = node.Attributes.Flag("keepdims", true),
            SelectLast = node.Attributes.Flag("select_last_index"),
            ConstantInputs = node.ConstantInputs,
        };
    }

    /// <inheritdoc/>
    public override Problem? ParseProblem(string key) => ArgReductionProblem.Parse(key) is { } problem && problem.IsMax == (Name == "ArgMax") ? problem : null;

    private static OracleResult Evaluate(ArgReductionProblem problem, IReadOnlyList<double[]?> inputs)
    {
        double[] x = inputs[0]!;
        Shape shape = problem.Input.Shape;
        long length = shape[problem.Axis], inner = shape.CountOf((problem.Axis + 1)..);
        var result = new double[problem.Outputs[0].Shape.Count];
        for (long i = 0; i < result.Length; i++)
        {
            long start = i / inner * length * inner + i % inner;
            double[] line = [.. Enumerable.Range(0, (int)length).Select(r => x[start + r * inner])];
            double best = line.Any(double.IsNaN) ? double.NaN : problem.IsMax ? line.Max() : line.Min();
            result[i] = problem.SelectLast && !double.IsNaN(best) ? Array.LastIndexOf(line, best) : Array.IndexOf(line, best);
        }
        return OracleResult.Of(result);
    }
}
