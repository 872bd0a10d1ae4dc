using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Ai3.NativeAot;

/// <summary>The functions of ai3.h about results and values.</summary>
internal static unsafe class ResultExports
{
    [UnmanagedCallersOnly(EntryPoint = "ai3_result_count", CallConvs = [typeof(CallConvCdecl)])]
    public static int Count(nint result, int* count) => Guard.Run(() =>
    {
        AbiStruct.CheckTarget(count, "count");
        using Lease<ResultHandle> lease = Handles.Use<ResultHandle>(result);
        *count = lease.Target.Count;
    });

    [UnmanagedCallersOnly(EntryPoint = "ai3_result_tensor", CallConvs = [typeof(CallConvCdecl)])]
    public static int Tensor(nint result, int index, AbiTensor* tensor) => Guard.Run(() =>
    {
        using Lease<ResultHandle> lease = Handles.Use<ResultHandle>(result);
        AbiStruct.Fill(tensor, lease.Target.TensorAt(index));
    });

    [UnmanagedCallersOnly(EntryPoint = "ai3_result_value", CallConvs = [typeof(CallConvCdecl)])]
    public static int Value(nint result, int index, nint* value) => Guard.Run(() =>
    {
        AbiStruct.CheckTarget(value, "value");
        using Lease<ResultHandle> lease = Handles.Use<ResultHandle>(result);
        *value = lease.Target.ValueAt(index);
    });

    [UnmanagedCallersOnly(EntryPoint = "ai3_result_free", CallConvs = [typeof(CallConvCdecl)])]
    public static int Free(nint result) => Guard.Run(() => Handles.Free<ResultHandle>(result));

    [UnmanagedCallersOnly(EntryPoint = "ai3_value_kind", CallConvs = [typeof(CallConvCdecl)])]
    public static int ValueKind(nint value, int* kind) => Guard.Run(() =>
    {
        AbiStruct.CheckTarget(kind, "kind");
        using Lease<ValueHandle> lease = Handles.Use<ValueHandle>(value);
        *kind = (int)lease.Target.Kind;
    });

    [UnmanagedCallersOnly(EntryPoint = "ai3_value_count", CallConvs = [typeof(CallConvCdecl)])]
    public static int ValueCount(nint value, long* count) => Guard.Run(() =>
    {
        AbiStruct.CheckTarget(count, "count");
        using Lease<ValueHandle> lease = Handles.Use<ValueHandle>(value);
        *count = lease.Target.Count;
    });

    [UnmanagedCallersOnly(EntryPoint = "ai3_value_item", CallConvs = [typeof(CallConvCdecl)])]
    public static int ValueItem(nint value, long index, nint* item) => Guard.Run(() =>
    {
        AbiStruct.CheckTarget(item, "item");
        using Lease<ValueHandle> lease = Handles.Use<ValueHandle>(value);
        *item = lease.Target.Item(index);
    });

    [UnmanagedCallersOnly(EntryPoint = "ai3_value_key", CallConvs = [typeof(CallConvCdecl)])]
    public static int ValueKey(nint value, long index, long* number, byte** text) => Guard.Run(() =>
    {
        AbiStruct.CheckTarget(number, "number");
        AbiStruct.CheckTarget(text, "text");
        using Lease<ValueHandle> lease = Handles.Use<ValueHandle>(value);
        lease.Target.Key(index, number, text);
    });

    [UnmanagedCallersOnly(EntryPoint = "ai3_value_tensor", CallConvs = [typeof(CallConvCdecl)])]
    public static int ValueTensor(nint value, AbiTensor* tensor) => Guard.Run(() =>
    {
        using Lease<ValueHandle> lease = Handles.Use<ValueHandle>(value);
        AbiStruct.Fill(tensor, lease.Target.Tensor);
    });
}
