namespace Ai3.Onnx;

/// <summary>A file written beside its place and moved there when it is complete: a model mapped from the old file stays whole.</summary>
internal sealed class FileReplacement : IDisposable
{
    private readonly string _path;
    private readonly string _temporary;
    private bool _done;

    public FileReplacement(string path)
    {
        _path = path;
        _temporary = $"{path}.{Guid.NewGuid():N}.tmp";
        Stream = new FileStream(_temporary, FileMode.CreateNew, FileAccess.Write, FileShare.None, bufferSize: 0);
    }

    public FileStream Stream { get; }

    /// <summary>Puts the file in its place.</summary>
    public void Commit()
    {
        Stream.Dispose();
        File.Move(_temporary, _path, overwrite: true);
        _done = true;
    }

    public void Dispose()
    {
        Stream.Dispose();
        if (!_done)
            File.Delete(_temporary);
    }
}
