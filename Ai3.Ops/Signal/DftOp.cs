using System.Collections.Immutable;
using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>DFT: the axis is an attribute before opset 20 and an input from then on.</summary>
internal sealed class DftOp() : OpDefinition<DftProblem>(DftAlgorithms.All)
{
    public static ImmutableArray<OpDefinition> All { get; } =
    [
        new DftOp { Name = "DFT", Since = 17, Until = 19, MinInputs = 1, MaxInputs = 2 },
        new DftOp { Name = "DFT", Since = 20, MinInputs = 1, MaxInputs = 3 },
    ];

    public override Oracle<DftProblem> Oracle => DftOracle.Evaluate;

    public override bool ReadsValues(NodeFacts node, int index) => index > 0;

    public override ImmutableArray<ValueFact> Infer(NodeFacts node)
    {
        TensorFact input = node.Tensor(0);
        TypeSet.Float.Check(input, 0);
        if (input.Shape is null)
            return [new TensorFact(input.Type, null)];
        Dim[] dims = [.. input.Shape];
        if (dims.Length < 2)
            throw new OpException($"input is {input}, must be [..., signal, 1] for real or [..., signal, 2] for complex samples");
        bool inverse = node.Attributes.Flag("inverse"), onesided = node.Attributes.Flag("onesided");
        long? axis = AxisOf(node, dims.Length);
        long? length = node.Has(1) ? ScalarValue.Integer(node, 1, "dft_length") : null;
        if (axis is { } known)
        {
            Dim samples = node.Has(1) ? length ?? node.Fresh() : inverse && onesided ? 2 * (dims[known] - 1) : dims[known];
            dims[known] = onesided && !inverse ? Dim.FloorDiv(samples, 2) + 1 : samples;
        }
        else
            for (int i = 0; i < dims.Length - 1; i++)
                dims[i] = node.Fresh();
        dims[^1] = inverse && onesided ? 1 : 2;
        if (axis is not null && input.Shape.IsKnown && input.Type != DType.Undefined && (length is not null || !node.Has(1)))
            CreateProblem(node);
        return [new TensorFact(input.Type, SymbolicShape.Create(dims))];
    }

    public override Problem CreateProblem(NodeFacts node)
    {
        TensorType input = node.Operand(0);
        int axis = AxisOf(node, input.Shape.Rank) ?? throw new OpException("axis is not known");
        bool inverse = node.Attributes.Flag("inverse"), onesided = node.Attributes.Flag("onesided");
        long length = node.Has(1) ? ScalarValue.Integer(node, 1, "dft_length") ?? throw new OpException("dft_length is not known")
            : inverse && onesided ? 2 * (input.Shape[axis] - 1) : input.Shape[axis];
        return new DftProblem
        {
            Input = input,
            Read = [.. Enumerable.Range(1, node.Inputs.Length - 1).Select(node.Operand)],
            Axis = axis,
            Length = length,
            Inverse = inverse,
            Onesided = onesided,
            ConstantInputs = node.ConstantInputs,
        }.Checked();
    }

    public override Problem? ParseProblem(string key) => DftProblem.Parse(key);

    private int? AxisOf(NodeFacts node, int rank)
    {
        long? axis = Since < 20 ? node.Attributes.Int("axis", 1) : node.Has(2) ? ScalarValue.Integer(node, 2, "axis") : -2;
        if (axis is null)
            return null;
        int normal = ShapeMath.NormalizeAxis(axis.Value, rank);
        return normal < rank - 1 ? normal : throw new OpException($"axis {axis} holds real and imaginary parts, must be one before it");
    }
}
