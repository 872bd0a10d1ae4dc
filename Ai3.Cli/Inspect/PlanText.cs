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
        json.WriteEndObject();
    });
}
