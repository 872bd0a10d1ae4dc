using Ai3.Ops;
using Ai3.Tensors;

namespace Ai3.Testing;

/// <summary>Problems of Reorder.</summary>
internal sealed class ReorderProblems : ProblemGenerator<ReorderProblem>
{
    private static readonly int[] s_edges = [4, 8, 16, 32];

    /// <inheritdoc/>
    protected override ReorderProblem Generate(ProblemRequest request, TestRandom random)
    {
        var blocked = Format.Blocked(request.Target.ChannelBlock);
        DType type = request.RowName == "transpose_blocked" ? DType.Float32
            : random.Pick(DType.Float32, DType.Int8, DType.Float16, DType.Float64, DType.Int64, DType.Bool);
        int rank = request.RowName == "transpose_blocked" ? random.Between(2, 5) : random.Between(0, 5);
        var dims = new long[rank];
        for (int i = 0; i < rank; i++)
            dims[i] = i is 1 || i == rank - 1 ? random.DimOrZero(request.Size, s_edges) : random.DimOrZero(4);
        (Format from, Format to) = random.Chance(0.5) ? (Format.Plain, blocked) : (blocked, Format.Plain);
        if (request.RowName != "transpose_blocked" && random.Chance(0.6))
        {
            // Two formats that cut axis 1, or, where any row will do, different axes.
            Format[] formats = [Format.Plain, Format.ChannelsLast, Format.Blocked(4), Format.Blocked(8), Format.Blocked(16)];
            (from, to) = (random.Pick<Format>(formats), random.Pick<Format>(formats));
            if (request.RowName is "" or "reference" && random.Chance(0.2))
                to = new Format(FormatKind.Blocked, 4, 2);
        }
        return new ReorderProblem(type, Shape.Create(dims), from, to);
    }

    /// <inheritdoc/>
    protected override IEnumerable<ReorderProblem> Shrink(ReorderProblem problem)
    {
        for (int axis = 0; axis < problem.Shape.Rank; axis++)
            foreach (long size in (long[])[problem.Shape[axis] / 2, problem.Shape[axis] - 1])
                if (size >= 1)
                {
                    long[] dims = problem.Shape.ToArray();
                    dims[axis] = size;
                    yield return problem with { Shape = Shape.Create(dims) };
                }
    }
}
