using System.Collections.Immutable;
using System.Globalization;
using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>The operators that multiply matrices of 8-bit integers; each has an order of inputs of its own.</summary>
public enum QuantizedMatMulKind
{
    /// <summary>A, B, zero points of A and B; int32 sums.</summary>
    MatMulInteger,
    /// <summary>A, its scale and zero point, B, its scale and zero point, scale and zero point of y.</summary>
    QLinearMatMul,
    /// <summary>A, B, scales of A and B, zero points of A and B, bias [N] in float32.</summary>
    MatMulIntegerToFloat,
    /// <summary>A in float32, quantised by its own range; B, its scale and zero point, bias [N] in float32.</summary>
    DynamicQuantizeMatMul,
    /// <summary>As <see cref="QLinearMatMul"/>, with an int32 C before scale and zero point of y, which may be absent (then y is float32).</summary>
    QGemm,
}

/// <summary>Where a kind has its operands among the inputs; -1 where it has none.</summary>
internal readonly record struct QuantizedMatMulRoles(int A, int AScale, int AZero, int B, int BScale, int BZero, int YScale, int YZero, int C, int Bias)
{
    public static QuantizedMatMulRoles Of(QuantizedMatMulKind kind) => kind switch
    {
        QuantizedMatMulKind.MatMulInteger => new(0, -1, 2, 1, -1, 3, -1, -1, -1, -1),
        QuantizedMatMulKind.QLinearMatMul => new(0, 1, 2, 3, 4, 5, 6, 7, -1, -1),
        QuantizedMatMulKind.MatMulIntegerToFloat => new(0, 2, 4, 1, 3, 5, -1, -1, -1, 6),
        QuantizedMatMulKind.DynamicQuantizeMatMul => new(0, -1, -1, 1, 2, 3, -1, -1, -1, 4),
        _ => new(0, 1, 2, 3, 4, 5, 7, 8, 6, -1),
    };
}

/// <summary>A product of two matrices of 8-bit integers less their zero points, summed in int32, then scaled as the kind says.</summary>
public sealed record QuantizedMatMulProblem : Problem
{
    /// <summary>The operator.</summary>
    public required QuantizedMatMulKind Kind { get; init; }

    /// <summary>The inputs, in the kind's order.</summary>
    public required ImmutableArray<TensorType> Operands { get; init; }

    /// <summary>The output's element type.</summary>
    public required DType OutputType { get; init; }

    /// <summary>Shapes and transpositions, as a product of int32.</summary>
    public required GemmProblem Product { get; init; }

    /// <summary>A factor of the scale of A.</summary>
    public float Alpha { get; init; } = 1;

    internal QuantizedMatMulRoles Roles => QuantizedMatMulRoles.Of(Kind);

    internal SumOutput Output => OutputType switch
    {
        DType.Int32 => SumOutput.Int32,
        DType.UInt8 => SumOutput.UInt8,
        DType.Int8 => SumOutput.Int8,
        _ => SumOutput.Float32,
    };

    /// <summary>True if B and its zero point, where it has one, are constants.</summary>
    internal bool HasConstantB => IsConstant(Roles.B) && (Operand(Roles.BZero).IsAbsent || IsConstant(Roles.BZero));

    /// <inheritdoc/>
    public override ImmutableArray<TensorType> Inputs => Operands;

    /// <inheritdoc/>
    public override ImmutableArray<TensorType> Outputs => [new TensorType(OutputType, Product.ShapeY)];

    /// <inheritdoc/>
    public override double Flops => Product.Flops;

    /// <inheritdoc/>
    public override string Key => FormattableString.Invariant($"{Kind.ToString().ToLowerInvariant()} {string.Join(" ", Operands)} -> {OutputType.ShortName()}")
        + (Product.TransA ? " ta" : "") + (Product.TransB ? " tb" : "") + (Alpha == 1 ? "" : FormattableString.Invariant($" alpha{Alpha:R}"))
        + (IsConstant(Roles.B) ? "" : " dyn");

    /// <summary>An operand by its place; absent where the place is -1.</summary>
    internal TensorType Operand(int index) => index >= 0 && index < Operands.Length ? Operands[index] : TensorType.Absent;

    /// <summary>Reads a key; null if it is none of a quantised product.</summary>
    public static QuantizedMatMulProblem? Parse(string key)
    {
        string[] words = key.Split(' ');
        int arrow = Array.IndexOf(words, "->");
        if (arrow < 3 || arrow + 1 >= words.Length || !Enum.TryParse(words[0], ignoreCase: true, out QuantizedMatMulKind kind) || char.IsAsciiDigit(words[0][0]))
            return null;
        var operands = new TensorType[arrow - 1];
        for (int i = 0; i < operands.Length; i++)
            if (!TensorTypeText.TryParse(words[i + 1], out operands[i]))
                return null;
        QuantizedMatMulRoles roles = QuantizedMatMulRoles.Of(kind);
        if (operands.Length <= Math.Max(roles.A, roles.B) || operands[roles.A].IsAbsent || operands[roles.B].IsAbsent)
            return null;
        var problem = new QuantizedMatMulProblem
        {
            Kind = kind,
            Operands = [.. operands],
            OutputType = DTypes.Parse(words[arrow + 1]),
            Product = new GemmProblem { Type = DType.Int32, ShapeA = operands[roles.A].Shape, ShapeB = operands[roles.B].Shape },
        };
        bool constant = true;
        foreach (string word in words[(arrow + 2)..])
            switch (word)
            {
                case "ta": problem = problem with { Product = problem.Product with { TransA = true } }; break;
                case "tb": problem = problem with { Product = problem.Product with { TransB = true } }; break;
                case "dyn": constant = false; break;
                case var _ when word.StartsWith("alpha", StringComparison.Ordinal) && float.TryParse(word[5..], CultureInfo.InvariantCulture, out float alpha):
                    problem = problem with { Alpha = alpha };
                    break;
                default: return null;
            }
        if (constant)
            problem = problem with { ConstantInputs = 1u << roles.B | (roles.BZero < operands.Length ? 1u << roles.BZero : 0) | (roles.BScale >= 0 ? 1u << roles.BScale : 0) };
        return QuantizedMatMulChecks.IsValid(problem) ? problem : null;
    }
}
