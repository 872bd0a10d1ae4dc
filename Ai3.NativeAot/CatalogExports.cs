using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Ai3.Plugins;

namespace Ai3.NativeAot;

/// <summary>The functions of ai3.h about algorithms of the caller's own.</summary>
internal static unsafe class CatalogExports
{
    [UnmanagedCallersOnly(EntryPoint = "ai3_catalog_create", CallConvs = [typeof(CallConvCdecl)])]
    public static int Create(nint* catalog) => Guard.Run(() =>
    {
        AbiStruct.CheckTarget(catalog, "catalog");
        *catalog = Handles.Create(new CatalogHandle());
    });

    [UnmanagedCallersOnly(EntryPoint = "ai3_catalog_load", CallConvs = [typeof(CallConvCdecl)])]
    public static int Load(nint catalog, byte* path) => Guard.Run(() =>
    {
        using Lease<CatalogHandle> lease = Handles.Use<CatalogHandle>(catalog);
        lease.Target.Plugins.Load(AbiText.Required(path, "path"));
    });

    [UnmanagedCallersOnly(EntryPoint = "ai3_register_conv2d", CallConvs = [typeof(CallConvCdecl)])]
    public static int RegisterConv2d(nint catalog, AbiConv2dAlgorithm* algorithm) => Guard.Run(() =>
    {
        using Lease<CatalogHandle> lease = Handles.Use<CatalogHandle>(catalog);
        AbiStruct.Check(algorithm);
        lease.Target.Plugins.RegisterConv2d(algorithm);
    });

    [UnmanagedCallersOnly(EntryPoint = "ai3_register_gemm", CallConvs = [typeof(CallConvCdecl)])]
    public static int RegisterGemm(nint catalog, AbiGemmAlgorithm* algorithm) => Guard.Run(() =>
    {
        using Lease<CatalogHandle> lease = Handles.Use<CatalogHandle>(catalog);
        AbiStruct.Check(algorithm);
        lease.Target.Plugins.RegisterGemm(algorithm);
    });

    [UnmanagedCallersOnly(EntryPoint = "ai3_catalog_free", CallConvs = [typeof(CallConvCdecl)])]
    public static int Free(nint catalog) => Guard.Run(() => Handles.Free<CatalogHandle>(catalog));
}
