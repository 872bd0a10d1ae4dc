using System.Collections.Immutable;
using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>
/// Output element i (row-major) is the input element at Offset + sum over axes of index * Step, where index runs over the
/// box Walk, row-major: Reshape, Transpose, Slice, Expand, Tile, DepthToSpace, SpaceToDepth, Crop. Offsets and steps are in elements.
/// </summary>
internal sealed record StridedCopyProblem : Problem
{
    /// <summary>The operator's word in the key.</summary>
    public required string Name { get; init; }

    /// <summary>The data, then inputs whose values are already part of the problem.</summary>
    public required ImmutableArray<TensorType> Operands { get; init; }

    /// <summary>The output; its element count is the product of <see cref="Walk"/>.</summary>
    public required TensorType Output { get; init; }

    /// <summary>The box of indices, outermost first.</summary>
    public required ImmutableArray<long> Walk { get; init; }

    /// <summary>For each axis of the box, how far the input index moves, in elements; 0 repeats, negative reverses.</summary>
    public required ImmutableArray<long> Steps { get; init; }

    /// <summary>The input index of output element 0.</summary>
    public long Offset { get; init; }

    public TensorType Input => Operands[0];

    public override ImmutableArray<TensorType> Inputs => Operands;

    public override ImmutableArray<TensorType> Outputs => [Output];

    public override string Key => MovementKey.Write(Name, Operands, Outputs,
        MovementKey.Word("walk", Walk), MovementKey.Word("step", Steps), MovementKey.Word("at", Offset));

    /// <summary>The problem of an operator that keeps the order of elements.</summary>
    public static StridedCopyProblem View(string name, ImmutableArray<TensorType> operands, TensorType output) => new StridedCopyProblem
    {
        Name = name,
        Operands = operands,
        Output = output,
        Walk = [output.Shape.Count],
        Steps = [1],
    }.Checked();

    public static StridedCopyProblem? Parse(string key, string name) => MovementKeyReader.Read(key, name, static r => new StridedCopyProblem
    {
        Name = r.Name,
        Operands = r.Inputs,
        Output = r.Output(0),
        Walk = r.Ints("walk"),
        Steps = r.Ints("step"),
        Offset = r.Int("at"),
    }.Checked());

    /// <summary>This problem, if every index is inside the input and the counts agree.</summary>
    /// <exception cref="OpException">They do not.</exception>
    public StridedCopyProblem Checked()
    {
        if (Operands.IsEmpty || Input.IsAbsent || Output.IsAbsent || Input.Type != Output.Type)
            throw new OpException($"{Name} copies from {(Operands.IsEmpty ? TensorType.Absent : Input)} to {Output}, must be of one type");
        if (Walk.Length != Steps.Length || ShapeMath.Product(Walk.AsSpan()) != Output.Shape.Count)
            throw new OpException($"{Name} walks [{string.Join(",", Walk)}] to fill {Output}, the counts must agree");
        if (Output.Shape.Count == 0)
            return this;
        Int128 low = Offset, high = Offset;
        for (int i = 0; i < Walk.Length; i++)
        {
            Int128 reach = (Int128)(Walk[i] - 1) * Steps[i];
            low += reach < 0 ? reach : 0;
            high += reach > 0 ? reach : 0;
        }
        if (low < 0 || high >= Input.Shape.Count)
            throw new OpException($"{Name} reads elements {low} to {high} of {Input}, which has {Input.Shape.Count}");
        return this;
    }
}
