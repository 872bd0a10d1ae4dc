using System.Collections.Immutable;
using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>
/// The discrete Fourier transform of Length samples along an axis, zeros put after a shorter signal. The last axis is real and imaginary part.
/// </summary>
internal sealed record DftProblem : Problem
{
    public const string Name = "dft";

    /// <summary>The longest transform.</summary>
    public const long MaxLength = 1 << 26;

    public required TensorType Input { get; init; }

    /// <summary>The inputs that named length and axis, already read.</summary>
    public ImmutableArray<TensorType> Read { get; init; } = [];

    public required int Axis { get; init; }

    public required long Length { get; init; }

    public bool Inverse { get; init; }

    /// <summary>Forwards: only bins up to n/2 are written. Inverse: only those are read, and the result is real.</summary>
    public bool Onesided { get; init; }

    public bool IsReal => Input.Shape[^1] == 1;

    /// <summary>Whether the result is real.</summary>
    public bool ToReal => Inverse && Onesided;

    /// <summary>Samples or bins that are written.</summary>
    public long OutLength => Onesided && !Inverse ? Length / 2 + 1 : Length;

    public long Outer => Input.Shape.CountOf(..Axis);

    public long Inner => Input.Shape.CountOf((Axis + 1)..^1);

    public TensorType Output
    {
        get
        {
            long[] dims = Input.Shape.ToArray();
            dims[Axis] = OutLength;
            dims[^1] = ToReal ? 1 : 2;
            return new(Input.Type, Shape.Create(dims));
        }
    }

    public override ImmutableArray<TensorType> Inputs => [Input, .. Read];

    public override ImmutableArray<TensorType> Outputs => [Output];

    public override double Flops => Outer * Inner * Fft.Flops(Length);

    public override string Key => MovementKey.Write(Name, Inputs, Outputs, MovementKey.Word("axis", Axis), MovementKey.Word("n", Length),
        Inverse ? "inverse" : "", Onesided ? "onesided" : "");

    public static DftProblem? Parse(string key) => MovementKeyReader.Read(key, Name, static r => new DftProblem
    {
        Input = r.Input(0),
        Read = r.Inputs[1..],
        Axis = r.Axis,
        Length = r.Int("n"),
        Inverse = r.Has("inverse"),
        Onesided = r.Has("onesided"),
    }.Checked());

    /// <summary>This problem, if its facts agree.</summary>
    /// <exception cref="OpException">They do not.</exception>
    public DftProblem Checked()
    {
        if (Input.Shape.Rank < 2 || Input.Shape[^1] is not (1 or 2))
            throw new OpException($"input is {Input}, must be [..., signal, 1] for real or [..., signal, 2] for complex samples");
        if (Axis >= Input.Shape.Rank - 1)
            throw new OpException($"axis {Axis} of {Input} holds real and imaginary parts, must be one before it");
        if (Length < 1)
            throw new OpException($"the transform has length {Length}, must be 1 or more");
        if (Length > MaxLength)
            throw new OpUnsupportedException($"a transform of length {Length} is not supported, at most {MaxLength} is");
        if (Onesided && IsReal == Inverse)
            throw new OpException(Inverse ? "the inverse of a one-sided spectrum needs complex input" : "a one-sided spectrum needs real input");
        MovementFacts.Operand(Input.Type, Output.Shape);
        return this;
    }
}
