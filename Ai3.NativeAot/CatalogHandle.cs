using Ai3.Ops;
using Ai3.Plugins;

namespace Ai3.NativeAot;

/// <summary>ai3_catalog: operators and algorithms, with those that C adds.</summary>
internal sealed class CatalogHandle : IHandleTarget
{
    public static string TypeName => "ai3_catalog";

    public PluginCatalog Plugins { get; } = new(OpCatalog.Default);

    // Functions of libraries may be in use by sessions.
    public void Dispose() { }
}
