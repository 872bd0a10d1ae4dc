using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using Ai3.Ops;

namespace Ai3.Runtime;

/// <summary>What was decided for one set of input shapes: steps, algorithms, layouts and memory. Printable.</summary>
public sealed class Plan
{
    private readonly ExecutablePlan _plan;
    private readonly Session _session;

    internal Plan(ExecutablePlan plan, Session session)
    {
        _plan = plan;
        _session = session;
    }

    /// <summary>For each node the candidates, the refusals with their reasons, the winner and why.</summary>
    public SelectionReport Report => new([.. _plan.Selections.Select(SelectionReport.Of)]);

    /// <summary>The plan's algorithms and layouts, to save and to compile with later.</summary>
    public SavedPlan ToSaved() => new(SavedPlan.HashOf(_session.Model), _session.Target.Isa, _plan.Selections.Select(s =>
        new PlannedNode(s.Node.Name, s.Node.QualifiedOp, s.Problem.Key, s.Winner.Algorithm.Name, s.Winner.Formats.ToString())));

    /// <summary>Saves the plan's algorithms and layouts to a file.</summary>
    public void Save(string path) => ToSaved().Save(path);

    /// <summary>The steps in the order they run.</summary>
    public ImmutableArray<PlanStep> Steps => _plan.Steps;

    /// <summary>Bytes of values between steps.</summary>
    public long ArenaBytes => _plan.ArenaBytes;

    /// <summary>The least bytes that any placement of those values could take.</summary>
    public long ArenaLowerBound => _plan.ArenaLowerBound;

    /// <summary>Bytes of workspace, shared by all steps.</summary>
    public long WorkspaceBytes => _plan.WorkspaceBytes;

    /// <summary>Bytes of packed constants.</summary>
    public long PackedBytes => _plan.PackedBytes;

    /// <summary>Bytes of constants that kernels read as they are.</summary>
    public long ConstantBytes => _plan.ConstantBytes;

    /// <summary>Each step with its node, candidates, refusals, the winner and why.</summary>
    public string Describe()
    {
        var text = new StringBuilder();
        foreach (PlanStep step in Steps)
        {
            text.AppendLine(CultureInfo.InvariantCulture, $"{step.Name}: {step.Op} by {step.Algorithm} {step.Formats}");
            if (step.Problem is not null)
                text.AppendLine(CultureInfo.InvariantCulture, $"    problem   {step.Problem.Key}");
            if (step.Origins.Length > 1)
                text.AppendLine(CultureInfo.InvariantCulture, $"    stands for {string.Join(", ", step.Origins)}");
            if (step.Selection is { } selection)
                Describe(text, selection);
        }
        return text.ToString();
    }

    /// <summary>Where each value of the plan is, and the sums.</summary>
    public string DescribeMemory()
    {
        var text = new StringBuilder();
        foreach (PlanSlot slot in Steps.SelectMany(s => s.OutputSlots).OfType<PlanSlot>().Select(s => s.Root).Distinct().OrderBy(s => s.FirstStep))
        {
            string place = slot.Kind == SlotKind.Arena ? $"arena +{slot.Offset}" : $"{slot.Kind.ToString().ToLowerInvariant()} {slot.Index}";
            text.AppendLine(CultureInfo.InvariantCulture, $"{slot.Name}: {slot.Operand} {slot.Format}, {slot.Bytes} bytes, {place}, steps {slot.FirstStep}-{slot.LastStep}");
        }
        text.AppendLine(CultureInfo.InvariantCulture, $"arena {ArenaBytes} bytes (lower bound {ArenaLowerBound}), workspace {WorkspaceBytes}, packed constants {PackedBytes}, constants in place {ConstantBytes}");
        return text.ToString();
    }

    private static void Describe(StringBuilder text, NodeSelection selection)
    {
        foreach (Candidate candidate in selection.Set.Accepted)
        {
            string why = ReferenceEquals(candidate, selection.Winner) ? $"  <- {selection.Why}" : "";
            text.AppendLine(CultureInfo.InvariantCulture,
                $"    candidate {candidate.Algorithm.Name} {candidate.Formats}: {candidate.CostNanoseconds / 1000:F1} us, workspace {candidate.WorkspaceBytes}, packed {candidate.PackedBytes}{why}");
        }
        foreach (Refusal refusal in selection.Set.Refused)
            text.AppendLine(CultureInfo.InvariantCulture, $"    refused   {refusal.Algorithm}: {refusal.Reason}");
    }
}
