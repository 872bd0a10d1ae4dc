using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Ai3.Runtime;
using Ai3.Tensors;

namespace Ai3.NativeAot;

/// <summary>The functions of ai3.h about sessions and runs.</summary>
internal static unsafe class SessionExports
{
    [UnmanagedCallersOnly(EntryPoint = "ai3_compile", CallConvs = [typeof(CallConvCdecl)])]
    public static int Compile(nint model, AbiCompileOptions* options, nint* session) => Guard.Run(() =>
    {
        AbiStruct.CheckTarget(session, "session");
        CompileOptions read = AbiOptions.Compile(options);
        *session = Handles.Create(new SessionHandle(Handles.Use<ModelHandle>(model), read));
    });

    [UnmanagedCallersOnly(EntryPoint = "ai3_session_get_info", CallConvs = [typeof(CallConvCdecl)])]
    public static int GetInfo(nint session, AbiSessionInfo* info) => Guard.Run(() =>
    {
        using Lease<SessionHandle> lease = Handles.Use<SessionHandle>(session);
        AbiStruct.Fill(info, lease.Target.Info());
    });

    [UnmanagedCallersOnly(EntryPoint = "ai3_session_input", CallConvs = [typeof(CallConvCdecl)])]
    public static int Input(nint session, int index, AbiValueInfo* info) => Guard.Run(() =>
    {
        using Lease<SessionHandle> lease = Handles.Use<SessionHandle>(session);
        AbiStruct.Fill(info, lease.Target.Inputs[index]);
    });

    [UnmanagedCallersOnly(EntryPoint = "ai3_session_output", CallConvs = [typeof(CallConvCdecl)])]
    public static int Output(nint session, int index, AbiValueInfo* info) => Guard.Run(() =>
    {
        using Lease<SessionHandle> lease = Handles.Use<SessionHandle>(session);
        AbiStruct.Fill(info, lease.Target.Outputs[index]);
    });

    [UnmanagedCallersOnly(EntryPoint = "ai3_session_save_plan", CallConvs = [typeof(CallConvCdecl)])]
    public static int SavePlan(nint session, byte* path) => Guard.Run(() =>
    {
        using Lease<SessionHandle> lease = Handles.Use<SessionHandle>(session);
        Plan plan = lease.Target.Session.Plan ?? throw new AbiException(AbiStatus.Argument, "the session has no plan before its first run, since shapes are symbols; run it, or give numbers for dimensions");
        plan.Save(AbiText.Required(path, "path"));
    });

    [UnmanagedCallersOnly(EntryPoint = "ai3_session_free", CallConvs = [typeof(CallConvCdecl)])]
    public static int Free(nint session) => Guard.Run(() => Handles.Free<SessionHandle>(session));

    [UnmanagedCallersOnly(EntryPoint = "ai3_run", CallConvs = [typeof(CallConvCdecl)])]
    public static int Run(nint session, AbiRunOptions* options, AbiTensor* inputs, int inputCount, AbiTensor* outputs, int outputCount) => Guard.Run(() =>
    {
        using Lease<SessionHandle> lease = Handles.Use<SessionHandle>(session);
        SessionHandle target = lease.Target;
        Dictionary<string, Value> given = AbiTensors.Read(inputs, inputCount, "inputs", target.Session.Inputs);
        Dictionary<string, Value> wanted = AbiTensors.Read(outputs, outputCount, "outputs", target.Session.Outputs);
        if (wanted.FirstOrDefault(w => ((Tensor)w.Value).Type == DType.String).Key is { } text)
            throw new AbiException(AbiStatus.Kind, $"output '{text}' is of strings, whose memory is the library's; use ai3_run_alloc");
        using var settings = new RunSettings(options);
        target.Run(given, wanted, settings.Options);
    });

    [UnmanagedCallersOnly(EntryPoint = "ai3_run_alloc", CallConvs = [typeof(CallConvCdecl)])]
    public static int RunAlloc(nint session, AbiRunOptions* options, AbiTensor* inputs, int inputCount, nint* result) => Guard.Run(() =>
    {
        AbiStruct.CheckTarget(result, "result");
        using Lease<SessionHandle> lease = Handles.Use<SessionHandle>(session);
        Dictionary<string, Value> given = AbiTensors.Read(inputs, inputCount, "inputs", lease.Target.Session.Inputs);
        using var settings = new RunSettings(options);
        *result = Handles.Create(new ResultHandle(lease.Target.Session.Run(given, settings.Options)));
    });
}
