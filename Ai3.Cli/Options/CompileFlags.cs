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
        Description = "Algorithms of an operator, or of the nodes of a name (* is any text): the first that applies; a list without 'auto' is strict.",
        HelpName = "OP=NAME[,NAME...]|node:PATTERN=NAME[,NAME...]",
        DefaultValueFactory = _ => [],
    };

    private readonly Option<string?> _rules = new("--rules") { Description = "A JSON file of such choices; --algo goes before it.", HelpName = "FILE" };
    private readonly Option<string?> _plan = new("--plan") { Description = "A plan that --save-plan wrote: every node as it says, or an error.", HelpName = "FILE" };

    private readonly PluginFlag _plugins = new();

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
        command.Add(_rules);
        command.Add(_plan);
        _plugins.AddTo(command);
        command.Add(_threads);
        command.Add(_isa);
        command.Add(_dimensions);
        command.Add(_rewrites);
        command.Add(_untrusted);
        return this;
    }

    /// <summary>Adds the options of a command that needs a catalogue and no model.</summary>
    public CompileFlags AddPluginsTo(Command command)
    {
        _plugins.AddTo(command);
        command.Add(_isa);
        return this;
    }

    /// <exception cref="UsageException">A value is not one of the possible ones.</exception>
    public CompileOptions Read(ParseResult parse)
    {
        OpCatalog catalog = _plugins.Read(parse);
        return new CompileOptions
        {
            Catalog = catalog,
            Threads = Threads(parse),
            Isa = Level(parse),
            Dimensions = Dimensions(parse),
            DisabledRewrites = DisabledRewrites(parse),
            Limits = parse.GetValue(_untrusted) ? RunLimits.Untrusted : RunLimits.Default,
            Selection = SelectionOf(parse, catalog),
            Plan = parse.GetValue(_plan) is { } plan ? SavedPlan.Load(Existing("--plan", plan)) : null,
        };
    }

    /// <summary>The plug-ins.</summary>
    public PluginFlag Plugins => _plugins;

    /// <summary>A path of a file that is there.</summary>
    public static string Existing(string option, string path) =>
        File.Exists(path) ? path : throw new UsageException($"{option}: there is no file '{path}'");

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

    private Selection? SelectionOf(ParseResult parse, OpCatalog catalog)
    {
        string[] algorithms = parse.GetValue(_algorithms)!;
        string? rules = parse.GetValue(_rules);
        if (parse.GetValue(_plan) is not null && (rules is not null || algorithms.Length > 0))
            throw new UsageException("--plan decides every node; leave out --algo and --rules, or the plan");
        Selection? start = rules is null ? null : Selection.Load(Existing("--rules", rules));
        return algorithms.Length == 0 ? start : AlgorithmOption.Read(algorithms, catalog, start);
    }

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
