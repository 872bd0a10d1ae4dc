using Ai3.Ops;
using Ai3.Tensors;

namespace Ai3.Testing;

/// <summary>Problems of Resize and Upsample.</summary>
internal sealed class ResizeProblems : ProblemGenerator<ResizeProblem>
{
    private static readonly int[] s_edges = [4, 8, 16, 32];

    protected override ResizeProblem Generate(ProblemRequest request, TestRandom random)
    {
        string row = request.RowName;
        ResizeMode mode = row == "nearest" ? ResizeMode.Nearest : row is "rows" or "pixels" or "passes" ? random.Pick(ResizeMode.Linear, ResizeMode.Cubic)
            : random.Pick(Enum.GetValues<ResizeMode>());
        ResizeCoordinates coordinates = random.Pick(Enum.GetValues<ResizeCoordinates>());
        int rank = row == "pixels" ? random.Between(2, 5) : random.Between(1, 4);
        // The axes that may be resized: the last two, two before the last, or any.
        int last = row == "pixels" ? (coordinates != ResizeCoordinates.TfCropAndResize && rank > 2 && random.Chance(0.6) ? rank - 1 : rank - 2) : rank - 1;
        var axes = new ResizeAxis[rank];
        for (int i = 0; i < rank; i++)
        {
            long length = i == rank - 1 || i == 1 ? random.DimOrZero(Math.Min(request.Size, 40), s_edges) : random.Dim(Math.Min(request.Size, 7));
            bool resized = row is "rows" or "pixels" ? i <= last && i >= last - 1 && (i != 1 || last != rank - 1 || rank < 3 || row == "rows" || i >= 2) : random.Chance(0.6);
            axes[i] = resized ? Axis(length, coordinates, random) : new ResizeAxis(length, length);
        }
        bool single = row is "rows" or "pixels";
        DType type = single ? DType.Float32
            : mode == ResizeMode.Nearest ? random.Pick(DType.Float32, DType.Int8, DType.Float16, DType.Float64, DType.Int64, DType.Bool, DType.Int32)
            : random.Pick(DType.Float32, DType.Float64, DType.Float16, DType.BFloat16, DType.Int8, DType.UInt8);
        return new ResizeProblem
        {
            Type = type,
            Axes = [.. axes],
            Mode = mode,
            Coordinates = coordinates,
            Rounding = mode == ResizeMode.Nearest ? random.Pick(Enum.GetValues<NearestRounding>()) : NearestRounding.PreferFloor,
            CubicA = mode == ResizeMode.Cubic ? random.Pick(-0.75f, -0.5f, -0.6f) : -0.75f,
            ExcludeOutside = mode != ResizeMode.Nearest && random.Chance(0.3),
            Antialias = mode != ResizeMode.Nearest && random.Chance(0.3),
            Extrapolation = coordinates == ResizeCoordinates.TfCropAndResize ? random.Pick(0f, 10f, -1f) : 0,
        };
    }

    protected override IEnumerable<ResizeProblem> Shrink(ResizeProblem problem)
    {
        if (problem.Antialias)
            yield return problem with { Antialias = false };
        if (problem.ExcludeOutside)
            yield return problem with { ExcludeOutside = false };
        if (problem.Axes.Length > 1)
            for (int a = 0; a < problem.Axes.Length; a++)
                yield return problem with { Axes = problem.Axes.RemoveAt(a) };
        for (int a = 0; a < problem.Axes.Length; a++)
        {
            ResizeAxis axis = problem.Axes[a];
            if (!axis.IsIdentity)
                yield return problem with { Axes = problem.Axes.SetItem(a, new ResizeAxis(axis.In, axis.In)) };
            foreach (long length in (long[])[axis.In / 2, axis.In - 1])
                if (length >= 1)
                    yield return problem with { Axes = problem.Axes.SetItem(a, axis.IsIdentity ? new ResizeAxis(length, length) : Resized(length, axis)) };
        }
    }

    // Weights are rarely exact, so whole inputs do not make whole sums.
    protected override bool Allows(OpDefinition op, ResizeProblem problem, CheckMode mode) =>
        mode != CheckMode.ExactInteger || problem.Mode == ResizeMode.Nearest || !problem.Type.IsFloat();

    private static ResizeAxis Resized(long length, ResizeAxis like) =>
        like.Scale != 0 ? like with { In = length, Out = ResizeFacts.Scaled(length, like.Scale) } : like with { In = length };

    private static ResizeAxis Axis(long length, ResizeCoordinates coordinates, TestRandom random)
    {
        if (length == 0)
            return new ResizeAxis(0, 0);
        double start = 0, end = 1;
        if (coordinates == ResizeCoordinates.TfCropAndResize)
            (start, end) = random.Pick((0.0, 1.0), (0.25, 0.75), (-0.3, 1.1), (0.9, 0.2));
        if (random.Chance(0.5))
        {
            float scale = random.Pick(2f, 2f, 0.5f, 1.5f, 3f, 0.6f, 1.2f, 0.3f, 1f);
            return new ResizeAxis(length, ResizeFacts.Scaled(length, scale), scale, start, end);
        }
        return new ResizeAxis(length, random.Pick(2 * length, length, Math.Max(1, length / 2), random.Between(1, 40), 1), 0, start, end);
    }
}
