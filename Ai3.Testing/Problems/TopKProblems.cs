using Ai3.Ops;
using Ai3.Tensors;

namespace Ai3.Testing;

/// <summary>Problems of TopK.</summary>
internal sealed class TopKProblems : ProblemGenerator<TopKProblem>
{
    private static readonly DType[] s_types = [.. Enum.GetValues<DType>().Where(t => TypeSet.Numeric.Has(t))];

    protected override TopKProblem Generate(ProblemRequest request, TestRandom random)
    {
        var dims = new long[random.Between(1, 4)];
        int axis = random.Below(dims.Length);
        for (int i = 0; i < dims.Length; i++)
            dims[i] = i == axis ? random.DimOrZero(request.Size * 4) : random.DimOrZero(dims.Length > 2 ? 5 : 9);
        long k = random.Pick(0, 1, dims[axis] / 2, dims[axis] - 1, dims[axis], random.Between(0, (int)dims[axis]));
        bool old = request.Op.Since < 10;
        return TopKProblem.Create(new(random.Chance(0.4) ? DType.Float32 : random.Pick(s_types), Shape.Create(dims)),
            old ? TensorType.Absent : new(DType.Int64, [1]), axis, Math.Clamp(k, 0, dims[axis]), old || random.Chance(0.5));
    }

    protected override IEnumerable<TopKProblem> Shrink(TopKProblem p)
    {
        if (p.K > 1)
            yield return p with { K = p.K / 2 };
        foreach ((int axis, long extent) in MovementRandom.Smaller(p.Input.Shape))
            if (axis != p.Axis || extent >= p.K)
                yield return p with { Input = p.Input with { Shape = MovementRandom.With(p.Input.Shape, axis, extent) } };
    }

    protected override double[] Fill(OpDefinition op, TopKProblem p, int input, CheckMode mode, TestRandom random) =>
        input == 1 ? [p.K] : base.Fill(op, p, input, mode, random);
}
