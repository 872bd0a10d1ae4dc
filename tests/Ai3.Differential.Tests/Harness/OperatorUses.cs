namespace Ai3.Differential.Tests;

/// <summary>How random uses of one operator are made and how near the results must be.</summary>
/// <param name="Name">The operator.</param>
/// <param name="Tolerance">How far floats may differ.</param>
/// <param name="Generate">Draws attributes and inputs.</param>
/// <param name="Since">The first version that is drawn.</param>
/// <param name="Until">The last version that is drawn.</param>
/// <param name="Domain">The operator's domain.</param>
internal sealed record OperatorUses(string Name, Tolerance Tolerance, Action<UseBuilder> Generate,
    int Since = 7, int Until = Versions.Newest, string Domain = "")
{
    public string QualifiedName => Domain.Length == 0 ? Name : $"{Domain}.{Name}";

    public Use Make(Draw draw)
    {
        var builder = new UseBuilder(this, draw);
        Generate(builder);
        return builder.Build();
    }
}

internal static class Versions
{
    /// <summary>The newest version of ai.onnx that both sides know.</summary>
    public const int Newest = 25;
}
