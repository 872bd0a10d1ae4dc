using Ai3.Ops;
using Ai3.Tensors;

namespace Ai3.Testing;

/// <summary>Problems of ConstantOfShape.</summary>
internal sealed class MovementFillProblems : ProblemGenerator<FillProblem>
{
    protected override FillProblem Generate(ProblemRequest request, TestRandom random)
    {
        DType type = MovementRandom.Type(request, random);
        Shape shape = Shape.Create(MovementRandom.Dims(request, random, 0, 4));
        ulong mask = ulong.MaxValue >> (64 - type.BitsPerElement());
        return new FillProblem { ValueInputs = [new(DType.Int64, [shape.Rank])], Output = new(type, shape), Bits = type == DType.Bool ? 1 : random.NextUInt64() & mask };
    }

    protected override IEnumerable<FillProblem> Shrink(FillProblem p) =>
        MovementRandom.Smaller(p.Output.Shape).Select(s => p with { Output = p.Output with { Shape = MovementRandom.With(p.Output.Shape, s.Axis, s.Extent) } });
}

/// <summary>Problems of Shape and Size.</summary>
internal sealed class MovementShapeProblems : ProblemGenerator<ShapeValueProblem>
{
    protected override ShapeValueProblem Generate(ProblemRequest request, TestRandom random)
    {
        Shape shape = Shape.Create(MovementRandom.Dims(request, random, 0, 4));
        bool size = request.Op.Name == "Size";
        return new ShapeValueProblem
        {
            Name = size ? "size" : "shape",
            Input = new(MovementRandom.Type(request, random), shape),
            Values = size ? [shape.Count] : [.. shape.AsSpan()],
            IsScalar = size,
        };
    }

    protected override IEnumerable<ShapeValueProblem> Shrink(ShapeValueProblem problem) => [];
}

/// <summary>Problems of Constant: zeros, as a key says no values.</summary>
internal sealed class MovementConstantProblems : ProblemGenerator<ConstantProblem>
{
    protected override ConstantProblem Generate(ProblemRequest request, TestRandom random) =>
        new() { Output = new(MovementRandom.Type(request, random), Shape.Create(MovementRandom.Dims(request, random, 0, 4))) };

    protected override IEnumerable<ConstantProblem> Shrink(ConstantProblem problem) => [];
}

/// <summary>Problems of Range.</summary>
internal sealed class MovementRangeProblems : ProblemGenerator<RangeProblem>
{
    protected override RangeProblem Generate(ProblemRequest request, TestRandom random)
    {
        DType type = random.Pick(DType.Float32, DType.Float64, DType.Int16, DType.Int32, DType.Int64);
        TensorType scalar = new(type, Shape.Scalar);
        return RangeProblem.Create([scalar, scalar, scalar], random.Between(0, 100));
    }

    protected override IEnumerable<RangeProblem> Shrink(RangeProblem p) => p.Count > 0 ? [p with { Count = p.Count / 2 }] : [];
}

/// <summary>Problems of OneHot.</summary>
internal sealed class MovementOneHotProblems : ProblemGenerator<OneHotProblem>
{
    protected override OneHotProblem Generate(ProblemRequest request, TestRandom random)
    {
        Shape indices = Shape.Create(MovementRandom.Dims(request, random, 0, 3));
        DType type = random.Pick(DType.Float32, DType.Int64, DType.UInt8, DType.Float16, DType.Bool);
        return OneHotProblem.Create(new(random.Pick(DType.Int64, DType.Int32, DType.Float32, DType.UInt8), indices), new(DType.Int64, [1]),
            new(type, [2]), random.Between(0, 6), random.Between(0, indices.Rank), random.Chance(0.5));
    }

    protected override IEnumerable<OneHotProblem> Shrink(OneHotProblem p)
    {
        foreach ((int axis, long extent) in MovementRandom.Smaller(p.Indices.Shape))
            yield return OneHotProblem.Create(p.Indices with { Shape = MovementRandom.With(p.Indices.Shape, axis, extent) }, p.DepthInput, p.Values, p.Depth, p.Axis, p.Negative);
        if (p.Depth > 1)
            yield return OneHotProblem.Create(p.Indices, p.DepthInput, p.Values, p.Depth - 1, p.Axis, p.Negative);
    }

    protected override double[] Fill(OpDefinition op, OneHotProblem p, int input, CheckMode mode, TestRandom random) => input != 0
        ? base.Fill(op, p, input, mode, random)
        : [.. Enumerable.Range(0, (int)p.Indices.Shape.Count).Select(_ => (double)random.Between(p.Indices.Type == DType.UInt8 ? 0 : -8, 8))];
}

/// <summary>Problems of Trilu.</summary>
internal sealed class MovementTriluProblems : ProblemGenerator<TriluProblem>
{
    protected override TriluProblem Generate(ProblemRequest request, TestRandom random)
    {
        DType type = MovementRandom.Type(request with { Row = request.Op.Algorithms[0] }, random);
        TensorType k = random.Chance(0.7) ? new(DType.Int64, Shape.Scalar) : TensorType.Absent;
        return TriluProblem.Create(new(type, Shape.Create(MovementRandom.Dims(request, random, 2, 4))), k, random.Chance(0.5));
    }

    protected override IEnumerable<TriluProblem> Shrink(TriluProblem p) =>
        MovementRandom.Smaller(p.Data.Shape).Select(s => p with { Data = p.Data with { Shape = MovementRandom.With(p.Data.Shape, s.Axis, s.Extent) } });

    protected override double[] Fill(OpDefinition op, TriluProblem p, int input, CheckMode mode, TestRandom random) =>
        input == 1 ? [random.Between(-10, 10)] : base.Fill(op, p, input, mode, random);
}

/// <summary>Problems of EyeLike.</summary>
internal sealed class MovementEyeProblems : ProblemGenerator<EyeProblem>
{
    protected override EyeProblem Generate(ProblemRequest request, TestRandom random) => EyeProblem.Create(
        new(DType.Float32, Shape.Create(MovementRandom.Dims(request, random, 2, 2))), random.Pick(DType.Float32, DType.Float16, DType.Int8, DType.Bool, DType.UInt64), random.Between(-5, 5));

    protected override IEnumerable<EyeProblem> Shrink(EyeProblem p) =>
        MovementRandom.Smaller(p.Like.Shape).Select(s => p with { Like = p.Like with { Shape = MovementRandom.With(p.Like.Shape, s.Axis, s.Extent) } });
}

/// <summary>Problems of ReverseSequence.</summary>
internal sealed class MovementReverseSequenceProblems : ProblemGenerator<ReverseSequenceProblem>
{
    protected override ReverseSequenceProblem Generate(ProblemRequest request, TestRandom random)
    {
        DType type = MovementRandom.Type(request with { Row = request.Op.Algorithms[0] }, random);
        Shape data = Shape.Create(MovementRandom.Dims(request, random, 2, 4));
        int time = random.Below(2);
        return ReverseSequenceProblem.Create(new(type, data), new(DType.Int64, [data[1 - time]]), time);
    }

    protected override IEnumerable<ReverseSequenceProblem> Shrink(ReverseSequenceProblem p) =>
        from s in MovementRandom.Smaller(p.Data.Shape)
        let data = MovementRandom.With(p.Data.Shape, s.Axis, s.Extent)
        select ReverseSequenceProblem.Create(p.Data with { Shape = data }, new(DType.Int64, [data[1 - p.TimeAxis]]), p.TimeAxis);

    protected override double[] Fill(OpDefinition op, ReverseSequenceProblem p, int input, CheckMode mode, TestRandom random) => input == 1
        ? [.. Enumerable.Range(0, (int)p.Lengths.Shape.Count).Select(_ => (double)random.Between(0, (int)p.Data.Shape[p.TimeAxis]))]
        : base.Fill(op, p, input, mode, random);
}
