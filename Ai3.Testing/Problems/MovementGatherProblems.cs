using Ai3.Ops;
using Ai3.Tensors;

namespace Ai3.Testing;

/// <summary>Problems of Gather.</summary>
internal sealed class MovementGatherProblems : ProblemGenerator<GatherProblem>
{
    protected override GatherProblem Generate(ProblemRequest request, TestRandom random)
    {
        DType type = MovementRandom.Type(request, random);
        Shape data = Shape.Create(MovementRandom.Dims(request, random, 1, 4, zero: false));
        Shape indices = Shape.Create(MovementRandom.Dims(request with { Size = Math.Min(request.Size, 6) }, random, 0, 2));
        return GatherProblem.Create(new(type, data), new(MovementRandom.IndexType(random), indices), random.Below(data.Rank));
    }

    protected override IEnumerable<GatherProblem> Shrink(GatherProblem p)
    {
        foreach ((int axis, long extent) in MovementRandom.Smaller(p.Data.Shape))
            yield return GatherProblem.Create(p.Data with { Shape = MovementRandom.With(p.Data.Shape, axis, extent) }, p.Indices, p.Axis);
        foreach ((int axis, long extent) in MovementRandom.Smaller(p.Indices.Shape))
            yield return GatherProblem.Create(p.Data, p.Indices with { Shape = MovementRandom.With(p.Indices.Shape, axis, extent) }, p.Axis);
    }

    protected override double[] Fill(OpDefinition op, GatherProblem p, int input, CheckMode mode, TestRandom random) =>
        input == 1 ? InputFill.Indices(p.Indices, p.Data.Shape[p.Axis], random) : base.Fill(op, p, input, mode, random);
}

/// <summary>Problems of GatherElements.</summary>
internal sealed class MovementGatherElementsProblems : ProblemGenerator<GatherElementsProblem>
{
    protected override GatherElementsProblem Generate(ProblemRequest request, TestRandom random)
    {
        DType type = MovementRandom.Type(request, random);
        Shape data = Shape.Create(MovementRandom.Dims(request, random, 1, 4, zero: false));
        int axis = random.Below(data.Rank);
        return GatherElementsProblem.Create(new(type, data), new(MovementRandom.IndexType(random), IndexShape(data, axis, random)), axis);
    }

    /// <summary>A shape of the data's rank, no larger except along the axis.</summary>
    internal static Shape IndexShape(Shape data, int axis, TestRandom random) =>
        Shape.Create([.. data.Select((extent, i) => i == axis ? random.Between(0, 9) : random.Chance(0.6) ? extent : random.Between(1, (int)extent))]);

    protected override IEnumerable<GatherElementsProblem> Shrink(GatherElementsProblem p)
    {
        foreach ((int axis, long extent) in MovementRandom.Smaller(p.Indices.Shape))
            yield return GatherElementsProblem.Create(p.Data, p.Indices with { Shape = MovementRandom.With(p.Indices.Shape, axis, extent) }, p.Axis);
        foreach ((int axis, long extent) in MovementRandom.Smaller(p.Data.Shape))
            if (axis == p.Axis || extent >= p.Indices.Shape[axis])
                yield return GatherElementsProblem.Create(p.Data with { Shape = MovementRandom.With(p.Data.Shape, axis, extent) }, p.Indices, p.Axis);
    }

    protected override double[] Fill(OpDefinition op, GatherElementsProblem p, int input, CheckMode mode, TestRandom random) =>
        input == 1 ? InputFill.Indices(p.Indices, p.Data.Shape[p.Axis], random) : base.Fill(op, p, input, mode, random);
}

/// <summary>Problems of GatherND.</summary>
internal sealed class MovementGatherNDProblems : ProblemGenerator<GatherNDProblem>
{
    protected override GatherNDProblem Generate(ProblemRequest request, TestRandom random)
    {
        DType type = MovementRandom.Type(request, random);
        Shape data = Shape.Create(MovementRandom.Dims(request, random, 1, 4, zero: false));
        int batch = random.Chance(0.6) ? 0 : random.Below(data.Rank);
        long k = random.Between(1, data.Rank - batch);
        Shape indices = Shape.Create([.. data.Take(batch), .. MovementRandom.Dims(request with { Size = Math.Min(request.Size, 5) }, random, 0, 2), k]);
        return GatherNDProblem.Create(new(type, data), new(MovementRandom.IndexType(random), indices), batch);
    }

    protected override IEnumerable<GatherNDProblem> Shrink(GatherNDProblem p)
    {
        foreach ((int axis, long extent) in MovementRandom.Smaller(p.Indices.Shape))
            if (axis >= p.BatchDims && axis < p.Indices.Shape.Rank - 1)
                yield return GatherNDProblem.Create(p.Data, p.Indices with { Shape = MovementRandom.With(p.Indices.Shape, axis, extent) }, p.BatchDims);
        foreach ((int axis, long extent) in MovementRandom.Smaller(p.Data.Shape))
            if (axis >= p.BatchDims)
                yield return GatherNDProblem.Create(p.Data with { Shape = MovementRandom.With(p.Data.Shape, axis, extent) }, p.Indices, p.BatchDims);
    }

    protected override double[] Fill(OpDefinition op, GatherNDProblem p, int input, CheckMode mode, TestRandom random) =>
        input == 1 ? Tuples(p.Indices.Shape, p.Data.Shape.AsSpan()[p.BatchDims..], random) : base.Fill(op, p, input, mode, random);

    /// <summary>Index tuples, each component in the range of its axis.</summary>
    internal static double[] Tuples(Shape indices, ReadOnlySpan<long> extents, TestRandom random)
    {
        var values = new double[indices.Count];
        int k = (int)indices[^1];
        for (int i = 0; i < values.Length; i++)
            values[i] = random.Between(-(int)extents[i % k], (int)extents[i % k] - 1);
        return values;
    }
}

/// <summary>Problems of Scatter, ScatterElements and ScatterND.</summary>
internal sealed class MovementScatterProblems : ProblemGenerator<ScatterProblem>
{
    protected override ScatterProblem Generate(ProblemRequest request, TestRandom random)
    {
        DType type = MovementRandom.Type(request, random);
        bool number = type.IsFloat() || type.IsInteger();
        ScatterReduction reduction = number ? random.Pick(Enum.GetValues<ScatterReduction>()) : ScatterReduction.None;
        Shape data = Shape.Create(MovementRandom.Dims(request, random, 1, 4, zero: false));
        DType indexType = MovementRandom.IndexType(random);
        if (request.Op.Name == "ScatterND")
        {
            int k = random.Between(1, data.Rank);
            Shape tuples = Shape.Create(MovementRandom.Dims(request with { Size = Math.Min(request.Size, 5) }, random, 0, 2));
            return ScatterProblem.Create("scatter_nd", new(type, data), new(indexType, [.. tuples, k]), new(type, [.. tuples, .. data.Skip(k)]), null, reduction);
        }
        int axis = random.Below(data.Rank);
        Shape indices = MovementGatherElementsProblems.IndexShape(data, axis, random);
        string word = request.Op.Name == "Scatter" ? "scatter" : "scatter_elements";
        return ScatterProblem.Create(word, new(type, data), new(indexType, indices), new(type, indices), axis, reduction);
    }

    protected override IEnumerable<ScatterProblem> Shrink(ScatterProblem p)
    {
        if (p.Reduction != ScatterReduction.None)
            yield return p with { Reduction = ScatterReduction.None };
        bool bySlice = p.Axis < 0;
        foreach ((int axis, long extent) in MovementRandom.Smaller(p.Indices.Shape))
            if (!bySlice || axis < p.Indices.Shape.Rank - 1)
                yield return ScatterProblem.Create(p.Name, p.Data, p.Indices with { Shape = MovementRandom.With(p.Indices.Shape, axis, extent) },
                    p.Updates with { Shape = MovementRandom.With(p.Updates.Shape, axis, extent) }, bySlice ? null : p.Axis, p.Reduction);
        foreach ((int axis, long extent) in MovementRandom.Smaller(p.Data.Shape))
            if (!bySlice && (axis == p.Axis || extent >= p.Indices.Shape[axis]))
                yield return ScatterProblem.Create(p.Name, p.Data with { Shape = MovementRandom.With(p.Data.Shape, axis, extent) }, p.Indices, p.Updates, p.Axis, p.Reduction);
    }

    protected override double[] Fill(OpDefinition op, ScatterProblem p, int input, CheckMode mode, TestRandom random) => input != 1
        ? base.Fill(op, p, input, mode, random)
        : p.Axis < 0 ? MovementGatherNDProblems.Tuples(p.Indices.Shape, p.Data.Shape.AsSpan(), random) : InputFill.Indices(p.Indices, p.Data.Shape[p.Axis], random);
}
