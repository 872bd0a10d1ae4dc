namespace Ai3.Cli;

/// <summary>A model in the ONNX backend format, on disk or inside a .zip file.</summary>
/// <param name="Name">What to call it: the folder's name.</param>
/// <param name="Archive">The .zip file that holds it; null for a folder on disk.</param>
/// <param name="Folder">The folder on disk, or the path inside the archive, <c>/</c> at the end unless empty.</param>
internal sealed record TestCase(string Name, string? Archive, string Folder)
{
    /// <summary>False for a folder with a model but no data set: nothing to compare with.</summary>
    public bool HasData { get; init; } = true;
}
