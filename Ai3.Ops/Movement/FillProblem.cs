using System.Collections.Immutable;
using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>Every element of the output is the same: ConstantOfShape.</summary>
internal sealed record FillProblem : Problem
{
    public const string Name = "constant_of_shape";

    /// <summary>Inputs whose values are already part of the problem.</summary>
    public required ImmutableArray<TensorType> ValueInputs { get; init; }

    public required TensorType Output { get; init; }

    /// <summary>The element's bits, lowest first.</summary>
    public required UInt128 Bits { get; init; }

    public override ImmutableArray<TensorType> Inputs => ValueInputs;

    public override ImmutableArray<TensorType> Outputs => [Output];

    public override string Key => MovementKey.Write(Name, Inputs, Outputs,
        MovementKey.Word("bits", [unchecked((long)(ulong)Bits), unchecked((long)(ulong)(Bits >> 64))]));

    public static FillProblem? Parse(string key) => MovementKeyReader.Read(key, Name, static r =>
    {
        ImmutableArray<long> bits = r.Ints("bits");
        if (bits.Length != 2 || r.Output(0).Type.BitsPerElement() == 0)
            throw new FormatException("bits are two numbers of an element type with bits");
        return new FillProblem { ValueInputs = r.Inputs, Output = r.Output(0), Bits = new UInt128(unchecked((ulong)bits[1]), unchecked((ulong)bits[0])) };
    });
}
