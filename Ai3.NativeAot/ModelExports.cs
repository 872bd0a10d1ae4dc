using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Ai3.Onnx;

namespace Ai3.NativeAot;

/// <summary>The functions of ai3.h about the library and about models.</summary>
internal static unsafe class ModelExports
{
    private static readonly NativeArena s_arena = new();
    private static readonly byte* s_version = s_arena.Text(typeof(ModelExports).Assembly.GetName().Version!.ToString(3));

    [UnmanagedCallersOnly(EntryPoint = "ai3_abi_version", CallConvs = [typeof(CallConvCdecl)])]
    public static int AbiVersion() => AbiStruct.Version;

    [UnmanagedCallersOnly(EntryPoint = "ai3_version", CallConvs = [typeof(CallConvCdecl)])]
    public static byte* Version() => s_version;

    [UnmanagedCallersOnly(EntryPoint = "ai3_last_error", CallConvs = [typeof(CallConvCdecl)])]
    public static byte* GetLastError() => LastError.Text;

    [UnmanagedCallersOnly(EntryPoint = "ai3_model_load", CallConvs = [typeof(CallConvCdecl)])]
    public static int Load(byte* path, AbiLoadOptions* options, nint* model) => Guard.Run(() =>
    {
        AbiStruct.CheckTarget(model, "model");
        string file = AbiText.Required(path, "path");
        if (!File.Exists(file))
            throw new AbiException(AbiStatus.File, $"there is no file '{file}'; give the path of an ONNX file");
        *model = Handles.Create(new ModelHandle(OnnxModel.Load(file, AbiOptions.Load(options))));
    });

    [UnmanagedCallersOnly(EntryPoint = "ai3_model_load_bytes", CallConvs = [typeof(CallConvCdecl)])]
    public static int LoadBytes(byte* bytes, nuint length, AbiLoadOptions* options, nint* model) => Guard.Run(() =>
    {
        AbiStruct.CheckTarget(model, "model");
        if (bytes == null && length > 0)
            throw new AbiException(AbiStatus.Argument, "bytes is NULL");
        using var stream = new UnmanagedMemoryStream(bytes, checked((long)length));
        *model = Handles.Create(new ModelHandle(OnnxModel.Load(stream, AbiOptions.Load(options))));
    });

    [UnmanagedCallersOnly(EntryPoint = "ai3_model_get_info", CallConvs = [typeof(CallConvCdecl)])]
    public static int GetInfo(nint model, AbiModelInfo* info) => Guard.Run(() =>
    {
        using Lease<ModelHandle> lease = Handles.Use<ModelHandle>(model);
        AbiStruct.Fill(info, lease.Target.Info);
    });

    [UnmanagedCallersOnly(EntryPoint = "ai3_model_input", CallConvs = [typeof(CallConvCdecl)])]
    public static int Input(nint model, int index, AbiValueInfo* info) => Guard.Run(() =>
    {
        using Lease<ModelHandle> lease = Handles.Use<ModelHandle>(model);
        AbiStruct.Fill(info, lease.Target.Inputs[index]);
    });

    [UnmanagedCallersOnly(EntryPoint = "ai3_model_output", CallConvs = [typeof(CallConvCdecl)])]
    public static int Output(nint model, int index, AbiValueInfo* info) => Guard.Run(() =>
    {
        using Lease<ModelHandle> lease = Handles.Use<ModelHandle>(model);
        AbiStruct.Fill(info, lease.Target.Outputs[index]);
    });

    [UnmanagedCallersOnly(EntryPoint = "ai3_model_free", CallConvs = [typeof(CallConvCdecl)])]
    public static int Free(nint model) => Guard.Run(() => Handles.Free<ModelHandle>(model));
}
