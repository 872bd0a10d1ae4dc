using System.Collections.Immutable;
using Ai3.Ops;
using Ai3.Tensors;

namespace Ai3.Testing;

/// <summary>Problems of RNN, GRU and LSTM.</summary>
internal sealed class RecurrentProblems : ProblemGenerator<RecurrentProblem>
{
    private static readonly int[] s_edges = [4, 8, 16, 32, 64];

    protected override RecurrentProblem Generate(ProblemRequest request, TestRandom random)
    {
        RecurrentKind kind = request.Op.Name switch { "RNN" => RecurrentKind.Rnn, "GRU" => RecurrentKind.Gru, _ => RecurrentKind.Lstm };
        bool fused = request.RowName == "fused";
        int directions = random.Pick(1, 1, 2);
        bool bias = random.Chance(0.7);
        ImmutableArray<RecurrentActivation> activations = RecurrentProblem.DefaultActivations(kind, directions);
        if (kind == RecurrentKind.Rnn && random.Chance(0.4))
            activations = [.. activations.Select(_ => new RecurrentActivation(random.Pick(RecurrentFunction.Relu, RecurrentFunction.Tanh)))];
        else if (!fused && random.Chance(0.5))
            activations = [.. activations.Select(_ => RecurrentActivation.Default(random.Pick(Enum.GetValues<RecurrentFunction>())))];
        return new RecurrentProblem
        {
            Kind = kind,
            Type = fused || random.Chance(0.4) ? DType.Float32 : random.Pick(DType.Float64, DType.Float16, DType.BFloat16),
            Sequence = random.DimOrZero(7),
            Batch = fused ? random.Dim(10, 4) : random.DimOrZero(6),
            InputSize = random.Dim(Math.Min(request.Size, 20), 2, 4),
            Hidden = random.Dim(Math.Min(request.Size, 40), s_edges),
            Directions = directions,
            Reverse = directions == 1 && random.Chance(0.3),
            BatchFirst = random.Chance(0.3),
            HasBias = bias,
            HasLengths = random.Chance(0.4),
            HasInitialH = random.Chance(0.5),
            HasInitialC = kind == RecurrentKind.Lstm && random.Chance(0.5),
            HasPeepholes = kind == RecurrentKind.Lstm && random.Chance(0.4),
            OutputMask = random.Between(1, kind == RecurrentKind.Lstm ? 7 : 3),
            Activations = activations,
            Clip = random.Chance(0.25) ? random.Pick(0.5f, 2f) : 0,
            LinearBeforeReset = kind == RecurrentKind.Gru && random.Chance(0.5),
            Coupled = kind == RecurrentKind.Lstm && random.Chance(0.25),
            ConstantInputs = random.Chance(0.7) ? bias ? 14u : 6u : 0,
        };
    }

    protected override IEnumerable<RecurrentProblem> Shrink(RecurrentProblem p)
    {
        if (p.Directions == 2)
            yield return p with { Directions = 1, Activations = p.Activations[..RecurrentProblem.ActivationsOf(p.Kind)] };
        if (!p.Activations.SequenceEqual(RecurrentProblem.DefaultActivations(p.Kind, p.Directions)))
            yield return p with { Activations = RecurrentProblem.DefaultActivations(p.Kind, p.Directions) };
        RecurrentProblem[] simpler =
        [
            p with { Reverse = false }, p with { BatchFirst = false }, p with { HasLengths = false }, p with { HasInitialH = false }, p with { HasInitialC = false },
            p with { HasPeepholes = false }, p with { Clip = 0 }, p with { LinearBeforeReset = false }, p with { Coupled = false }, p with { OutputMask = 1 },
            p with { Sequence = p.Sequence / 2 }, p with { Sequence = Math.Max(1, p.Sequence - 1) }, p with { Batch = Math.Max(1, p.Batch / 2) }, p with { Batch = Math.Max(1, p.Batch - 1) },
            p with { InputSize = Math.Max(1, p.InputSize / 2) }, p with { InputSize = Math.Max(1, p.InputSize - 1) },
            p with { Hidden = Math.Max(1, p.Hidden / 2) }, p with { Hidden = Math.Max(1, p.Hidden - 1) },
        ];
        foreach (RecurrentProblem problem in simpler)
            if (problem.Key != p.Key)
                yield return problem;
    }

    protected override double[] Fill(OpDefinition op, RecurrentProblem problem, int input, CheckMode mode, TestRandom random)
    {
        if (input != 4)
            return base.Fill(op, problem, input, mode, random);
        var lengths = new double[problem.Batch];
        for (int i = 0; i < lengths.Length; i++)
            lengths[i] = random.Between(0, (int)problem.Sequence);
        return lengths;
    }
}
