using System.Collections.Immutable;
using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>A window: a[0] - a[1] cos(2 pi j / N) + a[2] cos(4 pi j / N), N = Size if periodic, else Size - 1.</summary>
internal sealed record WindowProblem : Problem
{
    /// <summary>hann, hamming or blackman.</summary>
    public required string Kind { get; init; }

    /// <summary>The input that named the size, already read.</summary>
    public required TensorType SizeInput { get; init; }

    public required TensorType Output { get; init; }

    public required bool Periodic { get; init; }

    /// <summary>The coefficients.</summary>
    public (double A0, double A1, double A2) Coefficients => Kind switch
    {
        "hann" => (0.5, 0.5, 0),
        "hamming" => (25.0 / 46, 21.0 / 46, 0),
        _ => (0.42, 0.5, 0.08),
    };

    /// <summary>N.</summary>
    public long Period => Output.Shape.Count - (Periodic ? 0 : 1);

    public override ImmutableArray<TensorType> Inputs => [SizeInput];

    public override ImmutableArray<TensorType> Outputs => [Output];

    public override double Flops => 20.0 * Output.Shape.Count;

    public override string Key => MovementKey.Write(Kind + "_window", Inputs, Outputs, Periodic ? "periodic" : "");

    public static WindowProblem? Parse(string key, string kind) => MovementKeyReader.Read(key, kind + "_window", r =>
        Create(kind, r.Input(0), r.Output(0).Type, r.Output(0).Shape.Count, r.Has("periodic")));

    /// <exception cref="OpException">The size is negative, or the type is no number type.</exception>
    public static WindowProblem Create(string kind, TensorType sizeInput, DType type, long size, bool periodic)
    {
        if (size < 0)
            throw new OpException($"size is {size}, must be 0 or more");
        if (!TypeSet.Numeric.Has(type))
            throw new OpException($"output_datatype is {type.ShortName()}, must be a number type");
        return new WindowProblem { Kind = kind, SizeInput = sizeInput, Output = MovementFacts.Operand(type, [size]), Periodic = periodic };
    }
}
