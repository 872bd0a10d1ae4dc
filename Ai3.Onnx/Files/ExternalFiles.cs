using System.Globalization;
using Ai3.Onnx.Protos;
using Ai3.Runtime;
using Ai3.Tensors;
using Google.Protobuf.Collections;
using Microsoft.Win32.SafeHandles;

namespace Ai3.Onnx;

/// <summary>Where a tensor's bytes are in another file.</summary>
/// <param name="Location">A relative path with forward slashes, inside the model's folder.</param>
/// <param name="Offset">The first byte.</param>
/// <param name="Length">How many bytes; null where the file does not say.</param>
internal readonly record struct ExternalLocation(string Location, long Offset, long? Length)
{
    /// <summary>Reads and checks the entries, as text only.</summary>
    public static ExternalLocation Read(RepeatedField<StringStringEntryProto> entries, string what)
    {
        string? location = null;
        long? offset = null, length = null;
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (StringStringEntryProto entry in entries)
        {
            if (!seen.Add(entry.Key))
                throw new OnnxFormatException($"{what}: external data gives '{entry.Key}' twice");
            switch (entry.Key)
            {
                case "location":
                    location = entry.Value;
                    break;
                case "offset":
                    offset = Number(entry, what);
                    break;
                case "length":
                    length = Number(entry, what);
                    break;
                case "checksum":
                    break;
                default:
                    throw new OnnxFormatException($"{what}: external data has the key '{entry.Key}'; known are location, offset, length and checksum");
            }
        }
        if (location is null)
            throw new OnnxFormatException($"{what}: external data has no location");
        CheckPath(location, what);
        return new ExternalLocation(location, offset ?? 0, length);
    }

    private static long Number(StringStringEntryProto entry, string what) =>
        long.TryParse(entry.Value, NumberStyles.None, CultureInfo.InvariantCulture, out long number) ? number
            : throw new OnnxFormatException($"{what}: external data has {entry.Key} '{entry.Value}'; it is a number from 0 to 2^63-1");

    private static void CheckPath(string path, string what)
    {
        bool escapes = path.Length == 0 || path[0] == '/' || path[^1] == '/' || path.Contains('\\') || path.Contains('\0')
            || (OperatingSystem.IsWindows() && path.Contains(':'))
            || path.Split('/').Any(part => part is ".." or "");
        if (escapes)
            throw new OnnxFormatException($"{what}: external data is at '{path}'; it must be a relative path with forward slashes that stays in the model's folder");
    }
}

/// <summary>Opens files of external data, each once, and only inside the model's folder.</summary>
/// <param name="modelFile">The model's own file: where a link to it leads, data may be beside it too. Null for a model without one.</param>
/// <param name="folder">The folder; null where there is none.</param>
/// <param name="limits">Limits.</param>
/// <param name="storage">What keeps the files' bytes.</param>
internal sealed class ExternalFiles(string? modelFile, string? folder, ImportLimits limits, ModelStorage storage) : IDisposable
{
    private readonly Dictionary<string, OpenFile> _files = new(StringComparer.Ordinal);
    private readonly List<SafeFileHandle> _handles = [];
    private string[]? _realFolders;
    private long _copied;

    private readonly record struct OpenFile(SafeFileHandle Handle, long Length, MappedFile? Mapped);

    /// <summary>The bytes of one tensor.</summary>
    public Tensor Load(ExternalLocation where, DType type, Shape shape, string what)
    {
        long bytes = type.ByteCount(shape.Count);
        if (where.Length is long said && said != bytes)
            throw new OnnxFormatException($"{what}: external data has {said} bytes, {type.ShortName()}{shape} takes {bytes}");
        OpenFile file = Open(where, bytes, what);
        CheckRange(where, bytes, file.Length, what);
        if (file.Mapped is not null)
            return Tensor.Over(file.Mapped, where.Offset, type, shape);
        if (bytes > limits.ExternalBytes - _copied)
            throw new LimitExceededException($"{what}: external data takes more than {limits.ExternalBytes} bytes together");
        _copied += bytes;
        PinnedBuffer copy = FileBytes.Copy(file.Handle, where.Offset, bytes, where.Location);
        storage.Add(copy);
        return Tensor.Over(copy, 0, type, shape);
    }

    private static void CheckRange(ExternalLocation where, long bytes, long fileLength, string what)
    {
        if (where.Offset > fileLength || bytes > fileLength - where.Offset)
            throw new OnnxFormatException($"{what}: external data is {bytes} bytes at {where.Offset} of '{where.Location}', which has {fileLength} bytes");
    }

    private OpenFile Open(ExternalLocation where, long bytes, string what)
    {
        if (_files.TryGetValue(where.Location, out OpenFile file))
            return file;
        if (folder is null)
            throw new OnnxFormatException($"{what}: external data is at '{where.Location}', but a model without a path has no folder; give a base folder");
        try
        {
            file = Open(folder, where, bytes, what);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new OnnxFormatException($"{what}: external data at '{where.Location}' cannot be opened: {e.Message}", null, e);
        }
        _files.Add(where.Location, file);
        return file;
    }

    private OpenFile Open(string folder, ExternalLocation where, long bytes, string what)
    {
        string path = Path.Combine(folder, where.Location);
        var info = new FileInfo(path);
        if (!info.Exists)
            throw new OnnxFormatException($"{what}: external data is at '{where.Location}', but '{path}' does not exist");
        // Before the file is opened, because opening a pipe would wait for a writer: pipes and devices have length 0.
        if (info.LinkTarget is null)
            CheckRange(where, bytes, info.Length, what);
        else if (info.ResolveLinkTarget(returnFinalTarget: true) is not FileInfo { Exists: true, Length: > 0 })
            throw new OnnxFormatException($"{what}: external data is at '{where.Location}', a link to what is no file");
        SafeFileHandle handle = File.OpenHandle(path);
        _handles.Add(handle);
        string real = RealPath.Of(handle, path);
        _realFolders ??= [.. RealFolders(folder)];
        if (!_realFolders.Any(f => real.StartsWith(f, StringComparison.Ordinal)))
            throw new OnnxFormatException($"{what}: external data is at '{where.Location}', which links to '{real}' outside of the model's folder");
        long length = RandomAccess.GetLength(handle);
        MappedFile? mapped = null;
        if (limits.MapFiles)
            storage.Add(mapped = new MappedFile(handle, length));
        return new OpenFile(handle, length, mapped);
    }

    // A cache may keep the files themselves in one folder and links with their names in another.
    private IEnumerable<string> RealFolders(string given)
    {
        yield return Path.TrimEndingDirectorySeparator(RealPath.Of(given)) + Path.DirectorySeparatorChar;
        if (modelFile is not null && Path.GetDirectoryName(RealPath.Of(modelFile)) is string real)
            yield return Path.TrimEndingDirectorySeparator(real) + Path.DirectorySeparatorChar;
    }

    public void Dispose() => _handles.ForEach(h => h.Dispose());
}
