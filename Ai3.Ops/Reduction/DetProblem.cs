using System.Collections.Immutable;
using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>The determinants of the square matrices in the last two axes.</summary>
internal sealed record DetProblem : Problem
{
    public const string Name = "det";

    public required TensorType Input { get; init; }

    /// <summary>Rows and columns of a matrix.</summary>
    public long Order => Input.Shape[^1];

    public long Matrices => Input.Shape.CountOf(..^2);

    public override ImmutableArray<TensorType> Inputs => [Input];

    public override ImmutableArray<TensorType> Outputs => [new(Input.Type, Shape.Create(Input.Shape.AsSpan()[..^2]))];

    public override double Flops => Matrices * (2.0 / 3 * Order * Order * Order);

    public override string Key => MovementKey.Write(Name, Inputs, Outputs);

    public static DetProblem? Parse(string key) => MovementKeyReader.Read(key, Name, static r => Create(r.Input(0)));

    /// <exception cref="OpException">The last two axes are no square matrix.</exception>
    public static DetProblem Create(TensorType input) => input.Shape.Rank >= 2 && input.Shape[^1] == input.Shape[^2] ? new DetProblem { Input = input }
        : throw new OpException($"input is {input}, must be [..., m, m]");
}
