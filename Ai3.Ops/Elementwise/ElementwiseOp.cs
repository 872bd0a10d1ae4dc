using System.Collections.Immutable;
using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>Which function a node computes.</summary>
/// <param name="Function">Its name.</param>
/// <param name="Alpha">Its first constant.</param>
/// <param name="Beta">Its second constant.</param>
internal readonly record struct FunctionUse(string Function, float Alpha = 0, float Beta = 0);

/// <summary>How operand shapes make the output's.</summary>
internal enum BroadcastRule
{
    /// <summary>Each stretches to the others.</summary>
    Mutual,
    /// <summary>The others stretch to the first.</summary>
    ToFirst,
    /// <summary>Before opset 7: the second stretches to the first where the attribute <c>broadcast</c> allows, aligned at <c>axis</c>.</summary>
    Attribute,
    /// <summary>Before opset 7, PRelu: one slope, or one for each channel.</summary>
    ChannelSlope,
}

/// <summary>An operator that computes one function of elements.</summary>
/// <param name="types">The element types of the inputs.</param>
/// <param name="functions">The names of the functions that <see cref="Use"/> can give.</param>
internal sealed class ElementwiseOp(TypeSet types, params ImmutableArray<string> functions)
    : OpDefinition<ElementwiseProblem>(ElementwiseAlgorithms.For(functions, types))
{
    /// <summary>The element types of the inputs.</summary>
    public TypeSet Types => types;

    /// <summary>The function that the attributes say.</summary>
    public required Func<Attributes, FunctionUse> Use { get; init; }

    /// <summary>The names of the functions that <see cref="Use"/> can give.</summary>
    public ImmutableArray<string> Functions => functions;

    public BroadcastRule Rule { get; init; } = BroadcastRule.Mutual;

    /// <summary>True if the output is bool; otherwise it has the inputs' type.</summary>
    public bool IsTest { get; init; }

    /// <summary>True if input 0 is a bool that is no operand of the others' type (Where).</summary>
    public bool HasCondition { get; init; }

    /// <summary>True if input 1 may have a numeric type of its own (Pow).</summary>
    public bool MixesTypes { get; init; }

    /// <inheritdoc/>
    public override Oracle<ElementwiseProblem> Oracle => ElementwiseReference.Evaluate;

    /// <inheritdoc/>
    public override ImmutableArray<ValueFact> Infer(NodeFacts node)
    {
        FunctionUse use = Use(node.Attributes);
        DType type = CheckTypes(node);
        var shapes = new SymbolicShape?[node.Inputs.Length];
        for (int i = 0; i < shapes.Length; i++)
            shapes[i] = node.Tensor(i).Shape;
        SymbolicShape? shape = Rule == BroadcastRule.Mutual ? Broadcasting.Shape(node, shapes) : InferToFirst(node, shapes);
        return [new TensorFact(IsTest ? DType.Bool : type, shape) { Elements = ShapeArithmetic.Evaluate(use.Function, node, shape) }];
    }

    /// <inheritdoc/>
    public override Problem CreateProblem(NodeFacts node)
    {
        FunctionUse use = Use(node.Attributes);
        DType type = CheckTypes(node);
        var operands = new TensorType[node.Inputs.Length];
        for (int i = 0; i < operands.Length; i++)
            operands[i] = node.Operand(i);
        int axis = -1;
        Shape shape;
        if (Rule == BroadcastRule.Mutual)
            shape = Broadcasting.Known(Array.ConvertAll(operands, o => o.Shape));
        else
        {
            shape = operands[0].Shape;
            axis = CheckStretches(node, shape, operands[1].Shape);
        }
        return new ElementwiseProblem
        {
            Function = use.Function,
            Alpha = use.Alpha,
            Beta = use.Beta,
            Operands = [.. operands],
            Output = new TensorType(IsTest ? DType.Bool : type, shape),
            Axis = axis,
            ConstantInputs = node.ConstantInputs,
        };
    }

    /// <inheritdoc/>
    public override Problem? ParseProblem(string key) =>
        ElementwiseProblem.Parse(key) is { } problem && Functions.Contains(problem.Function) ? problem : null;

    /// <inheritdoc/>
    public override bool RunsOnHost(NodeFacts node) => Types.HasFlag(TypeSet.String) && node.OptionalTensor(node.Inputs.Length - 1) is { Type: DType.String };

    /// <inheritdoc/>
    public override Value[] RunOnHost(NodeFacts node, IReadOnlyList<Value?> inputs, long maxBytes)
    {
        CheckTypes(node);
        return [StringElementwise.Run(Use(node.Attributes).Function, inputs, maxBytes)];
    }

    private DType CheckTypes(NodeFacts node)
    {
        int first = HasCondition ? 1 : 0;
        if (HasCondition)
            TypeSet.Bool.Check(node.Tensor(0), 0);
        DType type = node.Tensor(first).Type;
        for (int i = first; i < node.Inputs.Length; i++)
        {
            TensorFact fact = node.Tensor(i);
            (MixesTypes && i > first ? TypeSet.Numeric : Types).Check(fact, i);
            if (MixesTypes || fact.Type == DType.Undefined)
                continue;
            if (type == DType.Undefined)
                type = fact.Type;
            else if (fact.Type != type)
                throw new OpException($"input {i} is {fact.Type.ShortName()}, must be {type.ShortName()} like input {first}");
        }
        return type;
    }

    private SymbolicShape? InferToFirst(NodeFacts node, SymbolicShape?[] shapes)
    {
        SymbolicShape? first = shapes[0];
        if (first is not null && shapes[1] is { } second && first.TryGetShape(out Shape a) && second.TryGetShape(out Shape b))
            CheckStretches(node, a, b);
        return first;
    }

    // The axis of operand 0 that operand 1 begins at, or -1 where both end together.
    private int CheckStretches(NodeFacts node, Shape to, Shape from)
    {
        int axis = AxisOf(node.Attributes, to, from);
        int first = axis < 0 ? to.Rank - from.Rank : axis;
        if (first < 0 || first + from.Rank > to.Rank)
            throw new OpException($"input 1 of shape {from} does not fit into {to} at axis {first}");
        for (int i = 0; i < from.Rank; i++)
            if (from[i] != 1 && from[i] != to[first + i])
                throw new OpException($"input 1 of shape {from} cannot be broadcast to {to} at axis {first}; dimension {i} must be {to[first + i]} or 1");
        return axis;
    }

    private int AxisOf(Attributes attributes, Shape to, Shape from)
    {
        switch (Rule)
        {
            case BroadcastRule.Attribute when !attributes.Flag("broadcast"):
                return to == from ? -1 : throw new OpException($"shapes {to} and {from} differ; they must be equal unless broadcast is 1");
            case BroadcastRule.Attribute when attributes.Has("axis"):
                return ShapeMath.NormalizeAxis(attributes.Int("axis"), Math.Max(to.Rank, 1));
            case BroadcastRule.ChannelSlope:
                return from.Rank == 1 && from[0] != 1 && to.Rank > 1 ? 1 : -1;
            default:
                return -1;
        }
    }
}
