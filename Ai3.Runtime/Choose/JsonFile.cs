using System.Text.Json;

namespace Ai3.Runtime;

/// <summary>Small JSON documents that people write and commit: strict about names, one line for what is wrong.</summary>
internal static class JsonFile
{
    private const long MostBytes = 256 << 20;

    private static readonly JsonDocumentOptions s_options = new() { AllowTrailingCommas = true, CommentHandling = JsonCommentHandling.Skip, MaxDepth = 8 };

    /// <summary>Reads a file; what is wrong with it is said with its path.</summary>
    /// <exception cref="InvalidDataException">The parser refuses the text.</exception>
    public static T Load<T>(string path, Func<string, T> parse)
    {
        if (new FileInfo(path) is { Exists: true, Length: > MostBytes } file)
            throw new InvalidDataException($"'{path}' has {file.Length} bytes; the most is {MostBytes}");
        string text = File.ReadAllText(path);
        try
        {
            return parse(text);
        }
        catch (Exception e) when (e is InvalidDataException or ArgumentException)
        {
            throw new InvalidDataException($"'{path}': {e.Message}", e);
        }
    }

    /// <summary>Reads an object that says what it is: <c>"format"</c> and <c>"version"</c> 1.</summary>
    /// <exception cref="InvalidDataException">It is another document, or has properties that are not known.</exception>
    public static T Read<T>(string json, string format, string[] properties, Func<JsonElement, T> read)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(json, s_options);
            JsonElement root = document.RootElement;
            if (root.ValueKind != JsonValueKind.Object || Text(root, "format") != format)
                throw new InvalidDataException($"it is no {format} document: \"format\" must be \"{format}\"");
            if (Property(root, "version", JsonValueKind.Number) is not { } version || !version.TryGetInt32(out int number) || number != 1)
                throw new InvalidDataException("\"version\" must be 1");
            CheckNames(root, "the document", ["format", "version", .. properties]);
            return read(root);
        }
        catch (JsonException e)
        {
            throw new InvalidDataException($"it is not JSON: line {e.LineNumber + 1}, character {e.BytePositionInLine + 1}");
        }
    }

    /// <summary>Refuses properties that are not known.</summary>
    public static void CheckNames(JsonElement element, string what, params ReadOnlySpan<string> known)
    {
        foreach (JsonProperty property in element.EnumerateObject())
            if (!known.Contains(property.Name))
                throw new InvalidDataException($"{what} has \"{property.Name}\", which is not known; known are {string.Join(", ", known.ToArray())}");
    }

    /// <summary>A text that must be there.</summary>
    public static string RequiredText(JsonElement element, string name, string what) =>
        Text(element, name) ?? throw new InvalidDataException($"{what} has no \"{name}\"");

    /// <summary>A text, or null.</summary>
    public static string? Text(JsonElement element, string name) => Property(element, name, JsonValueKind.String)?.GetString();

    /// <summary>A property of a kind, or null if it is not there.</summary>
    public static JsonElement? Property(JsonElement element, string name, JsonValueKind kind)
    {
        if (!element.TryGetProperty(name, out JsonElement value))
            return null;
        return value.ValueKind == kind ? value : throw new InvalidDataException($"\"{name}\" is {Word(value.ValueKind)}, must be {Word(kind)}");
    }

    /// <summary>A kind in words.</summary>
    public static string Word(JsonValueKind kind) => kind switch
    {
        JsonValueKind.Object => "an object",
        JsonValueKind.Array => "an array",
        JsonValueKind.String => "a text",
        JsonValueKind.Number => "a number",
        _ => kind.ToString().ToLowerInvariant(),
    };
}
