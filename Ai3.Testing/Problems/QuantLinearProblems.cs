using System.Collections.Immutable;
using Ai3.Ops;
using Ai3.Tensors;

namespace Ai3.Testing;

/// <summary>Problems of com.microsoft's operators on quantised tensors: QLinearAdd, QLinearSoftmax and the others that a real operator defines.</summary>
internal sealed class QuantLinearProblems : ProblemGenerator<QLinearProblem>
{
    /// <inheritdoc/>
    protected override QLinearProblem Generate(ProblemRequest request, TestRandom random)
    {
        DType type = random.Pick(DType.UInt8, DType.Int8);
        Attributes attributes = Attributes.Empty;
        int rank = random.Between(1, 4);
        Shape shape = Shape.Create([.. Enumerable.Range(0, rank).Select(i => (long)random.Dim(Math.Max(2, i == rank - 1 ? request.Size : 4), 4, 8, 16))]);
        var inputs = new List<TensorFact?>();
        switch (request.Op.Name)
        {
            case "QLinearAdd" or "QLinearMul":
                Add(shape);
                Add(Stretched(shape, random));
                Parameters(type);
                break;
            case "QLinearWhere":
                inputs.Add(new TensorFact(DType.Bool, Stretched(shape, random)));
                Add(shape);
                Add(Stretched(shape, random));
                Parameters(type);
                break;
            case "QLinearConcat":
                Parameters(type);
                attributes = attributes.With("axis", (long)random.Below(rank));
                for (int i = random.Between(1, 3); i > 0; i--)
                    Add(shape);
                break;
            case "QLinearAveragePool" or "QLinearGlobalAveragePool":
                Add([random.Between(1, 2), random.Between(1, 5), random.Dim(8), random.Dim(Math.Min(request.Size, 12))]);
                Parameters(type);
                if (request.Op.Name == "QLinearAveragePool")
                    attributes = attributes.With("kernel_shape", ImmutableArray.Create(1L, 1 + random.Below(2))).With("pads", ImmutableArray.Create(0L, 1, 0, 1))
                        .With("count_include_pad", (long)random.Below(2));
                break;
            case "QLinearSoftmax":
                Add(shape);
                Parameters(type);
                attributes = attributes.With("axis", (long)random.Below(rank)).With("opset", random.Pick(11L, 13L));
                break;
            default:
                Add(shape);
                Parameters(type);
                break;
        }
        int symbols = 0;
        var node = new NodeFacts(attributes, 1, [.. inputs], 1, () => Dim.Symbol($"fresh{symbols++}"));
        return (QLinearProblem)request.Op.CreateProblem(node);

        void Add(Shape of)
        {
            inputs.Add(new TensorFact(type, of));
            Parameters(type);
        }

        void Parameters(DType zero)
        {
            inputs.Add(new TensorFact(DType.Float32, Shape.Scalar));
            inputs.Add(new TensorFact(zero, Shape.Scalar));
        }
    }

    /// <inheritdoc/>
    protected override IEnumerable<QLinearProblem> Shrink(QLinearProblem problem) => [];

    /// <inheritdoc/>
    protected override double[] Fill(OpDefinition op, QLinearProblem problem, int input, CheckMode mode, TestRandom random)
    {
        TensorType operand = problem.Operands[input];
        // Sums of odd multiples fall on no ties, which rows that sum in another order could round apart.
        return operand.Type == DType.Float32 ? [(float)(Math.ScaleB(1 + random.Unit(), random.Between(-6, 1)))]
            : operand.Type == DType.Bool ? InputFill.Fill(operand, mode, random) : QuantValues.Codes(operand, random);
    }

    private static Shape Stretched(Shape shape, TestRandom random) => Shape.Create([.. shape.Skip(random.Below(shape.Rank + 1)).Select(d => random.Chance(0.3) ? 1 : d)]);
}
