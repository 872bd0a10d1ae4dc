using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Ai3.Ops;

namespace Ai3.Runtime;

/// <summary>Plans as JSON: a head, then one line for each node, so that a difference between two plans reads well.</summary>
internal static class SavedPlanJson
{
    private const string Format = "ai3-plan";

    // Node names hold slashes and pluses that people should be able to read.
    private static readonly JsonWriterOptions s_options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static string Write(SavedPlan plan)
    {
        var text = new StringBuilder();
        text.Append("{\n  \"format\": \"").Append(Format).Append("\",\n  \"version\": 1,\n");
        text.Append("  \"model\": ").Append(Quoted(plan.ModelHash)).Append(",\n  \"isa\": \"").Append(plan.Isa.ToString().ToLowerInvariant()).Append("\",\n  \"nodes\": [");
        for (int i = 0; i < plan.Nodes.Length; i++)
        {
            PlannedNode node = plan.Nodes[i];
            text.Append(i == 0 ? "\n    {" : ",\n    {").Append("\"node\": ").Append(Quoted(node.Node)).Append(", \"op\": ").Append(Quoted(node.Op))
                .Append(", \"problem\": ").Append(Quoted(node.Problem)).Append(", \"algorithm\": ").Append(Quoted(node.Algorithm))
                .Append(", \"formats\": ").Append(Quoted(node.Formats)).Append('}');
        }
        return text.Append("\n  ]\n}\n").ToString();
    }

    public static SavedPlan Parse(string json) => JsonFile.Read(json, Format, ["model", "isa", "nodes"], root =>
    {
        string isa = JsonFile.RequiredText(root, "isa", "the plan");
        if (!Enum.GetNames<IsaLevel>().Contains(isa, StringComparer.OrdinalIgnoreCase))
            throw new InvalidDataException($"\"isa\" is '{isa}', which is no instruction set");
        JsonElement nodes = JsonFile.Property(root, "nodes", JsonValueKind.Array) ?? throw new InvalidDataException("the plan has no \"nodes\"");
        try
        {
            return new SavedPlan(JsonFile.RequiredText(root, "model", "the plan"), Isa.Parse(isa), nodes.EnumerateArray().Select(Node));
        }
        catch (ArgumentException e)
        {
            throw new InvalidDataException(e.Message, e);
        }
    });

    private static PlannedNode Node(JsonElement element)
    {
        const string What = "an entry of \"nodes\"";
        if (element.ValueKind != JsonValueKind.Object)
            throw new InvalidDataException($"{What} is {JsonFile.Word(element.ValueKind)}, must be an object");
        JsonFile.CheckNames(element, What, "node", "op", "problem", "algorithm", "formats");
        string Get(string name) => JsonFile.RequiredText(element, name, What);
        return new PlannedNode(Get("node"), Get("op"), Get("problem"), Get("algorithm"), Get("formats"));
    }

    private static string Quoted(string text)
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream, s_options))
            json.WriteStringValue(text);
        return Encoding.UTF8.GetString(stream.GetBuffer(), 0, (int)stream.Length);
    }
}
