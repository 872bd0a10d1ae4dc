using System.Collections.Immutable;

namespace Ai3.Ops;

/// <summary>An operator with its problem type: erases rows to candidates, and composes fused parts that a row does not take.</summary>
/// <typeparam name="TProblem">The operator's problem.</typeparam>
/// <param name="rows">Every way to compute it, in tie-break order, the reference last.</param>
public abstract class OpDefinition<TProblem>(ImmutableArray<Algorithm<TProblem>> rows) : OpDefinition where TProblem : Problem
{
    private ImmutableArray<Algorithm<TProblem>> _rows = rows;

    /// <inheritdoc/>
    public sealed override IReadOnlyList<Algorithm> Algorithms => _rows;

    /// <summary>The rows.</summary>
    public ImmutableArray<Algorithm<TProblem>> Rows => _rows;

    /// <summary>Computes the operator in double, without fused parts; null if the reference row is exact.</summary>
    public virtual Oracle<TProblem>? Oracle => null;

    /// <summary>The same operator with one more row, in front of the reference.</summary>
    /// <exception cref="ArgumentException">A row of that name is there.</exception>
    public OpDefinition<TProblem> With(Algorithm<TProblem> row)
    {
        if (_rows.Any(r => r.Name == row.Name))
            throw new ArgumentException($"{this} already has an algorithm named {row.Name}");
        var copy = (OpDefinition<TProblem>)MemberwiseClone();
        int place = _rows.Length > 0 && _rows[^1].IsReference ? _rows.Length - 1 : _rows.Length;
        copy._rows = _rows.Insert(place, row);
        return copy;
    }

    /// <inheritdoc/>
    public sealed override CandidateSet Candidates(Problem problem, Target target)
    {
        var typed = (TProblem)problem;
        var accepted = ImmutableArray.CreateBuilder<Candidate>();
        var refused = ImmutableArray.CreateBuilder<Refusal>();
        foreach (Algorithm<TProblem> row in _rows)
        {
            FusedPlan<TProblem> plan = FusedPlan<TProblem>.Of(typed, row.Fuses(typed, target));
            Applicability verdict = row.Supports(plan.Inner, target);
            if (!verdict.IsYes)
            {
                refused.Add(new Refusal(row.Name, verdict.Reason!));
                continue;
            }
            foreach (FormatChoice formats in row.Formats(plan.Inner, target))
                accepted.Add(plan.ToCandidate(row, new Request<TProblem>(plan.Inner, formats, target)));
        }
        return new CandidateSet(accepted.ToImmutable(), refused.ToImmutable());
    }

    /// <inheritdoc/>
    public sealed override Candidate? Candidate(Problem problem, Target target, string algorithm, FormatChoice formats)
    {
        var typed = (TProblem)problem;
        if (_rows.FirstOrDefault(r => r.Name == algorithm) is not { } row)
            return null;
        FusedPlan<TProblem> plan = FusedPlan<TProblem>.Of(typed, row.Fuses(typed, target));
        return row.Supports(plan.Inner, target).IsYes && row.Formats(plan.Inner, target).Contains(formats)
            ? plan.ToCandidate(row, new Request<TProblem>(plan.Inner, formats, target)) : null;
    }

    /// <inheritdoc/>
    public sealed override OracleResult? Evaluate(Problem problem, IReadOnlyList<double[]?> inputs) =>
        Oracle is null ? null : FusedOracle.Evaluate((TProblem)problem, Oracle, inputs);
}
