using Ai3.Ops;
using Ai3.Tensors;

namespace Ai3.Testing;

/// <summary>Problems of QuantizeLinear and DequantizeLinear.</summary>
internal sealed class QuantizeProblems : ProblemGenerator<QuantizeProblem>
{
    private static readonly DType[] s_quantized =
    [
        DType.UInt8, DType.Int8, DType.UInt16, DType.Int16, DType.UInt4, DType.Int4, DType.UInt2, DType.Int2,
        DType.Float8E4M3FN, DType.Float8E4M3FNUZ, DType.Float8E5M2, DType.Float8E5M2FNUZ, DType.Float4E2M1,
    ];

    /// <inheritdoc/>
    protected override QuantizeProblem Generate(ProblemRequest request, TestRandom random)
    {
        bool fast = request.RowName == "simd", back = request.Op.Name == "DequantizeLinear";
        DType quantized = fast || random.Chance(0.3) ? random.Pick(DType.UInt8, DType.Int8) : random.Pick<DType>(s_quantized);
        DType real = fast || random.Chance(0.5) ? DType.Float32 : random.Pick(DType.Float16, DType.BFloat16);
        DType scaleType = fast || random.Chance(0.5) ? DType.Float32 : random.Pick(DType.Float16, DType.BFloat16, DType.Float8E8M0);
        if (!fast && random.Chance(0.1))
            (quantized, real) = back ? (DType.Int32, real) : (quantized, DType.Int32);
        int rank = random.Between(0, 4);
        var dims = new long[rank];
        for (int i = 0; i < rank; i++)
            dims[i] = random.DimOrZero(Math.Max(3, request.Size / (i == rank - 1 ? 1 : 3)), 4, 8, 16);
        Shape shape = Shape.Create(dims), scale = Shape.Scalar;
        int axis = rank == 0 ? 0 : random.Below(rank);
        long block = 0;
        switch (rank == 0 ? 0 : random.Below(4))
        {
            case 1:
                scale = [1];
                axis = 0;
                break;
            case 2:
                scale = [shape[axis]];
                break;
            case 3:
                block = random.Between(1, 5);
                dims[axis] = ShapeMath.CeilDiv(dims[axis], block);
                scale = Shape.Create(dims);
                break;
            default:
                axis = 0;
                break;
        }
        if (block == 0 && scale.Count == 1)
            axis = 0;
        return new QuantizeProblem
        {
            Dequantize = back,
            Input = new TensorType(back ? quantized : real, shape),
            Scale = new TensorType(scaleType, scale),
            ZeroPoint = random.Chance(0.6) ? new TensorType(quantized, scale) : TensorType.Absent,
            OutputType = back ? real : quantized,
            Axis = axis,
            Block = block,
            Precision = fast || back || random.Chance(0.4) ? DType.Float32 : random.Pick(DType.Float16, DType.BFloat16),
            Saturate = back || random.Chance(0.7),
        };
    }

    /// <inheritdoc/>
    protected override IEnumerable<QuantizeProblem> Shrink(QuantizeProblem problem)
    {
        if (!problem.ZeroPoint.IsAbsent)
            yield return problem with { ZeroPoint = TensorType.Absent };
        if (problem.Scale.Shape.Rank > 0)
            yield return problem with
            {
                Axis = 0,
                Block = 0,
                Scale = problem.Scale with { Shape = Shape.Scalar },
                ZeroPoint = problem.ZeroPoint.IsAbsent ? problem.ZeroPoint : problem.ZeroPoint with { Shape = Shape.Scalar },
            };
        for (int i = 0; i < problem.Input.Shape.Rank; i++)
        {
            if (problem.Input.Shape[i] < 2 || problem.Block > 0 || problem.Scale.Shape.Count > 1 && i == problem.Axis)
                continue;
            long[] dims = problem.Input.Shape.ToArray();
            dims[i] /= 2;
            yield return problem with { Input = problem.Input with { Shape = Shape.Create(dims) } };
        }
    }

    /// <inheritdoc/>
    protected override double[] Fill(OpDefinition op, QuantizeProblem problem, int input, CheckMode mode, TestRandom random) => input switch
    {
        1 => QuantValues.Scales(problem.Scale, random),
        2 => QuantValues.Zeros(problem.ZeroPoint, random),
        _ when problem.Dequantize || problem.Input.Type == DType.Int32 => QuantValues.Codes(problem.Input, random),
        _ => base.Fill(op, problem, input, mode, random),
    };
}

/// <summary>Problems of DynamicQuantizeLinear.</summary>
internal sealed class QuantDynamicProblems : ProblemGenerator<DynamicQuantizeProblem>
{
    /// <inheritdoc/>
    protected override DynamicQuantizeProblem Generate(ProblemRequest request, TestRandom random) =>
        new(random.Chance(0.05) ? [40_000] : random.Chance(0.1) ? Shape.Scalar : [random.DimOrZero(4), random.Dim(3 * request.Size, 4, 8, 16)]);

    /// <inheritdoc/>
    protected override IEnumerable<DynamicQuantizeProblem> Shrink(DynamicQuantizeProblem problem)
    {
        if (problem.Shape.Count > 1)
            yield return new DynamicQuantizeProblem([problem.Shape.Count / 2]);
    }
}
