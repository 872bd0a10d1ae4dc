using Ai3.Ops;

namespace Ai3.Testing;

/// <summary>
/// Makes problems of every operator whose problems are <typeparamref name="TProblem"/>. A family writes one class: <see cref="Generate"/> and
/// <see cref="Shrink"/> always, the others where the defaults do not fit.
/// </summary>
/// <remarks>
/// <para>Generate: with <see cref="ProblemRequest.Row"/> set, construct a problem which that row supports (switch on
/// <see cref="ProblemRequest.RowName"/>: a 3x3 kernel for Winograd, group = iC for depthwise, ...). The harness asks the row, and on a
/// refusal asks again with <see cref="ProblemRequest.Attempt"/> and <see cref="ProblemRequest.Refusal"/> set; a row that refuses
/// sixty proposals in a row fails. Rows that are not known by name should get general problems, so that a new row is covered by
/// refusals alone. Dimensions come from <see cref="TestRandom.Dim"/> with the sizes at which the code changes its way: lanes, mr, nr,
/// block sizes; also 0 (empty batch), kernels larger than the input, asymmetric pads, group = iC, every fused part,
/// inputs constant and not (<see cref="Problem.ConstantInputs"/>).</para>
/// <para>Then add one line to <see cref="ProblemGenerators.All"/>.</para>
/// </remarks>
/// <typeparam name="TProblem">The family's problem type.</typeparam>
public abstract class ProblemGenerator<TProblem> : IProblemGenerator where TProblem : Problem
{
    /// <summary>A problem as asked for.</summary>
    protected abstract TProblem Generate(ProblemRequest request, TestRandom random);

    /// <summary>Problems with one dimension halved, or one less, or one fused part, stride, pad or group removed.</summary>
    protected abstract IEnumerable<TProblem> Shrink(TProblem problem);

    /// <summary>True if the generator makes problems of this operator: by default of all with this problem type.</summary>
    public virtual bool Serves(OpDefinition op) => op is OpDefinition<TProblem>;

    /// <summary>
    /// The elements of one input: by default values of the mode that its element type can hold. Override for indices, axes,
    /// lengths, divisors, anything that the operator restricts.
    /// </summary>
    protected virtual double[] Fill(OpDefinition op, TProblem problem, int input, CheckMode mode, TestRandom random) =>
        InputFill.Fill(problem.Inputs[input], mode, random);

    /// <summary>
    /// True if the mode says something about this problem: by default all. Integers are exact only for sums and
    /// products; a mean by multiplication with 1/n is not, and says so here.
    /// </summary>
    protected virtual bool Allows(OpDefinition op, TProblem problem, CheckMode mode) => true;

    /// <summary>
    /// True if -0 and +0 are told apart in the outputs of rows with <see cref="ErrorBound.Exact"/>: by default yes. No where the
    /// standard leaves it open, as for the maximum of the two.
    /// </summary>
    protected virtual bool SignOfZeroMatters(OpDefinition op, TProblem problem) => true;

    /// <summary>
    /// The alarm for inputs of random signs, as a multiple of u * S: by default 4 + 1.5 sqrt(L) for plain sums, none for others.
    /// Transforms give theirs here, such as 150 + 1.5 sqrt(C) for Winograd F(4,3).
    /// </summary>
    protected virtual double? Alarm(OpDefinition op, TProblem problem, Algorithm row, ErrorBound bound) =>
        bound.Kind == ErrorKind.PerElement ? 4 + 1.5 * Math.Sqrt(bound.Factor) : null;

    /// <summary>
    /// What whole weights (input 1) must be a multiple of so that the row's arithmetic is exact; 0, the default, if it never is. Rows
    /// with <see cref="ErrorKind.PerElement"/> are exact anyway; a transform says its multiple, such as 4 for Winograd F(2,3).
    /// </summary>
    protected virtual int WeightMultiple(OpDefinition op, TProblem problem, Algorithm row) => 0;

    /// <summary>
    /// What <see cref="ErrorKind.TileNorm"/> scales with: by default the largest S with every element of input 0 as large as the largest.
    /// Override where a transform also mixes elements that no output of the operator multiplies, as at an image's edge.
    /// </summary>
    /// <param name="op">The operator.</param>
    /// <param name="problem">The problem without fused parts.</param>
    /// <param name="inputs">The operator's own inputs, absolute values, finite.</param>
    protected virtual double? Norm(OpDefinition op, TProblem problem, IReadOnlyList<double[]?> inputs) => null;

    Problem IProblemGenerator.Generate(ProblemRequest request, TestRandom random) => Generate(request, random);

    IEnumerable<Problem> IProblemGenerator.Shrink(Problem problem) => Shrink((TProblem)problem);

    double[] IProblemGenerator.Fill(OpDefinition op, Problem problem, int input, CheckMode mode, TestRandom random) =>
        Fill(op, (TProblem)problem, input, mode, random);

    bool IProblemGenerator.Allows(OpDefinition op, Problem problem, CheckMode mode) => Allows(op, (TProblem)problem, mode);

    bool IProblemGenerator.SignOfZeroMatters(OpDefinition op, Problem problem) => SignOfZeroMatters(op, (TProblem)problem);

    int IProblemGenerator.WeightMultiple(OpDefinition op, Problem problem, Algorithm row) => WeightMultiple(op, (TProblem)problem, row);

    double? IProblemGenerator.Alarm(OpDefinition op, Problem problem, Algorithm row, ErrorBound bound) => Alarm(op, (TProblem)problem, row, bound);

    double? IProblemGenerator.Norm(OpDefinition op, Problem problem, IReadOnlyList<double[]?> inputs) => Norm(op, (TProblem)problem, inputs);

    Fusion IProblemGenerator.FusionOf(Problem problem) => problem is IFusable<TProblem> fusable ? fusable.Fusion : Fusion.None;

    (Problem Problem, int OwnInputs) IProblemGenerator.WithoutFusion(Problem problem) =>
        problem is IFusable<TProblem> fusable ? (fusable.WithFusion(Fusion.None), fusable.FusedInputIndex) : (problem, problem.Inputs.Length);
}
