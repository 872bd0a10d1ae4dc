using Ai3.Ops;
using Ai3.Tensors;

namespace Ai3.Testing;

/// <summary>Problems of the products of 8-bit matrices.</summary>
internal sealed class QuantMatMulProblems : ProblemGenerator<QuantizedMatMulProblem>
{
    /// <inheritdoc/>
    protected override QuantizedMatMulProblem Generate(ProblemRequest request, TestRandom random)
    {
        QuantizedMatMulKind kind = Enum.Parse<QuantizedMatMulKind>(request.Op.Name);
        bool fast = request.RowName == "pairs", plain = kind == QuantizedMatMulKind.QGemm;
        long m = random.Dim(request.Size, 6, 12), n = random.Dim(2 * request.Size, 8, 16, 32), k = random.Dim(2 * request.Size, 2, 16);
        if (!fast && random.Chance(0.05))
            m = 0;
        if (random.Chance(0.03))
            k = 0;
        long[] batchA = plain ? [] : random.Below(5) switch { 0 => [2], 1 => [2, 3], 2 => [1], _ => [] };
        long[] batchB = plain ? [] : random.Below(5) switch { 0 when batchA.Length > 0 => batchA, 1 when batchA.Length == 2 => [3], _ => [] };
        bool vectorA = !plain && batchA.Length == 0 && m == 1 && random.Chance(0.5), transA = plain && random.Chance(0.4), transB = plain && random.Chance(0.4);
        Shape a = vectorA ? [k] : Shape.Create([.. batchA, transA ? k : m, transA ? m : k]);
        Shape b = Shape.Create([.. batchB, transB ? n : k, transB ? k : n]);
        bool dynamic = kind == QuantizedMatMulKind.DynamicQuantizeMatMul;
        DType typeA = dynamic ? DType.Float32 : random.Pick(DType.UInt8, DType.Int8), typeB = random.Pick(DType.UInt8, DType.Int8);
        DType scale = kind == QuantizedMatMulKind.QLinearMatMul ? random.Pick(DType.Float32, DType.Float32, DType.Float16, DType.BFloat16) : DType.Float32;
        DType output = kind switch
        {
            QuantizedMatMulKind.MatMulInteger => DType.Int32,
            QuantizedMatMulKind.QLinearMatMul => random.Pick(DType.UInt8, DType.Int8),
            QuantizedMatMulKind.QGemm when random.Chance(0.6) => random.Pick(DType.UInt8, DType.Int8),
            _ => DType.Float32,
        };
        Shape rows = transA ? random.Pick(Shape.Scalar, [m]) : Lines(random, [.. batchA], m, vectorA, row: true), columns = Lines(random, [.. batchB], n, false, row: false);
        TensorType Maybe(DType type, Shape shape) => random.Chance(0.7) ? new TensorType(type, shape) : TensorType.Absent;
        TensorType bias = random.Chance(0.5) ? new TensorType(DType.Float32, [n]) : TensorType.Absent;
        TensorType yScale = output is DType.Float32 or DType.Int32 ? TensorType.Absent : new TensorType(scale, Shape.Scalar);
        TensorType yZero = yScale.IsAbsent ? TensorType.Absent : new TensorType(output, random.Pick(Shape.Scalar, [1]));
        TensorType zeroA = new(typeA, rows), zeroB = new(typeB, columns), scaleA = new(scale, rows), scaleB = new(scale, columns);
        TensorType c = random.Below(4) switch
        {
            0 => new TensorType(DType.Int32, [n]),
            1 => new TensorType(DType.Int32, [m, 1]),
            2 => new TensorType(DType.Int32, [m, n]),
            _ => TensorType.Absent,
        };
        TensorType x = new(typeA, a), w = new(typeB, b);
        (TensorType[] operands, uint constants) = kind switch
        {
            QuantizedMatMulKind.MatMulInteger => ([x, w, Maybe(typeA, rows), Maybe(typeB, columns)], 0b1010u),
            QuantizedMatMulKind.MatMulIntegerToFloat => ([x, w, scaleA, scaleB, Maybe(typeA, rows), Maybe(typeB, columns), bias], 0b101010u),
            QuantizedMatMulKind.DynamicQuantizeMatMul => ([x, w, scaleB, Maybe(typeB, columns), bias], 0b1110u),
            QuantizedMatMulKind.QLinearMatMul => ([x, scaleA, zeroA, w, scaleB, zeroB, yScale, yZero], 0b111000u),
            _ => ((TensorType[])[x, scaleA, zeroA, w, scaleB, zeroB, c, yScale, yZero], 0b111000u),
        };
        return new QuantizedMatMulProblem
        {
            Kind = kind,
            Operands = [.. operands],
            OutputType = output,
            Product = new GemmProblem { Type = DType.Int32, ShapeA = a, ShapeB = b, TransA = transA, TransB = transB },
            Alpha = plain && random.Chance(0.3) ? 0.5f : 1,
            ConstantInputs = random.Chance(0.5) ? constants : 0,
        };
    }

    /// <inheritdoc/>
    protected override IEnumerable<QuantizedMatMulProblem> Shrink(QuantizedMatMulProblem problem)
    {
        if (problem.ConstantInputs != 0)
            yield return problem with { ConstantInputs = 0 };
    }

    /// <inheritdoc/>
    protected override double[] Fill(OpDefinition op, QuantizedMatMulProblem problem, int input, CheckMode mode, TestRandom random)
    {
        TensorType operand = problem.Operands[input];
        if (operand.Type is DType.UInt8 or DType.Int8)
            return QuantValues.Codes(operand, random);
        bool isScale = operand.Type != DType.Int32 && !(problem.Kind == QuantizedMatMulKind.DynamicQuantizeMatMul && input is 0 or 4)
            && !(problem.Kind == QuantizedMatMulKind.MatMulIntegerToFloat && input == 6);
        if (isScale)
            return QuantValues.Scales(operand, random);
        if (operand.Type == DType.Int32)
            return QuantValues.Codes(operand, random);
        // Bits of NaN are compared, and which of two NaN a sum keeps is open.
        return InputFill.Fill(operand, CheckMode.RandomSigns, random);
    }

    private static Shape Lines(TestRandom random, long[] batch, long lines, bool vector, bool row)
    {
        if (vector || random.Chance(0.4))
            return random.Pick(Shape.Scalar, [1]);
        return random.Chance(0.5) ? [lines] : Shape.Create(row ? [.. batch, lines, 1] : [.. batch, 1, lines]);
    }
}
