using System.Text.Json;

namespace Ai3.Runtime;

/// <summary>Reads rules files.</summary>
internal static class SelectionRules
{
    private const string Format = "ai3-rules";

    public static Selection Parse(string json) => JsonFile.Read(json, Format, ["operators", "nodes"], root =>
    {
        Selection selection = Selection.Automatic;
        if (JsonFile.Property(root, "operators", JsonValueKind.Object) is { } operators)
            foreach (JsonProperty op in operators.EnumerateObject())
                selection = selection.ByOp.ContainsKey(op.Name) ? throw new InvalidDataException($"operator {op.Name} is there twice")
                    : selection.WithOp(op.Name, SelectorOf(op.Value, $"operator {op.Name}"));
        if (JsonFile.Property(root, "nodes", JsonValueKind.Array) is { } nodes)
            foreach (JsonElement rule in nodes.EnumerateArray())
                selection = Add(selection, rule);
        return selection;
    });

    private static Selection Add(Selection selection, JsonElement rule)
    {
        if (rule.ValueKind != JsonValueKind.Object)
            throw new InvalidDataException("a rule of \"nodes\" must be an object such as {\"node\": \"layer1/*\", \"algorithm\": \"gemm,auto\"}");
        JsonFile.CheckNames(rule, "a rule of \"nodes\"", "node", "algorithm");
        string pattern = JsonFile.RequiredText(rule, "node", "a rule of \"nodes\"");
        return selection.WithNode(pattern, Selector.Names(JsonFile.RequiredText(rule, "algorithm", $"the rule for node {pattern}")));
    }

    private static Selector SelectorOf(JsonElement value, string what)
    {
        if (value.ValueKind == JsonValueKind.String)
            return Selector.Names(value.GetString()!);
        if (value.ValueKind != JsonValueKind.Array || value.EnumerateArray().Any(e => e.ValueKind != JsonValueKind.String))
            throw new InvalidDataException($"{what} must be a fallback list such as \"gemm,auto\", or an array of one for each node in order");
        return Selector.List([.. value.EnumerateArray().Select(e => e.GetString()!)]);
    }
}
