using System.Collections.Immutable;
using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>The Reduce operators: axes are an attribute at first, then an optional input.</summary>
/// <param name="function">What is computed.</param>
internal sealed class ReductionOp(ReductionFunction function) : OpDefinition<ReductionProblem>(ReductionAlgorithms.For(function))
{
    public ReductionFunction Function => function;

    /// <summary>True if axes are input 1.</summary>
    public bool AxesAreInput { get; init; }

    public static ImmutableArray<OpDefinition> All { get; } =
    [
        .. Versions("ReduceSum", ReductionFunction.Sum, inputSince: 13),
        .. Versions("ReduceMean", ReductionFunction.Mean),
        .. Versions("ReduceMax", ReductionFunction.Max),
        .. Versions("ReduceMin", ReductionFunction.Min),
        .. Versions("ReduceProd", ReductionFunction.Prod),
        .. Versions("ReduceL1", ReductionFunction.L1),
        .. Versions("ReduceL2", ReductionFunction.L2),
        .. Versions("ReduceSumSquare", ReductionFunction.SumSquare),
        .. Versions("ReduceLogSum", ReductionFunction.LogSum),
        .. Versions("ReduceLogSumExp", ReductionFunction.LogSumExp),
    ];

    /// <inheritdoc/>
    public override Oracle<ReductionProblem> Oracle => ReductionReference.Evaluate;

    /// <inheritdoc/>
    public override ImmutableArray<ValueFact> Infer(NodeFacts node)
    {
        TensorFact input = node.Tensor(0);
        CheckType(input);
        if (input.Shape is null)
            return [new TensorFact(input.Type, null)];
        bool keep = node.Attributes.Flag("keepdims", true);
        if (AxesOf(node, input.Shape.Rank) is not { } axes)
            return [new TensorFact(input.Type, keep ? SymbolicShape.Create([.. input.Shape.Select(_ => node.Fresh())]) : null)];
        var dims = new List<Dim>();
        for (int i = 0; i < input.Shape.Rank; i++)
            if (!axes.Contains(i))
                dims.Add(input.Shape[i]);
            else if (keep)
                dims.Add(1);
        return [new TensorFact(input.Type, SymbolicShape.Create([.. dims]))];
    }

    /// <inheritdoc/>
    public override bool ReadsValues(NodeFacts node, int index) => AxesAreInput && index == 1;

    /// <inheritdoc/>
    public override Problem CreateProblem(NodeFacts node)
    {
        CheckType(node.Tensor(0));
        TensorType input = node.Operand(0);
        ImmutableArray<int> axes = AxesOf(node, input.Shape.Rank) ?? throw new OpException("axes are not known");
        return new ReductionProblem
        {
            Function = Function,
            Input = input,
            Axes = axes,
            KeepDims = node.Attributes.Flag("keepdims", true),
            AxesInput = AxesAreInput && node.Has(1) ? node.Operand(1) : TensorType.Absent,
            ConstantInputs = node.ConstantInputs,
        };
    }

    /// <inheritdoc/>
    public override Problem? ParseProblem(string key) =>
        ReductionProblem.Parse(key) is { } problem && problem.Function == Function ? problem : null;

    // Ascending; null while the values of input 1 are not known.
    private ImmutableArray<int>? AxesOf(NodeFacts node, int rank)
    {
        ImmutableArray<long> given = node.Attributes.Ints("axes");
        if (AxesAreInput)
        {
            given = default;
            if (node.Has(1))
            {
                if (node.Tensor(1).Type is not (DType.Int64 or DType.Int32 or DType.Undefined))
                    throw new OpException($"axes are {node.Tensor(1).Type.ShortName()}, must be i64");
                given = node.Ints(1);
                if (given.IsDefault && !IsEmpty(node.Tensor(1)))
                    return null;
            }
        }
        if (given.IsDefaultOrEmpty)
            return AxesAreInput && node.Attributes.Flag("noop_with_empty_axes") ? [] : [.. Enumerable.Range(0, rank)];
        int[] axes = ShapeMath.NormalizeAxes(given.AsSpan(), rank);
        Array.Sort(axes);
        return [.. axes];
    }

    private static bool IsEmpty(TensorFact axes) => axes.Shape is { Rank: 1 } shape && shape[0].Is(0);

    private void CheckType(TensorFact input) =>
        (Function is ReductionFunction.Max or ReductionFunction.Min ? TypeSet.NumericOrBool : TypeSet.Numeric).Check(input, 0);

    private static ReductionOp[] Versions(string name, ReductionFunction function, int inputSince = 18) =>
    [
        new ReductionOp(function) { Name = name, Until = inputSince - 1, MinInputs = 1, MaxInputs = 1 },
        new ReductionOp(function) { Name = name, Since = inputSince, AxesAreInput = true, MinInputs = 1, MaxInputs = 2 },
    ];
}
