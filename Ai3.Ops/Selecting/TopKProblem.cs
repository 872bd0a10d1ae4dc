using System.Collections.Immutable;
using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>
/// The K greatest or least elements along an axis, best first, and their indices. Of equal elements the lower index comes first; NaN is
/// greater than every number.
/// </summary>
internal sealed record TopKProblem : Problem
{
    public const string Name = "top_k";

    public required TensorType Input { get; init; }

    /// <summary>The input that named K, already read; absent before opset 10.</summary>
    public TensorType KInput { get; init; }

    public required int Axis { get; init; }

    public required long K { get; init; }

    /// <summary>Whether the greatest are looked for.</summary>
    public required bool Largest { get; init; }

    public Shape OutputShape
    {
        get
        {
            long[] dims = Input.Shape.ToArray();
            dims[Axis] = K;
            return Shape.Create(dims);
        }
    }

    public long Outer => Input.Shape.CountOf(..Axis);

    public long Length => Input.Shape[Axis];

    public long Inner => Input.Shape.CountOf((Axis + 1)..);

    public override ImmutableArray<TensorType> Inputs => KInput.IsAbsent ? [Input] : [Input, KInput];

    public override ImmutableArray<TensorType> Outputs => [new(Input.Type, OutputShape), new(DType.Int64, OutputShape)];

    public override double Flops => Input.Shape.Count;

    public override string Key => MovementKey.Write(Name, Inputs, Outputs, MovementKey.Word("axis", Axis), Largest ? "largest" : "smallest");

    public static TopKProblem? Parse(string key) => MovementKeyReader.Read(key, Name, static r =>
        Create(r.Input(0), r.Inputs.Length > 1 ? r.Input(1) : TensorType.Absent, r.Axis, r.Output(0).Shape[r.Axis], r.Has("largest")));

    /// <exception cref="OpException">The facts contradict each other.</exception>
    public static TopKProblem Create(TensorType input, TensorType kInput, int axis, long k, bool largest)
    {
        if (axis >= input.Shape.Rank || k < 0 || k > input.Shape[axis])
            throw new OpException($"k is {k}, must be in [0, {(axis < input.Shape.Rank ? input.Shape[axis] : 0)}], the extent of axis {axis} of {input}");
        return new TopKProblem { Input = input, KInput = kInput, Axis = axis, K = k, Largest = largest };
    }
}
