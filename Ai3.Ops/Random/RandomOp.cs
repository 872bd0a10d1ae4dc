using System.Collections.Immutable;
using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>RandomUniform, RandomNormal, both of the shape of another tensor, Bernoulli and Multinomial. A node with a seed gives the same values on every run.</summary>
internal sealed class RandomOp() : OpDefinition<RandomProblem>(RandomAlgorithms.All)
{
    public static ImmutableArray<OpDefinition> All { get; } =
    [
        Make("RandomUniform", RandomKind.Uniform, 0),
        Make("RandomUniformLike", RandomKind.Uniform, 1),
        Make("RandomNormal", RandomKind.Normal, 0),
        Make("RandomNormalLike", RandomKind.Normal, 1),
        Make("Bernoulli", RandomKind.Bernoulli, 1),
        Make("Multinomial", RandomKind.Multinomial, 1),
    ];

    public required RandomKind Kind { get; init; }

    public override ImmutableArray<ValueFact> Infer(NodeFacts node)
    {
        TensorFact? input = MinInputs == 0 ? null : node.Tensor(0);
        if (input is not null && Kind is RandomKind.Bernoulli or RandomKind.Multinomial)
            TypeSet.Float.Check(input!, 0);
        Parameters(node);
        DType type = TypeOf(node, input?.Type ?? DType.Float32);
        if (input is null)
            return [MovementFacts.Output(type, ShapeAttribute(node))];
        if (Kind != RandomKind.Multinomial)
            return [MovementFacts.Output(type, input.Shape)];
        if (input.Shape is { Rank: not 2 })
            throw new OpException($"input is {input}, must be [batch, classes]");
        return [MovementFacts.Output(type, [input.Shape?[0] ?? node.Fresh(), Samples(node)])];
    }

    public override Problem CreateProblem(NodeFacts node)
    {
        TensorType input = MinInputs == 0 ? TensorType.Absent : node.Operand(0);
        Shape shape = MinInputs == 0 ? ShapeAttribute(node) : Kind == RandomKind.Multinomial && input.Shape.Rank == 2 ? [input.Shape[0], Samples(node)] : input.Shape;
        (float a, float b) = Parameters(node);
        return RandomProblem.Create(Kind, input, new(TypeOf(node, input.IsAbsent ? DType.Float32 : input.Type), shape), a, b,
            node.Attributes.Has("seed") ? node.Attributes.Float("seed") : null) with
        { ConstantInputs = node.ConstantInputs };
    }

    public override Problem? ParseProblem(string key) => RandomProblem.Parse(key, Kind) is { } problem && problem.Input.IsAbsent == (MinInputs == 0) ? problem : null;

    private static RandomOp Make(string name, RandomKind kind, int inputs) => new()
    {
        Name = name,
        Kind = kind,
        Since = kind == RandomKind.Bernoulli ? 15 : kind == RandomKind.Multinomial ? 7 : 1,
        MinInputs = inputs,
        MaxInputs = inputs,
        IsNondeterministic = true,
    };

    private (float A, float B) Parameters(NodeFacts node)
    {
        (float a, float b) = Kind switch
        {
            RandomKind.Uniform => (node.Attributes.Float("low", 0), node.Attributes.Float("high", 1)),
            RandomKind.Normal => (node.Attributes.Float("mean", 0), node.Attributes.Float("scale", 1)),
            _ => (0, 0),
        };
        if (Kind == RandomKind.Uniform && !(a <= b))
            throw new OpException($"low is {a} and high {b}, low must not be above high");
        if (Kind == RandomKind.Normal && !(b >= 0))
            throw new OpException($"scale is {b}, must be 0 or more");
        return (a, b);
    }

    private DType TypeOf(NodeFacts node, DType input)
    {
        DType fallback = Kind == RandomKind.Multinomial ? DType.Int32 : input;
        if (node.Attributes.Has("dtype"))
            fallback = (DType)node.Attributes.Int("dtype");
        TypeSet allowed = Kind switch
        {
            RandomKind.Bernoulli => TypeSet.NumericOrBool,
            RandomKind.Multinomial => TypeSet.Signed,
            _ => TypeSet.Float,
        };
        if (fallback != DType.Undefined && !allowed.Has(fallback) || fallback is DType.Int8 or DType.Int16 && Kind == RandomKind.Multinomial)
            throw new OpException($"the output's type is {fallback.ShortName()}, which {Name} cannot give");
        return fallback;
    }

    private static Shape ShapeAttribute(NodeFacts node)
    {
        ImmutableArray<long> shape = node.Attributes.Ints("shape");
        return shape.IsDefault ? throw new OpException("attribute shape is missing") : Shape.Create(shape.AsSpan());
    }

    private static long Samples(NodeFacts node) =>
        node.Attributes.Int("sample_size", 1) is >= 0 and var samples ? samples : throw new OpException($"sample_size is {node.Attributes.Int("sample_size")}, must be 0 or more");
}
