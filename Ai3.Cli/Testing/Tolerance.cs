using System.Globalization;
using System.Text.Json;

namespace Ai3.Cli;

/// <summary>How far a result may be from the expected one: |got - expected| &lt;= Absolute + Relative |expected|.</summary>
/// <param name="Relative">The share of the expected value.</param>
/// <param name="Absolute">The part that is always allowed; 1 or more lets integers differ too.</param>
internal readonly record struct Tolerance(double Relative, double Absolute)
{
    /// <summary>What the ONNX backend tests use.</summary>
    public static Tolerance Default => new(1e-3, 1e-7);

    /// <summary>True if integers may differ.</summary>
    public bool CoversIntegers => Absolute >= 1;

    /// <summary>What is allowed beside an expected value.</summary>
    public double Allowed(double expected) => Absolute + Relative * Math.Abs(expected);

    /// <summary>The tolerance in a case's <c>data.json</c>; what the file does not say stays the default.</summary>
    /// <exception cref="InvalidDataException">The file is not a JSON object with numbers of 0 or more.</exception>
    public static Tolerance Read(string path)
    {
        Tolerance tolerance = Default;
        if (!File.Exists(path))
            return tolerance;
        try
        {
            using JsonDocument document = JsonDocument.Parse(File.ReadAllBytes(path));
            return new Tolerance(Number(document.RootElement, "rtol", tolerance.Relative), Number(document.RootElement, "atol", tolerance.Absolute));
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or FormatException)
        {
            throw new InvalidDataException($"{Path.GetFileName(path)} is not a JSON object with numbers rtol and atol: {e.Message}");
        }
    }

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"rtol {Relative:0.###e0}, atol {Absolute:0.###e0}");

    private static double Number(JsonElement root, string name, double fallback)
    {
        if (!root.TryGetProperty(name, out JsonElement element))
            return fallback;
        double value = element.GetDouble();
        return value >= 0 ? value : throw new FormatException($"{name} is {value}, must be 0 or more");
    }
}
