using System.Collections.Immutable;
using Ai3.Ops;
using Ai3.Tensors;

namespace Ai3.Testing;

/// <summary>Problems of Reshape, Transpose, Slice, Expand, Tile and their like: boxes of steps inside an input.</summary>
internal sealed class MovementStridedCopyProblems : ProblemGenerator<StridedCopyProblem>
{
    protected override StridedCopyProblem Generate(ProblemRequest request, TestRandom random)
    {
        var op = (StridedCopyOp)request.Op;
        DType type = MovementRandom.Type(request, random);
        long[] input = MovementRandom.Dims(request, random, 0, 5, zero: request.RowName != "transpose_tiles");
        ImmutableArray<TensorType> operands = random.Chance(0.3) ? [new(type, Shape.Create(input)), new(DType.Int64, [2])] : [new(type, Shape.Create(input))];
        if (op is ViewOp || request.RowName == "view")
            return StridedCopyProblem.View(op.Word, operands, new TensorType(type, [Shape.Create(input).Count]));
        return request.RowName == "transpose_tiles" || random.Chance(0.3)
            ? Transposed(op.Word, operands, input, random) : Box(op.Word, operands, input, random);
    }

    protected override IEnumerable<StridedCopyProblem> Shrink(StridedCopyProblem p)
    {
        if (p.Operands.Length > 1)
            yield return p with { Operands = p.Operands[..1] };
        bool isView = p.Walk is [_] && p.Steps is [1] && p.Offset == 0 && p.Walk[0] == p.Input.Shape.Count;
        if (isView && p.Walk[0] > 1)
            yield return StridedCopyProblem.View(p.Name, [new(p.Input.Type, [p.Walk[0] / 2])], new(p.Input.Type, [p.Walk[0] / 2]));
        if (isView)
            yield break;
        foreach ((int axis, long extent) in MovementRandom.Smaller(Shape.Create(p.Walk.AsSpan())))
        {
            ImmutableArray<long> walk = p.Walk.SetItem(axis, extent);
            yield return p with { Walk = walk, Output = new TensorType(p.Output.Type, Shape.Create(walk.AsSpan())) };
        }
        if (p.Input.Type != DType.UInt8 && !p.Input.Type.IsPacked())
            yield return p with { Operands = p.Operands.SetItem(0, new(DType.UInt8, p.Input.Shape)), Output = new(DType.UInt8, p.Output.Shape) };
    }

    private static StridedCopyProblem Transposed(string word, ImmutableArray<TensorType> operands, long[] input, TestRandom random)
    {
        int[] order = [.. Enumerable.Range(0, input.Length)];
        for (int i = order.Length - 1; i > 0; i--)
        {
            int j = random.Below(i + 1);
            (order[i], order[j]) = (order[j], order[i]);
        }
        return Problem(word, operands, CopyBox.Permuted(input, order));
    }

    // Each axis of the walk takes a part of one input axis, forwards or backwards, or repeats.
    private static StridedCopyProblem Box(string word, ImmutableArray<TensorType> operands, long[] input, TestRandom random)
    {
        long[] strides = ShapeMath.RowMajorStrides(input);
        var walk = new List<long>();
        var steps = new List<long>();
        long offset = 0;
        for (int axis = 0; axis < input.Length; axis++)
        {
            if (random.Chance(0.15))
            {
                walk.Add(random.Between(1, 4));
                steps.Add(0);
            }
            long begin = input[axis] == 0 || random.Chance(0.5) ? 0 : random.Below((int)input[axis]);
            long room = input[axis] - begin, step = random.Pick(1, 1, 1, 2, 3);
            long count = room == 0 ? 0 : random.Chance(0.5) ? (room - 1) / step + 1 : random.Between(0, (int)((room - 1) / step + 1));
            bool backwards = count > 0 && random.Chance(0.2);
            walk.Add(count);
            steps.Add((backwards ? -step : step) * strides[axis]);
            offset += (begin + (backwards ? (count - 1) * step : 0)) * strides[axis];
        }
        if (walk.Contains(0))
            offset = 0;
        return Problem(word, operands, new CopyBox([.. walk], [.. steps], offset));
    }

    private static StridedCopyProblem Problem(string word, ImmutableArray<TensorType> operands, CopyBox box) => new StridedCopyProblem
    {
        Name = word,
        Operands = operands,
        Output = new TensorType(operands[0].Type, Shape.Create(box.Walk.AsSpan())),
        Walk = box.Walk,
        Steps = box.Steps,
        Offset = box.Offset,
    }.Checked();
}
