using System.Text.Json;
using Ai3.Ops;
using Ai3.Runtime;

namespace Ai3.Cli;

/// <summary>Prints plans.</summary>
internal static class PlanText
{
    public static void WriteJson(Shell shell, string stage, Plan plan, Target target) => JsonText.Write(shell, json =>
    {
        json.WriteStartObject();
        json.WriteString("stage", stage);
        json.WriteString("isa", target.Isa.ToString().ToLowerInvariant());
        json.WriteNumber("threads", target.Threads);
        json.WriteNumber("arenaBytes", plan.ArenaBytes);
        json.WriteNumber("arenaLowerBound", plan.ArenaLowerBound);
        json.WriteNumber("workspaceBytes", plan.WorkspaceBytes);
        json.WriteNumber("packedBytes", plan.PackedBytes);
        json.WriteNumber("constantBytes", plan.ConstantBytes);
        json.WriteStartArray("steps");
        foreach (PlanStep step in plan.Steps)
        {
            json.WriteStartObject();
            json.WriteString("name", step.Name);
            json.WriteString("op", step.Op);
            json.WriteString("algorithm", step.Algorithm);
            json.WriteString("formats", step.Formats.ToString());
            json.WriteString("problem", step.Problem?.Key ?? "");
            json.WriteReal("flops", step.Problem?.Flops ?? 0);
            json.WriteReal("bytes", step.Problem?.Traffic ?? 0);
            json.WriteNumber("workspace", step.WorkspaceBytes);
            json.WriteNumber("packed", step.PackedBytes);
            json.WriteStrings("origins", step.Origins);
            json.WriteEndObject();
        }
        json.WriteEndArray();
        if (stage == "selection")
            WriteReport(json, plan.Report);
        json.WriteEndObject();
    });

    private static void WriteReport(Utf8JsonWriter json, SelectionReport report)
    {
        json.WriteStartArray("nodes");
        foreach (NodeReport node in report.Nodes)
        {
            json.WriteStartObject();
            json.WriteString("name", node.Node);
            json.WriteString("op", node.Op);
            json.WriteString("problem", node.Problem.Key);
            json.WriteStrings("origins", node.Origins);
            json.WriteStrings("asked", node.Asked);
            json.WriteString("askedBy", node.AskedBy);
            json.WriteString("winner", node.Winner.Algorithm);
            json.WriteString("formats", node.Winner.Formats.ToString());
            json.WriteString("why", node.Why);
            json.WriteStartArray("candidates");
            foreach (CandidateReport candidate in node.Candidates)
            {
                json.WriteStartObject();
                json.WriteString("algorithm", candidate.Algorithm);
                json.WriteString("formats", candidate.Formats.ToString());
                json.WriteReal("nanoseconds", candidate.CostNanoseconds);
                json.WriteNumber("workspace", candidate.WorkspaceBytes);
                json.WriteNumber("packed", candidate.PackedBytes);
                json.WriteBoolean("admitted", candidate.IsAdmitted);
                json.WriteEndObject();
            }
            json.WriteEndArray();
            json.WriteStartArray("refusals");
            foreach (Refusal refusal in node.Refusals)
            {
                json.WriteStartObject();
                json.WriteString("algorithm", refusal.Algorithm);
                json.WriteString("reason", refusal.Reason);
                json.WriteEndObject();
            }
            json.WriteEndArray();
            json.WriteEndObject();
        }
        json.WriteEndArray();
    }
}
