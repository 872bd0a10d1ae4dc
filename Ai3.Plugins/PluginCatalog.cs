using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Ai3.Ops;

namespace Ai3.Plugins;

/// <summary>A shared library cannot be loaded, or what it registers is no algorithm.</summary>
/// <param name="message">One line: what is wrong and what would be right.</param>
public sealed class PluginException(string message) : Exception(message);

/// <summary>A catalogue that function tables in C are added to. Libraries stay loaded until the process ends, since sessions may use them.</summary>
/// <remarks>A library runs with all rights of the process: load only what is trusted as the program itself is.</remarks>
public sealed unsafe class PluginCatalog
{
    /// <summary>The function that a library exports: <c>int32_t ai3_plugin_init(const ai3_plugin_host* host)</c>.</summary>
    public const string EntryPoint = "ai3_plugin_init";

    private readonly Lock _lock = new();
    private string? _failure;

    /// <summary>A catalogue that begins with the operators and algorithms of another.</summary>
    public PluginCatalog(OpCatalog catalog) => Catalog = catalog;

    /// <summary>The operators and algorithms so far.</summary>
    public OpCatalog Catalog { get; private set; }

    /// <summary>Loads a library and lets it register its algorithms.</summary>
    /// <param name="path">The library.</param>
    /// <exception cref="PluginException">It is no such library, or registers nothing, or what it registers is refused.</exception>
    public void Load(string path)
    {
        // A bare name would be searched in the system's folders.
        string full = Path.GetFullPath(path);
        if (!File.Exists(full))
            throw new PluginException($"there is no file '{path}'; give the path of a shared library");
        if (!NativeLibrary.TryLoad(full, out nint library))
            throw new PluginException($"'{path}' is no shared library of this system and processor, or one that it needs is missing");
        if (!NativeLibrary.TryGetExport(library, EntryPoint, out nint entry))
            throw new PluginException($"'{path}' exports no {EntryPoint}, which ai3.h describes");
        lock (_lock)
            Initialise(path, (delegate* unmanaged[Cdecl]<AbiPluginHost*, int>)entry);
    }

    /// <summary>Adds a convolution.</summary>
    /// <exception cref="ArgumentException">The table is wrong, or the name is taken.</exception>
    internal void RegisterConv2d(AbiConv2dAlgorithm* algorithm)
    {
        Algorithm<ConvProblem> row = Conv2dTable.RowOf(algorithm);
        lock (_lock)
            Catalog = Catalog.With("Conv", row);
    }

    /// <summary>Adds a matrix product, to Gemm and to MatMul.</summary>
    /// <exception cref="ArgumentException">The table is wrong, or the name is taken.</exception>
    internal void RegisterGemm(AbiGemmAlgorithm* algorithm)
    {
        Algorithm<GemmProblem> row = GemmTable.RowOf(algorithm);
        lock (_lock)
            Catalog = Catalog.With("Gemm", row).With("MatMul", row);
    }

    private void Initialise(string path, delegate* unmanaged[Cdecl]<AbiPluginHost*, int> entry)
    {
        OpCatalog before = Catalog;
        GCHandle self = GCHandle.Alloc(this);
        _failure = null;
        try
        {
            AbiPluginHost host = PluginAbi.New<AbiPluginHost>();
            host.Catalog = GCHandle.ToIntPtr(self);
            host.RegisterConv2d = &Register;
            host.RegisterGemm = &Register;
            int status = entry(&host);
            if (_failure is not null || status != 0)
                throw new PluginException(_failure is null ? $"'{path}': {EntryPoint} gives {status}" : $"'{path}': {_failure}");
            if (ReferenceEquals(before, Catalog))
                throw new PluginException($"'{path}' registers no algorithm");
        }
        catch
        {
            Catalog = before;
            throw;
        }
        finally
        {
            self.Free();
        }
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int Register(nint catalog, AbiConv2dAlgorithm* algorithm) => Guarded(catalog, self => self.RegisterConv2d(algorithm));

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int Register(nint catalog, AbiGemmAlgorithm* algorithm) => Guarded(catalog, self => self.RegisterGemm(algorithm));

    private static int Guarded(nint catalog, Action<PluginCatalog> register)
    {
        var self = (PluginCatalog)GCHandle.FromIntPtr(catalog).Target!;
        try
        {
            register(self);
            return 0;
        }
        catch (ArgumentException e)
        {
            self._failure ??= e.Message;
            return 1;
        }
    }
}
