using Ai3.Ops;
using Ai3.Tensors;

namespace Ai3.Testing;

/// <summary>Problems of ConvInteger and QLinearConv, with the shapes of Conv's.</summary>
internal sealed class QuantConvProblems : ProblemGenerator<QuantizedConvProblem>
{
    private readonly ConvProblems _shapes = new();

    /// <inheritdoc/>
    protected override QuantizedConvProblem Generate(ProblemRequest request, TestRandom random)
    {
        var geometry = (ConvProblem)((IProblemGenerator)_shapes).Generate(request, random);
        bool constant = random.Chance(0.6);
        geometry = geometry with { Type = DType.Float32, HasBias = false, Fusion = Fusion.None, ConstantInputs = constant ? 2u : 0 };
        if (request.RowName == "depthwise" && geometry.SpatialRank > 2)
            geometry = geometry with { SpatialRank = 2, D = ConvAxis.Absent };
        DType x = random.Pick(DType.UInt8, DType.Int8), w = random.Pick(DType.UInt8, DType.Int8), y = random.Pick(DType.UInt8, DType.Int8);
        Shape each = random.Chance(0.5) ? [geometry.OutChannels] : random.Pick(Shape.Scalar, [1]);
        var image = new TensorType(x, geometry.Inputs[0].Shape);
        var weights = new TensorType(w, geometry.Inputs[1].Shape);
        TensorType xZero = new(x, Shape.Scalar), wZero = new(w, each), scale = new(DType.Float32, Shape.Scalar);
        if (request.Op.Name == "ConvInteger")
        {
            TensorType[] operands = [image, weights, random.Chance(0.7) ? xZero : TensorType.Absent, random.Chance(0.7) ? wZero : TensorType.Absent];
            return new QuantizedConvProblem { Operands = [.. operands], OutputType = DType.Int32, Geometry = geometry, ConstantInputs = constant ? 0b1010u : 0 };
        }
        TensorType bias = random.Chance(0.5) ? new TensorType(DType.Int32, [geometry.OutChannels]) : TensorType.Absent;
        return new QuantizedConvProblem
        {
            Operands = [image, scale, xZero, weights, new TensorType(DType.Float32, each), wZero, scale, new TensorType(y, Shape.Scalar), bias],
            OutputType = y,
            Geometry = geometry,
            ConstantInputs = constant ? 0b111111010u : 0,
        };
    }

    /// <inheritdoc/>
    protected override IEnumerable<QuantizedConvProblem> Shrink(QuantizedConvProblem problem)
    {
        foreach (ConvProblem smaller in ((IProblemGenerator)_shapes).Shrink(problem.Geometry).Cast<ConvProblem>())
        {
            if (smaller.OutChannels != problem.Geometry.OutChannels || smaller.HasBias || smaller.ConstantInputs != problem.Geometry.ConstantInputs)
                continue;
            TensorType[] operands = [.. problem.Operands];
            int w = problem.OutputType == DType.Int32 ? 1 : 3;
            operands[0] = operands[0] with { Shape = smaller.Inputs[0].Shape };
            operands[w] = operands[w] with { Shape = smaller.Inputs[1].Shape };
            yield return problem with { Operands = [.. operands], Geometry = smaller };
        }
    }

    /// <inheritdoc/>
    protected override double[] Fill(OpDefinition op, QuantizedConvProblem problem, int input, CheckMode mode, TestRandom random)
    {
        TensorType operand = problem.Operands[input];
        return operand.Type == DType.Float32 ? QuantValues.Scales(operand, random) : QuantValues.Codes(operand, random);
    }
}
