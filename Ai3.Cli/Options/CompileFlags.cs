using System.Collections.Immutable;
using System.CommandLine;
using Ai3.Onnx;
using Ai3.Ops;
using Ai3.Runtime;

namespace Ai3.Cli;

/// <summary>The options that say how a model is compiled, the same in every command that compiles one.</summary>
internal sealed class CompileFlags
{
    private readonly Option<string[]> _algorithms = new("--algo")
    {
        Description = "Algorithms of an operator: the first that applies; a list without 'auto' is strict.",
        HelpName = "OP=NAME[,NAME...]",
        DefaultValueFactory = _ => [],
    };

    private readonly Option<int> _threads = new("--threads") { Description = "Threads that compute (default: one per core).", HelpName = "N" };

    private readonly Option<string?> _isa = new("--isa") { Description = $"Instruction set: {string.Join(", ", IsaNames)} (default: the best).", HelpName = "LEVEL" };

    private readonly Option<string[]> _dimensions = new("--dim")
    {
        Description = "A number for a symbolic dimension.",
        HelpName = "SYMBOL=N",
        DefaultValueFactory = _ => [],
    };

    private readonly Option<string[]> _rewrites = new("--no-rewrite")
    {
        Description = $"A rewrite to leave out: {string.Join(", ", CompileOptions.RewriteNames)}.",
        HelpName = "NAME",
        DefaultValueFactory = _ => [],
    };

    private readonly Option<bool> _untrusted = new("--untrusted") { Description = "Tight limits, for a model from anywhere: memory, folding, loop trips, 30 s a run." };

    private static IEnumerable<string> IsaNames => Enum.GetNames<IsaLevel>().Select(n => n.ToLowerInvariant());

    /// <summary>Adds the options to a command.</summary>
    public CompileFlags AddTo(Command command)
    {
        command.Add(_algorithms);
        command.Add(_threads);
        command.Add(_isa);
        command.Add(_dimensions);
        command.Add(_rewrites);
        command.Add(_untrusted);
        return this;
    }

    /// <exception cref="UsageException">A value is not one of the possible ones.</exception>
    public CompileOptions Read(ParseResult parse)
    {
        string[] algorithms = parse.GetValue(_algorithms)!;
        return new CompileOptions
        {
            Threads = Threads(parse),
            Isa = Level(parse),
            Dimensions = Dimensions(parse),
            DisabledRewrites = DisabledRewrites(parse),
            Limits = parse.GetValue(_untrusted) ? RunLimits.Untrusted : RunLimits.Default,
            Selection = algorithms.Length == 0 ? null : AlgorithmOption.Read(algorithms, OpCatalog.Default),
        };
    }

    /// <summary>Threads that compute.</summary>
    public int Threads(ParseResult parse)
    {
        if (parse.GetResult(_threads) is null)
            return Environment.ProcessorCount;
        int threads = parse.GetValue(_threads);
        return threads is >= 1 and <= 1024 ? threads : throw new UsageException($"--threads {threads} is outside 1 to 1024");
    }

    /// <summary>The instruction set asked for; null for the best.</summary>
    public IsaLevel? Level(ParseResult parse)
    {
        if (parse.GetValue(_isa) is not { } name)
            return null;
        if (!IsaNames.Contains(name.ToLowerInvariant()))
            throw new UsageException($"--isa {name} is not an instruction set; it is one of {string.Join(", ", IsaNames)}");
        IsaLevel level = Enum.Parse<IsaLevel>(name, ignoreCase: true);
        return Isa.Supported.Contains(level) ? level
            : throw new UsageException($"--isa {name} is not available here; this build and machine have {string.Join(", ", Isa.Supported).ToLowerInvariant()}");
    }

    /// <summary>What a file may hold.</summary>
    public ImportLimits ImportLimits(ParseResult parse) => parse.GetValue(_untrusted) ? Ai3.Onnx.ImportLimits.Untrusted : Ai3.Onnx.ImportLimits.Default;

    private ImmutableHashSet<string> DisabledRewrites(ParseResult parse)
    {
        string[] names = parse.GetValue(_rewrites)!;
        if (names.FirstOrDefault(n => !CompileOptions.RewriteNames.Contains(n)) is { } unknown)
            throw new UsageException($"--no-rewrite {unknown} is not a rewrite{Suggestion.For(unknown, CompileOptions.RewriteNames)} (rewrites are {string.Join(", ", CompileOptions.RewriteNames)})");
        return [.. names];
    }

    private Dictionary<string, long> Dimensions(ParseResult parse)
    {
        var dimensions = new Dictionary<string, long>(StringComparer.Ordinal);
        foreach (string entry in parse.GetValue(_dimensions)!)
        {
            int equals = entry.LastIndexOf('=');
            if (equals <= 0 || !long.TryParse(entry[(equals + 1)..], out long size) || size < 0)
                throw new UsageException($"--dim {entry} is not SYMBOL=N with N a number of 0 or more, such as batch=1");
            dimensions[entry[..equals]] = size;
        }
        return dimensions;
    }
}
