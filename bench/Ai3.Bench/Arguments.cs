using System.Globalization;

namespace Ai3.Bench;

/// <summary>What the command line asks for.</summary>
/// <param name="Models">Paths of models.</param>
/// <param name="Threads">Numbers of threads of both runtimes, one table each.</param>
/// <param name="Rounds">Interleaved rounds.</param>
/// <param name="Throughput">Measure items a second, in batches and with several callers.</param>
/// <param name="Dispatch">Measure what a step costs beside its kernel.</param>
/// <param name="Alloc">Measure managed allocation over repeated runs.</param>
/// <param name="Decode">Tokens to generate with decoders; 0 for none.</param>
/// <param name="Create">Measure the time to a session and to its first answer, and peak memory.</param>
/// <param name="Layers">Time the ai3 paper's single layers by every algorithm.</param>
/// <param name="Save">Write the results to bench/results.</param>
internal sealed record Arguments(
    IReadOnlyList<string> Models, IReadOnlyList<int> Threads, int Rounds, bool Throughput, bool Dispatch, bool Alloc, int Decode, bool Create, bool Layers, bool Save)
{
    public static bool TryParse(string[] args, out Arguments arguments)
    {
        var models = new List<string>();
        var threads = new List<int>();
        int rounds = 15, decode = 0;
        bool good = true;
        var flags = new HashSet<string>(StringComparer.Ordinal);
        for (int i = 0; i < args.Length && good; i++)
        {
            switch (args[i])
            {
                case "--threads":
                    good = TryList(args, ++i, threads);
                    break;
                case "--rounds":
                    good = TryNumber(args, ++i, out rounds);
                    break;
                case "--decode":
                    good = TryNumber(args, ++i, out decode);
                    break;
                case "--list":
                    good = ++i < args.Length && ModelList.TryRead(args[i], models);
                    break;
                case "--throughput" or "--dispatch" or "--alloc" or "--create" or "--layers" or "--save":
                    flags.Add(args[i]);
                    break;
                default:
                    good = !args[i].StartsWith('-') && ModelList.TryAdd(args[i], models);
                    break;
            }
        }
        if (threads.Count == 0)
            threads.AddRange(Environment.ProcessorCount > 1 ? [1, 2] : [1]);
        arguments = new Arguments(models.Count > 0 || !good ? models : ModelList.Default(), threads, rounds,
            flags.Contains("--throughput"), flags.Contains("--dispatch"), flags.Contains("--alloc"), decode, flags.Contains("--create"), flags.Contains("--layers"), flags.Contains("--save"));
        return good;
    }

    public static int PrintHelp()
    {
        Console.Error.WriteLine("""
            usage: Ai3.Bench [MODEL...] [--list FILE] [--threads N[,N...]] [--rounds N] [--throughput] [--dispatch] [--alloc] [--decode N] [--create] [--layers] [--save]
              MODEL         model files, folders (every .onnx file in them), or zoo:NAME; without any, the varied_* models of shared/data
              --list        a file with a path on each line; - is standard input
              --threads     threads of both runtimes, a table for each number (default: 1,2)
              --throughput  items a second: one caller, batches of 8, two callers
              --dispatch    what a plan step costs beside its kernel
              --alloc       managed bytes allocated by 1000 runs
              --decode      generate N tokens with decoders whose cache is inputs and outputs
              --create      time from a file to a session and to its first answer, and peak memory
              --layers      the ai3 paper's single convolutions by every algorithm: time, workspace, error
              --save        write the results to bench/results/<cpu>
            """);
        return 2;
    }

    private static bool TryList(string[] args, int i, List<int> numbers)
    {
        if (i >= args.Length)
            return false;
        foreach (string part in args[i].Split(','))
        {
            if (!TryNumber([part], 0, out int number))
                return false;
            numbers.Add(number);
        }
        return true;
    }

    private static bool TryNumber(string[] args, int i, out int number)
    {
        number = 0;
        return i < args.Length && int.TryParse(args[i], NumberStyles.None, CultureInfo.InvariantCulture, out number) && number > 0;
    }
}
