using System.Collections.Immutable;
using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>One combination of layouts that an algorithm can run: a format for each input and output.</summary>
/// <remarks>
/// A list that is shorter than the operands stands for <see cref="Format.Plain"/> in the rest. A blocked output's padding
/// lanes are always written as zeros, and a blocked input's may be relied on to be zeros.
/// </remarks>
public sealed record FormatChoice(ImmutableArray<Format> Inputs, ImmutableArray<Format> Outputs)
{
    /// <summary>Row-major everywhere.</summary>
    public static FormatChoice Plain { get; } = new([], []);

    /// <summary>The only choice of an algorithm that works on row-major tensors.</summary>
    public static ImmutableArray<FormatChoice> PlainOnly { get; } = [Plain];

    /// <summary>The same format for the first <paramref name="inputs"/> inputs and the first <paramref name="outputs"/> outputs.</summary>
    public static FormatChoice Uniform(Format format, int inputs, int outputs = 1) =>
        new([.. Enumerable.Repeat(format, inputs)], [.. Enumerable.Repeat(format, outputs)]);

    /// <summary>The format of input <paramref name="index"/>.</summary>
    public Format Input(int index) => index < Inputs.Length ? Inputs[index] : Format.Plain;

    /// <summary>The format of output <paramref name="index"/>.</summary>
    public Format Output(int index) => index < Outputs.Length ? Outputs[index] : Format.Plain;

    /// <inheritdoc/>
    public bool Equals(FormatChoice? other) =>
        other is not null && Inputs.AsSpan().SequenceEqual(other.Inputs.AsSpan()) && Outputs.AsSpan().SequenceEqual(other.Outputs.AsSpan());

    /// <inheritdoc/>
    public override int GetHashCode() => Inputs.Length * 31 + Outputs.Length;

    /// <summary><c>(plain) -> (nchw16c)</c>.</summary>
    public override string ToString() => $"({string.Join(",", Inputs)}) -> ({string.Join(",", Outputs)})";
}
