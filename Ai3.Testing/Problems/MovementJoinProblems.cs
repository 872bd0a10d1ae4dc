using Ai3.Ops;
using Ai3.Tensors;

namespace Ai3.Testing;

/// <summary>Problems of Concat and Split.</summary>
internal sealed class MovementJoinProblems : ProblemGenerator<JoinProblem>
{
    protected override JoinProblem Generate(ProblemRequest request, TestRandom random)
    {
        DType type = MovementRandom.Type(request, random);
        long[] dims = MovementRandom.Dims(request, random, 1, 4);
        int axis = random.Below(dims.Length), count = random.Between(1, 4), block = request.Target.ChannelBlock;
        bool blocks = axis == 1 && dims.Length > 2 && random.Chance(0.5);
        long[] extents = [.. Enumerable.Range(0, count).Select(_ => blocks ? block * random.Between(1, 2) : (long)random.Between(0, Math.Min(request.Size, 9)))];
        return Problem(request.Op.Name == "Concat", type, Shape.Create(dims), axis, extents, request.Op.Name == "Split" && random.Chance(0.5));
    }

    protected override IEnumerable<JoinProblem> Shrink(JoinProblem p)
    {
        long[] extents = [.. p.Parts.Select(t => t.Shape[p.Axis])];
        if (!p.ValueInputs.IsEmpty)
            yield return p with { ValueInputs = [] };
        if (extents.Length > 1)
            yield return Problem(p.IsConcat, p.Whole.Type, p.Whole.Shape, p.Axis, extents[1..], !p.ValueInputs.IsEmpty);
        for (int i = 0; i < extents.Length; i++)
            if (extents[i] > 0)
                yield return Problem(p.IsConcat, p.Whole.Type, p.Whole.Shape, p.Axis, [.. extents.Select((e, k) => k == i ? e - 1 : e)], !p.ValueInputs.IsEmpty);
        foreach ((int axis, long extent) in MovementRandom.Smaller(p.Whole.Shape))
            if (axis != p.Axis)
                yield return Problem(p.IsConcat, p.Whole.Type, MovementRandom.With(p.Whole.Shape, axis, extent), p.Axis, extents, !p.ValueInputs.IsEmpty);
    }

    private static JoinProblem Problem(bool isConcat, DType type, Shape shape, int axis, long[] extents, bool sizes) => new JoinProblem
    {
        Name = isConcat ? "concat" : "split",
        Axis = axis,
        Parts = [.. extents.Select(e => new TensorType(type, MovementRandom.With(shape, axis, e)))],
        Whole = new TensorType(type, MovementRandom.With(shape, axis, extents.Sum())),
        ValueInputs = sizes ? [new TensorType(DType.Int64, [extents.Length])] : [],
        IsConcat = isConcat,
    }.Checked();
}
