using Ai3.Ops;

namespace Ai3.Testing;

/// <summary>Stands for the generator of an operator that has none: makes no problems, and knows nothing of fused parts.</summary>
internal sealed class NoGenerator : IProblemGenerator
{
    public static NoGenerator Instance { get; } = new();

    public bool Serves(OpDefinition op) => false;

    public Problem Generate(ProblemRequest request, TestRandom random) => throw new NotSupportedException($"no generator makes problems of {request.Op}");

    public IEnumerable<Problem> Shrink(Problem problem) => [];

    public double[] Fill(OpDefinition op, Problem problem, int input, CheckMode mode, TestRandom random) => InputFill.Fill(problem.Inputs[input], mode, random);

    public bool Allows(OpDefinition op, Problem problem, CheckMode mode) => true;

    public bool SignOfZeroMatters(OpDefinition op, Problem problem) => false;

    public int WeightMultiple(OpDefinition op, Problem problem, Algorithm row) => 0;

    public double? Alarm(OpDefinition op, Problem problem, Algorithm row, ErrorBound bound) => null;

    public double? Norm(OpDefinition op, Problem problem, IReadOnlyList<double[]?> inputs) => null;

    public Fusion FusionOf(Problem problem) => Fusion.None;

    public (Problem Problem, int OwnInputs) WithoutFusion(Problem problem) => (problem, problem.Inputs.Length);
}
