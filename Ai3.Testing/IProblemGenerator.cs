using Ai3.Ops;

namespace Ai3.Testing;

/// <summary>
/// Makes problems of one family of operators, shrinks them and fills their inputs. Everything is a function of the arguments
/// alone. Write <see cref="ProblemGenerator{TProblem}"/> instead of this, which erases the problem type.
/// </summary>
public interface IProblemGenerator
{
    /// <summary>True if the generator makes problems of this operator.</summary>
    bool Serves(OpDefinition op);

    /// <summary>A problem as asked for. Favours edges; never throws.</summary>
    Problem Generate(ProblemRequest request, TestRandom random);

    /// <summary>Smaller problems of the same operator, each with one thing made simpler; nothing when nothing can be.</summary>
    IEnumerable<Problem> Shrink(Problem problem);

    /// <summary>The elements of one input, row-major.</summary>
    /// <param name="op">The operator.</param>
    /// <param name="problem">The problem.</param>
    /// <param name="input">Which input, in kernel order; never an absent one.</param>
    /// <param name="mode">The kind of values wanted.</param>
    /// <param name="random">Where they come from.</param>
    double[] Fill(OpDefinition op, Problem problem, int input, CheckMode mode, TestRandom random);

    /// <summary>True if the mode says something about this problem.</summary>
    bool Allows(OpDefinition op, Problem problem, CheckMode mode);

    /// <summary>True if -0 and +0 are told apart in the outputs of rows that must be bit-equal.</summary>
    bool SignOfZeroMatters(OpDefinition op, Problem problem);

    /// <summary>
    /// What whole weights (input 1) must be a multiple of so that the row's arithmetic is exact; 0 if it never is.
    /// </summary>
    int WeightMultiple(OpDefinition op, Problem problem, Algorithm row);

    /// <summary>
    /// The alarm for random signs as a multiple of u * S (for <see cref="ErrorKind.TileNorm"/> of u times the largest S); null for none.
    /// </summary>
    double? Alarm(OpDefinition op, Problem problem, Algorithm row, ErrorBound bound);

    /// <summary>
    /// What <see cref="ErrorKind.TileNorm"/> scales with for these inputs, absolute and finite and without fused ones; null for the
    /// largest S with every element of input 0 as large as the largest.
    /// </summary>
    double? Norm(OpDefinition op, Problem problem, IReadOnlyList<double[]?> inputs);

    /// <summary>What is fused into the problem.</summary>
    Fusion FusionOf(Problem problem);

    /// <summary>The problem without its fused parts, and how many inputs are the operator's own.</summary>
    (Problem Problem, int OwnInputs) WithoutFusion(Problem problem);
}
