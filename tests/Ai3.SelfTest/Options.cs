using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using Ai3.Ops;

namespace Ai3.SelfTest;

/// <summary>The command line.</summary>
internal sealed record Options
{
    public const string Usage =
        """
        selftest: proves every algorithm row against its oracle at the instruction sets of this build
          --op NAME      only this operator (Conv, com.microsoft.Gelu, Softmax@13)
          --row NAME     only this row
          --isa LEVEL    only this level: scalar, v128, avx2, avx512
          --count N      checks for each row and level (24)
          --seed S       the seed (1); decimal or 0x
          --size N       how large dimensions may get (varies)
          --once         one check of exactly this seed and size: replays a failure
          --exhaustive N every N-th float32 through the functions of one element, and their worst errors; 1 for all
          --guard        operands next to unreadable pages, in child processes
          --fault NAME   the harness's own faulty row instead of the catalogue
        """;

    public string? Op { get; init; }

    public string? Row { get; init; }

    public IsaLevel? Isa { get; init; }

    public int Count { get; init; } = 24;

    public ulong Seed { get; init; } = 1;

    public int? Size { get; init; }

    public bool Once { get; init; }

    public bool Guard { get; init; }

    public Fault? Fault { get; init; }

    /// <summary>The distance of the floats of an exhaustive run; null for none.</summary>
    public uint? Exhaustive { get; init; }

    /// <summary>Set in a guard run's child: the first case to run, by index in the table.</summary>
    public int? ChildFrom { get; init; }

    public static bool TryParse(string[] args, [NotNullWhen(true)] out Options options, out string? error)
    {
        options = new Options();
        error = null;
        try
        {
            for (int i = 0; i < args.Length; i++)
                options = args[i] switch
                {
                    "--once" => options with { Once = true },
                    "--guard" => options with { Guard = true },
                    "--op" => options with { Op = args[++i] },
                    "--row" => options with { Row = args[++i] },
                    "--isa" => options with { Isa = Ops.Isa.Parse(args[++i]) },
                    "--count" => options with { Count = int.Parse(args[++i], CultureInfo.InvariantCulture) },
                    "--seed" => options with { Seed = ParseSeed(args[++i]) },
                    "--size" => options with { Size = int.Parse(args[++i], CultureInfo.InvariantCulture) },
                    "--exhaustive" => options with { Exhaustive = uint.Parse(args[++i], CultureInfo.InvariantCulture) },
                    "--fault" => options with { Fault = Enum.Parse<Fault>(args[++i], ignoreCase: true) },
                    "--child-from" => options with { ChildFrom = int.Parse(args[++i], CultureInfo.InvariantCulture) },
                    _ => throw new ArgumentException($"unknown option {args[i]}"),
                };
        }
        catch (Exception e) when (e is ArgumentException or FormatException or OverflowException or IndexOutOfRangeException)
        {
            error = e is IndexOutOfRangeException ? $"{args[^1]} needs a value" : e.Message;
        }
        return error is null;
    }

    private static ulong ParseSeed(string text) => text.StartsWith("0x", StringComparison.Ordinal)
        ? ulong.Parse(text.AsSpan(2), NumberStyles.HexNumber, CultureInfo.InvariantCulture)
        : ulong.Parse(text, CultureInfo.InvariantCulture);
}
