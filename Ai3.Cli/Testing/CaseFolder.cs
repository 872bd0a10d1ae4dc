using System.IO.Compression;

namespace Ai3.Cli;

/// <summary>A case's files on disk: the folder itself, or a temporary copy of what an archive holds, deleted at the end.</summary>
internal sealed class CaseFolder : IDisposable
{
    private const long MaxBytes = 4L << 30;
    private const int MaxEntries = 100_000;
    private readonly string? _temporary;

    private CaseFolder(string path, string? temporary)
    {
        FullPath = path;
        _temporary = temporary;
    }

    /// <summary>The folder.</summary>
    public string FullPath { get; }

    /// <exception cref="InvalidDataException">The archive names files outside its own folder, or unpacks to too much.</exception>
    public static CaseFolder Open(TestCase test)
    {
        if (test.Archive is null)
            return new CaseFolder(test.Folder, null);
        string folder = Directory.CreateTempSubdirectory("ai3-case-").FullName;
        try
        {
            Unpack(test, folder);
            return new CaseFolder(folder, folder);
        }
        catch
        {
            Directory.Delete(folder, recursive: true);
            throw;
        }
    }

    public void Dispose()
    {
        if (_temporary is not null)
            Directory.Delete(_temporary, recursive: true);
    }

    private static void Unpack(TestCase test, string folder)
    {
        using ZipArchive archive = ZipFile.OpenRead(test.Archive!);
        string inside = Path.GetFullPath(folder) + Path.DirectorySeparatorChar;
        long budget = MaxBytes;
        int entries = 0;
        foreach (ZipArchiveEntry entry in archive.Entries)
        {
            if (!entry.FullName.StartsWith(test.Folder, StringComparison.Ordinal) || entry.Name.Length == 0)
                continue;
            string relative = entry.FullName[test.Folder.Length..];
            string target = Path.GetFullPath(Path.Combine(folder, relative));
            if (!target.StartsWith(inside, StringComparison.Ordinal))
                throw new InvalidDataException($"{test.Archive} holds '{entry.FullName}', which is outside the case's folder");
            if (++entries > MaxEntries)
                throw new InvalidDataException($"{test.Archive} holds more than {MaxEntries} files in one case");
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            budget = Copy(entry, target, budget);
        }
    }

    // Counts the bytes that come out, whatever the archive says about itself.
    private static long Copy(ZipArchiveEntry entry, string target, long budget)
    {
        using Stream source = entry.Open();
        using FileStream file = File.Create(target);
        var buffer = new byte[81920];
        for (int read; (read = source.Read(buffer)) > 0;)
        {
            budget -= read;
            if (budget < 0)
                throw new InvalidDataException($"'{entry.FullName}' unpacks to more than {MaxBytes} bytes");
            file.Write(buffer, 0, read);
        }
        return budget;
    }
}
