using System.Collections.Immutable;

namespace Ai3.Testing;

/// <summary>One algorithm on one node's real values.</summary>
/// <param name="Algorithm">Its name.</param>
/// <param name="Formats">The layouts.</param>
/// <param name="IsChosen">Whether the session's selection chose it.</param>
/// <param name="WorstUlp">The largest error in units in the last place of the exact value.</param>
/// <param name="RmsUlp">The root of the mean square of those.</param>
/// <param name="BoundShare">The largest error as a part of the proven bound.</param>
/// <param name="Failure">What is wrong, in one line; empty if nothing is.</param>
public sealed record VerifiedAlgorithm(string Algorithm, string Formats, bool IsChosen, double WorstUlp, double RmsUlp, double BoundShare, string Failure);

/// <summary>A node of a model with the algorithms that were run on its real values.</summary>
/// <param name="Node">Its name.</param>
/// <param name="Op">The operator.</param>
/// <param name="Problem">The problem's key; empty if only the run resolves it.</param>
/// <param name="Algorithms">The applicable algorithms; none if the node was skipped.</param>
/// <param name="Skipped">Why nothing was run; empty if something was.</param>
public sealed record VerifiedNode(string Node, string Op, string Problem, ImmutableArray<VerifiedAlgorithm> Algorithms, string Skipped);
