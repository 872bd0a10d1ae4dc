using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Ai3.NativeAot;

/// <summary>The functions of ai3.h that end runs early and watch them.</summary>
internal static unsafe class RunToolExports
{
    [UnmanagedCallersOnly(EntryPoint = "ai3_cancel_create", CallConvs = [typeof(CallConvCdecl)])]
    public static int CancelCreate(nint* cancel) => Guard.Run(() =>
    {
        AbiStruct.CheckTarget(cancel, "cancel");
        *cancel = Handles.Create(new CancelHandle());
    });

    [UnmanagedCallersOnly(EntryPoint = "ai3_cancel_request", CallConvs = [typeof(CallConvCdecl)])]
    public static int CancelRequest(nint cancel) => Guard.Run(() =>
    {
        using Lease<CancelHandle> lease = Handles.Use<CancelHandle>(cancel);
        lease.Target.Request();
    });

    [UnmanagedCallersOnly(EntryPoint = "ai3_cancel_free", CallConvs = [typeof(CallConvCdecl)])]
    public static int CancelFree(nint cancel) => Guard.Run(() => Handles.Free<CancelHandle>(cancel));

    [UnmanagedCallersOnly(EntryPoint = "ai3_profile_create", CallConvs = [typeof(CallConvCdecl)])]
    public static int ProfileCreate(nint* profile) => Guard.Run(() =>
    {
        AbiStruct.CheckTarget(profile, "profile");
        *profile = Handles.Create(new ProfileHandle());
    });

    [UnmanagedCallersOnly(EntryPoint = "ai3_profile_count", CallConvs = [typeof(CallConvCdecl)])]
    public static int ProfileCount(nint profile, int* count) => Guard.Run(() =>
    {
        AbiStruct.CheckTarget(count, "count");
        using Lease<ProfileHandle> lease = Handles.Use<ProfileHandle>(profile);
        *count = lease.Target.Count;
    });

    [UnmanagedCallersOnly(EntryPoint = "ai3_profile_step", CallConvs = [typeof(CallConvCdecl)])]
    public static int ProfileStep(nint profile, int index, AbiStep* step) => Guard.Run(() =>
    {
        using Lease<ProfileHandle> lease = Handles.Use<ProfileHandle>(profile);
        AbiStruct.Fill(step, lease.Target.Step(index));
    });

    [UnmanagedCallersOnly(EntryPoint = "ai3_profile_free", CallConvs = [typeof(CallConvCdecl)])]
    public static int ProfileFree(nint profile) => Guard.Run(() => Handles.Free<ProfileHandle>(profile));
}
