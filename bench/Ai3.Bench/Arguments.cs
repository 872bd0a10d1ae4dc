using System.Globalization;

namespace Ai3.Bench;

/// <summary>What the command line asks for.</summary>
/// <param name="Models">Paths of models; the varied_* of the shared data if none is given.</param>
/// <param name="Threads">Threads of both runtimes.</param>
/// <param name="Rounds">Interleaved rounds.</param>
/// <param name="Dispatch">Measure what a step costs beside its kernel.</param>
/// <param name="Alloc">Measure managed allocation over repeated runs.</param>
/// <param name="Decode">Tokens to generate with decoders; 0 for none.</param>
internal sealed record Arguments(IReadOnlyList<string> Models, int Threads, int Rounds, bool Dispatch, bool Alloc, int Decode)
{
    public static bool TryParse(string[] args, out Arguments arguments)
    {
        var models = new List<string>();
        int threads = 1, rounds = 15, decode = 0;
        bool dispatch = false, alloc = false, good = true;
        for (int i = 0; i < args.Length && good; i++)
        {
            switch (args[i])
            {
                case "--threads":
                    good = TryNumber(args, ++i, out threads);
                    break;
                case "--rounds":
                    good = TryNumber(args, ++i, out rounds);
                    break;
                case "--decode":
                    good = TryNumber(args, ++i, out decode);
                    break;
                case "--dispatch":
                    dispatch = true;
                    break;
                case "--alloc":
                    alloc = true;
                    break;
                default:
                    good = !args[i].StartsWith('-');
                    models.Add(args[i]);
                    break;
            }
        }
        arguments = new Arguments(models.Count > 0 || !good ? models : SharedModels(), threads, rounds, dispatch, alloc, decode);
        return good;
    }

    public static int PrintHelp()
    {
        Console.Error.WriteLine("usage: Ai3.Bench [MODEL...] [--threads N] [--rounds N] [--dispatch] [--alloc] [--decode N]");
        Console.Error.WriteLine("  MODEL       model files; without any, the varied_* models of shared/data");
        Console.Error.WriteLine("  --dispatch  what a plan step costs beside its kernel");
        Console.Error.WriteLine("  --alloc     managed bytes allocated by 1000 runs");
        Console.Error.WriteLine("  --decode N  generate N tokens with decoders whose cache is inputs and outputs");
        return 2;
    }

    private static bool TryNumber(string[] args, int i, out int number)
    {
        number = 0;
        return i < args.Length && int.TryParse(args[i], NumberStyles.None, CultureInfo.InvariantCulture, out number) && number > 0;
    }

    private static List<string> SharedModels()
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            string models = Path.Combine(folder.FullName, "shared", "data", "models");
            if (Directory.Exists(models))
                return [.. Directory.EnumerateDirectories(models, "varied_*").Order(StringComparer.Ordinal).Select(d => Path.Combine(d, "model.onnx"))];
        }
        return [];
    }
}
