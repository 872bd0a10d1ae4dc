using Ai3.Ops;
using Ai3.Tensors;

namespace Ai3.Testing;

/// <summary>Problems of DFT: lengths of every kind of factor, signals shorter and longer.</summary>
internal sealed class DftProblems : ProblemGenerator<DftProblem>
{
    private static readonly int[] s_lengths = [1, 2, 3, 4, 5, 6, 7, 8, 15, 16, 30, 32, 37, 49, 60, 64, 74, 97, 120, 121, 128, 210];

    protected override DftProblem Generate(ProblemRequest request, TestRandom random)
    {
        int rank = random.Between(2, 4), axis = random.Below(rank - 1);
        long length = random.Chance(0.7) ? random.Pick(s_lengths) : random.Between(1, 130);
        bool inverse = random.Chance(0.5), onesided = random.Chance(0.4);
        var dims = new long[rank];
        for (int i = 0; i < rank; i++)
            dims[i] = random.DimOrZero(4);
        dims[axis] = random.Pick(length, length, length / 2 + 1, random.DimOrZero((int)length + 10));
        dims[^1] = onesided ? inverse ? 2 : 1 : random.Between(1, 2);
        return new DftProblem
        {
            Input = new(random.Pick(DType.Float32, DType.Float32, DType.Float64, DType.Float16, DType.BFloat16), Shape.Create(dims)),
            Read = [.. new[] { new TensorType(DType.Int64, Shape.Scalar), new TensorType(DType.Int64, Shape.Scalar) }.Take(random.Below(request.Op.Since < 20 ? 2 : 3))],
            Axis = axis,
            Length = length,
            Inverse = inverse,
            Onesided = onesided,
        }.Checked();
    }

    protected override IEnumerable<DftProblem> Shrink(DftProblem p)
    {
        if (p.Length > 1)
        {
            yield return p with { Length = p.Length / 2 };
            yield return p with { Length = p.Length - 1 };
        }
        foreach ((int axis, long extent) in MovementRandom.Smaller(p.Input.Shape))
            if (axis < p.Input.Shape.Rank - 1)
                yield return p with { Input = p.Input with { Shape = MovementRandom.With(p.Input.Shape, axis, extent) } };
    }

    // Sines and cosines are not whole.
    protected override bool Allows(OpDefinition op, DftProblem problem, CheckMode mode) => mode != CheckMode.ExactInteger;

    protected override double? Alarm(OpDefinition op, DftProblem problem, Algorithm row, ErrorBound bound) => null;
}

/// <summary>Problems of STFT.</summary>
internal sealed class StftProblems : ProblemGenerator<StftProblem>
{
    protected override StftProblem Generate(ProblemRequest request, TestRandom random)
    {
        DType type = random.Pick(DType.Float32, DType.Float32, DType.Float64, DType.Float16, DType.BFloat16);
        long length = random.Pick(1, 2, 3, 8, 9, 16, 37, 64, 74, random.Between(1, 100));
        bool real = random.Chance(0.7);
        TensorType scalar = new(DType.Int64, Shape.Scalar);
        return new StftProblem
        {
            Signal = new(type, [random.DimOrZero(3), length + random.Between(0, 40), real ? 1 : 2]),
            StepInput = scalar,
            Window = random.Chance(0.5) ? new(type, [length]) : TensorType.Absent,
            LengthInput = random.Chance(0.5) ? scalar : TensorType.Absent,
            Step = random.Between(1, 20),
            Length = length,
            Onesided = real && random.Chance(0.7),
        }.Checked();
    }

    protected override IEnumerable<StftProblem> Shrink(StftProblem p)
    {
        if (p.Length > 1)
            yield return p with { Length = p.Length / 2, Window = p.Window.IsAbsent ? p.Window : p.Window with { Shape = [p.Length / 2] } };
        if (p.Signal.Shape[0] > 1)
            yield return p with { Signal = p.Signal with { Shape = [1, p.Signal.Shape[1], p.Signal.Shape[2]] } };
        if (p.Signal.Shape[1] > p.Length)
            yield return p with { Signal = p.Signal with { Shape = [p.Signal.Shape[0], p.Length, p.Signal.Shape[2]] } };
    }

    protected override bool Allows(OpDefinition op, StftProblem problem, CheckMode mode) => mode != CheckMode.ExactInteger;

    protected override double? Alarm(OpDefinition op, StftProblem problem, Algorithm row, ErrorBound bound) => null;
}

/// <summary>Problems of the windows.</summary>
internal sealed class WindowProblems : ProblemGenerator<WindowProblem>
{
    protected override WindowProblem Generate(ProblemRequest request, TestRandom random) => WindowProblem.Create(((WindowOp)request.Op).Kind, new(DType.Int64, Shape.Scalar),
        random.Pick(DType.Float32, DType.Float64, DType.Float16, DType.BFloat16, DType.Float32), random.Between(0, request.Size * 4), random.Chance(0.5));

    protected override IEnumerable<WindowProblem> Shrink(WindowProblem p) =>
        p.Output.Shape.Count > 1 ? [p with { Output = p.Output with { Shape = [p.Output.Shape.Count / 2] } }] : [];
}

/// <summary>Problems of MelWeightMatrix.</summary>
internal sealed class MelProblems : ProblemGenerator<MelProblem>
{
    protected override MelProblem Generate(ProblemRequest request, TestRandom random)
    {
        TensorType whole = new(DType.Int64, Shape.Scalar), real = new(DType.Float32, Shape.Scalar);
        return MelProblem.Create([whole, whole, whole, real, real], random.Pick(DType.Float32, DType.Float64, DType.Float16), random.Between(1, request.Size), random.Between(1, request.Size * 4));
    }

    protected override IEnumerable<MelProblem> Shrink(MelProblem p) => p.Mels > 1 ? [p with { Mels = p.Mels / 2 }] : [];

    protected override double[] Fill(OpDefinition op, MelProblem p, int input, CheckMode mode, TestRandom random) =>
        input switch { 0 => [p.Mels], 1 => [p.Length], 2 => [random.Pick(8000, 16000, 100)], 3 => [random.Pick(0, 20, -100)], _ => [random.Pick(4000, 8000, 1e6, 0)] };
}
