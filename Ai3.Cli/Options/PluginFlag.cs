using System.CommandLine;
using Ai3.Ops;
using Ai3.Plugins;

namespace Ai3.Cli;

/// <summary><c>--plugin FILE</c>: shared libraries whose algorithms join the catalogue.</summary>
internal sealed class PluginFlag
{
    private readonly Option<string[]> _plugins = new("--plugin")
    {
        Description = "A shared library with algorithms, as ai3.h describes; it runs with all rights of this program.",
        HelpName = "FILE",
        DefaultValueFactory = _ => [],
    };

    public PluginFlag AddTo(Command command)
    {
        command.Add(_plugins);
        return this;
    }

    /// <summary>The libraries as they were given.</summary>
    public IReadOnlyList<string> Paths(ParseResult parse) => parse.GetValue(_plugins)!;

    /// <summary>The operators and algorithms, those of the libraries among them.</summary>
    public OpCatalog Read(ParseResult parse)
    {
        IReadOnlyList<string> paths = Paths(parse);
        if (paths.Count == 0)
            return OpCatalog.Default;
        var plugins = new PluginCatalog(OpCatalog.Default);
        foreach (string path in paths)
            plugins.Load(path);
        return plugins.Catalog;
    }
}
