using System.Collections.Immutable;
using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>
/// The transforms of frames of a signal, each multiplied by a window: signal [batch, samples, 1 or 2] to [batch, frames, bins, 2]. Frame f
/// begins at sample f * Step.
/// </summary>
internal sealed record StftProblem : Problem
{
    public const string Name = "stft";

    public required TensorType Signal { get; init; }

    /// <summary>The inputs that named step and length, already read; the latter may be absent.</summary>
    public required TensorType StepInput { get; init; }

    /// <summary>[Length], or absent for ones.</summary>
    public TensorType Window { get; init; }

    public TensorType LengthInput { get; init; }

    public required long Step { get; init; }

    public required long Length { get; init; }

    /// <summary>Whether only bins up to Length / 2 are written.</summary>
    public required bool Onesided { get; init; }

    public bool IsReal => Signal.Shape[^1] == 1;

    public long Batch => Signal.Shape[0];

    public long Frames => 1 + (Signal.Shape[1] - Length) / Step;

    public long Bins => Onesided ? Length / 2 + 1 : Length;

    public override ImmutableArray<TensorType> Inputs => [Signal, StepInput, Window, LengthInput];

    public override ImmutableArray<TensorType> Outputs => [new(Signal.Type, [Batch, Frames, Bins, 2])];

    public override double Flops => Batch * Frames * Fft.Flops(Length);

    public override string Key => MovementKey.Write(Name, Inputs, Outputs, MovementKey.Word("step", Step), MovementKey.Word("n", Length), Onesided ? "onesided" : "");

    public static StftProblem? Parse(string key) => MovementKeyReader.Read(key, Name, static r => new StftProblem
    {
        Signal = r.Input(0),
        StepInput = r.Input(1),
        Window = r.Input(2),
        LengthInput = r.Input(3),
        Step = r.Int("step"),
        Length = r.Int("n"),
        Onesided = r.Has("onesided"),
    }.Checked());

    /// <summary>This problem, if its facts agree.</summary>
    /// <exception cref="OpException">They do not.</exception>
    public StftProblem Checked()
    {
        if (Signal.Shape.Rank != 3 || Signal.Shape[2] is not (1 or 2))
            throw new OpException($"signal is {Signal}, must be [batch, samples, 1] or, for complex samples, [batch, samples, 2]");
        if (Step < 1)
            throw new OpException($"frame_step is {Step}, must be 1 or more");
        if (Length < 1 || Length > Signal.Shape[1])
            throw new OpException($"frames have {Length} samples, must have 1 to {Signal.Shape[1]}, those of the signal");
        if (Length > DftProblem.MaxLength)
            throw new OpUnsupportedException($"frames of {Length} samples are not supported, at most {DftProblem.MaxLength} are");
        if (!Window.IsAbsent && (Window.Shape.Rank != 1 || Window.Shape[0] != Length || Window.Type != Signal.Type))
            throw new OpException($"window is {Window}, must be {Signal.Type.ShortName()}[{Length}]");
        if (Onesided && !IsReal)
            throw new OpException("a one-sided spectrum needs a real signal; a complex one needs onesided = 0");
        MovementFacts.Operand(Signal.Type, [Batch, Frames, Bins, 2]);
        return this;
    }
}
