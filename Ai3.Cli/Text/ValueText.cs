using System.Text.Json;
using Ai3.Tensors;

namespace Ai3.Cli;

/// <summary>Prints values: type, shape and the first elements; as JSON all elements.</summary>
internal static class ValueText
{
    private const int Shown = 8;

    /// <summary>One line, such as <c>f32[1,3] = 0.5, 1, 2</c>.</summary>
    public static string Line(Value value) => value switch
    {
        Tensor t => $"{t.Type.ShortName()}{t.Shape} = {First(t)}",
        SequenceValue s => $"{s.Fact} of {s.Items.Count}: {Some(s.Items.Select(Line), s.Items.Count)}",
        MapValue m => $"{m.Fact} of {m.Entries.Count}: {Some(m.Entries.Select(e => $"{e.Key} -> {Line(e.Value)}"), m.Entries.Count)}",
        OptionalValue { Content: { } content } => $"optional {Line(content)}",
        _ => $"{value.Fact} absent",
    };

    /// <summary>The value as JSON: type, shape and every element.</summary>
    public static void Write(Utf8JsonWriter json, Value value)
    {
        json.WriteStartObject();
        json.WriteString("type", value is Tensor typed ? typed.Type.ShortName() : value.Fact.ToString());
        switch (value)
        {
            case Tensor tensor:
                WriteTensor(json, tensor);
                break;
            case SequenceValue sequence:
                json.WriteStartArray("items");
                foreach (Value item in sequence.Items)
                    Write(json, item);
                json.WriteEndArray();
                break;
            case MapValue map:
                json.WriteStartArray("entries");
                foreach ((object key, Value item) in map.Entries)
                {
                    json.WriteStartObject();
                    json.WriteString("key", key.ToString());
                    json.WritePropertyName("value");
                    Write(json, item);
                    json.WriteEndObject();
                }
                json.WriteEndArray();
                break;
            case OptionalValue { Content: { } content }:
                json.WritePropertyName("value");
                Write(json, content);
                break;
        }
        json.WriteEndObject();
    }

    private static void WriteTensor(Utf8JsonWriter json, Tensor tensor)
    {
        json.WriteStartArray("shape");
        foreach (long dim in tensor.Shape)
            json.WriteNumberValue(dim);
        json.WriteEndArray();
        json.WriteStartArray("values");
        var elements = new Elements(tensor);
        for (int i = 0; i < tensor.Count; i++)
            WriteElement(json, tensor, elements, i);
        json.WriteEndArray();
    }

    private static void WriteElement(Utf8JsonWriter json, Tensor tensor, Elements elements, int i)
    {
        switch (tensor.Type)
        {
            case DType.String:
                json.WriteStringValue(tensor.AsStrings()[i]);
                break;
            case DType.Bool:
                json.WriteBooleanValue(tensor.AsSpan<bool>()[i]);
                break;
            case DType.Float32 when float.IsFinite(tensor.AsSpan<float>()[i]):
                json.WriteNumberValue(tensor.AsSpan<float>()[i]);
                break;
            case DType.Complex64 or DType.Complex128:
                json.WriteStringValue(elements.Text(i));
                break;
            case DType.UInt64:
                json.WriteNumberValue(tensor.AsSpan<ulong>()[i]);
                break;
            default:
                if (Elements.IsWhole(tensor.Type))
                    json.WriteNumberValue((long)elements.Whole(i));
                else
                    json.WriteReal(elements.Real(i));
                break;
        }
    }

    private static string First(Tensor tensor)
    {
        if (tensor.Count == 0)
            return "(no elements)";
        var elements = new Elements(tensor);
        return Some(Enumerable.Range(0, (int)Math.Min(tensor.Count, Shown)).Select(elements.Text), tensor.Count);
    }

    private static string Some(IEnumerable<string> items, long count) => string.Join(", ", items.Take(Shown)) + (count > Shown ? ", ..." : "");
}
