using System.Collections.Immutable;
using System.Globalization;
using Ai3.Testing;

namespace Ai3.Cli;

/// <summary>What is to be proven.</summary>
internal sealed record CheckRequest
{
    public required string Name { get; init; }

    public required string? Op { get; init; }

    public required ImmutableArray<string> Plugins { get; init; }

    public required ProofOptions Options { get; init; }

    /// <summary>The command line that repeats one problem.</summary>
    public string Replay(string op, string isa, string seed, string size) =>
        string.Join(' ', ["ai3 check-algorithm", Name, "--op", op, "--isa", isa, "--seed", seed, "--size", size, "--once", .. Plugins.Select(p => $"--plugin {p}")]);

    /// <summary>The arguments of a child that does the work.</summary>
    public IEnumerable<string> ChildArguments()
    {
        yield return "check-algorithm";
        yield return Name;
        yield return "--in-process";
        foreach ((string option, string? value) in new[]
        {
            ("--op", Op),
            ("--count", Options.Count.ToString(CultureInfo.InvariantCulture)),
            ("--seed", Options.Seed.ToString(CultureInfo.InvariantCulture)),
            ("--size", Options.Size?.ToString(CultureInfo.InvariantCulture)),
            ("--isa", Options.Isa?.ToString().ToLowerInvariant()),
        })
        {
            if (value is null)
                continue;
            yield return option;
            yield return value;
        }
        if (Options.Once)
            yield return "--once";
        foreach (string plugin in Plugins)
        {
            yield return "--plugin";
            yield return plugin;
        }
    }
}
