using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Ai3.Onnx;
using Ai3.Ops;
using Ai3.Runtime;
using Ai3.Tensors;

namespace Ai3.NativeAot;

/// <summary>The functions of ai3.h. None lets an exception out.</summary>
internal static unsafe class Exports
{
    private const int AbiVersion = 1;

    [UnmanagedCallersOnly(EntryPoint = "ai3_abi_version", CallConvs = [typeof(CallConvCdecl)])]
    public static int GetAbiVersion() => AbiVersion;

    [UnmanagedCallersOnly(EntryPoint = "ai3_last_error", CallConvs = [typeof(CallConvCdecl)])]
    public static byte* GetLastError() => LastError.Text;

    [UnmanagedCallersOnly(EntryPoint = "ai3_model_load", CallConvs = [typeof(CallConvCdecl)])]
    public static int ModelLoad(byte* path, AbiLoadOptions* options, nint* model)
    {
        try
        {
            *model = Handles.Create(new ModelHandle(OnnxModel.Load(Required(path, "path"), LimitsOf(options))));
            return 0;
        }
        catch (Exception e)
        {
            return Fail(e);
        }
    }

    [UnmanagedCallersOnly(EntryPoint = "ai3_model_load_bytes", CallConvs = [typeof(CallConvCdecl)])]
    public static int ModelLoadBytes(byte* bytes, nuint length, AbiLoadOptions* options, nint* model)
    {
        try
        {
            if (bytes == null && length > 0)
                throw new ArgumentException("bytes is NULL");
            using var stream = new UnmanagedMemoryStream(bytes, checked((long)length));
            *model = Handles.Create(new ModelHandle(OnnxModel.Load(stream, LimitsOf(options))));
            return 0;
        }
        catch (Exception e)
        {
            return Fail(e);
        }
    }

    [UnmanagedCallersOnly(EntryPoint = "ai3_model_input_count", CallConvs = [typeof(CallConvCdecl)])]
    public static int ModelInputCount(nint model) => CountOf(model, static m => m.Inputs.Count);

    [UnmanagedCallersOnly(EntryPoint = "ai3_model_output_count", CallConvs = [typeof(CallConvCdecl)])]
    public static int ModelOutputCount(nint model) => CountOf(model, static m => m.Outputs.Count);

    [UnmanagedCallersOnly(EntryPoint = "ai3_model_input", CallConvs = [typeof(CallConvCdecl)])]
    public static int ModelInput(nint model, int index, AbiValueInfo* info) => Describe(model, static m => m.Inputs, index, info);

    [UnmanagedCallersOnly(EntryPoint = "ai3_model_output", CallConvs = [typeof(CallConvCdecl)])]
    public static int ModelOutput(nint model, int index, AbiValueInfo* info) => Describe(model, static m => m.Outputs, index, info);

    [UnmanagedCallersOnly(EntryPoint = "ai3_compile", CallConvs = [typeof(CallConvCdecl)])]
    public static int Compile(nint model, AbiCompileOptions* options, nint* session)
    {
        try
        {
            *session = Handles.Create(Handles.Get<ModelHandle>(model).Model.Compile(OptionsOf(options)));
            return 0;
        }
        catch (Exception e)
        {
            return Fail(e);
        }
    }

    [UnmanagedCallersOnly(EntryPoint = "ai3_run", CallConvs = [typeof(CallConvCdecl)])]
    public static int Run(nint session, AbiTensor* inputs, int inputCount, AbiTensor* outputs, int outputCount)
    {
        try
        {
            var target = Handles.Get<Session>(session);
            using Binding binding = target.CreateBinding();
            for (int i = 0; i < inputCount; i++)
                binding.SetInput(NameOf(inputs + i, "inputs", i), TensorOf(inputs + i));
            for (int i = 0; i < outputCount; i++)
                binding.SetOutput(NameOf(outputs + i, "outputs", i), TensorOf(outputs + i));
            target.Run(binding);
            return 0;
        }
        catch (Exception e)
        {
            return Fail(e);
        }
    }

    [UnmanagedCallersOnly(EntryPoint = "ai3_session_free", CallConvs = [typeof(CallConvCdecl)])]
    public static void SessionFree(nint session) => Handles.Free(session);

    [UnmanagedCallersOnly(EntryPoint = "ai3_model_free", CallConvs = [typeof(CallConvCdecl)])]
    public static void ModelFree(nint model) => Handles.Free(model);

    private static int CountOf(nint model, Func<Model, int> count)
    {
        try
        {
            return count(Handles.Get<ModelHandle>(model).Model);
        }
        catch (Exception e)
        {
            Fail(e);
            return -1;
        }
    }

    private static int Describe(nint model, Func<Model, IReadOnlyList<GraphValue>> list, int index, AbiValueInfo* info)
    {
        try
        {
            var handle = Handles.Get<ModelHandle>(model);
            IReadOnlyList<GraphValue> values = list(handle.Model);
            if (index < 0 || index >= values.Count)
                throw new ArgumentException($"index {index} is outside [0, {values.Count - 1}]");
            CheckSize(info->StructSize, sizeof(AbiValueInfo), "ai3_value_info");
            TensorFact? fact = values[index].Tensor;
            info->Name = handle.NameOf(values[index]);
            info->Type = (int)(fact?.Type ?? DType.Undefined);
            info->Rank = fact?.Shape is { Rank: <= AbiValueInfo.MaxRank } shape ? shape.Rank : -1;
            for (int i = 0; i < info->Rank; i++)
                info->Dims[i] = fact!.Shape![i].TryGetValue(out long dim) ? dim : -1;
            return 0;
        }
        catch (Exception e)
        {
            return Fail(e);
        }
    }

    private static ImportLimits LimitsOf(AbiLoadOptions* options)
    {
        if (options == null)
            return ImportLimits.Default;
        CheckSize(options->StructSize, sizeof(AbiLoadOptions), "ai3_load_options");
        return options->Untrusted != 0 ? ImportLimits.Untrusted : ImportLimits.Default;
    }

    private static CompileOptions OptionsOf(AbiCompileOptions* options)
    {
        if (options == null)
            return new CompileOptions();
        CheckSize(options->StructSize, sizeof(AbiCompileOptions), "ai3_compile_options");
        return new CompileOptions
        {
            Threads = options->Threads,
            Limits = options->Untrusted != 0 ? RunLimits.Untrusted : RunLimits.Default,
            Isa = options->Isa == null ? null : Isa.Parse(Text(options->Isa)),
            Selection = options->Selection == null ? null : SelectionOf(Text(options->Selection)),
        };
    }

    private static Selection SelectionOf(string text)
    {
        var selectors = new Dictionary<string, Selector>(StringComparer.Ordinal);
        foreach (string entry in text.Split(';', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            string[] parts = entry.Split('=', 2, StringSplitOptions.TrimEntries);
            if (parts.Length != 2)
                throw new ArgumentException($"selection '{entry}' is not of the form Conv=name,auto");
            selectors[parts[0]] = parts[1];
        }
        return Selection.Of(selectors);
    }

    private static string NameOf(AbiTensor* tensor, string list, int index)
    {
        CheckSize(tensor->StructSize, sizeof(AbiTensor), "ai3_tensor");
        return Required(tensor->Name, $"{list}[{index}].name");
    }

    private static Tensor TensorOf(AbiTensor* tensor)
    {
        if (tensor->Rank < 0 || (tensor->Rank > 0 && tensor->Dims == null))
            throw new ArgumentException($"'{Text(tensor->Name)}' has rank {tensor->Rank} and dims {(tensor->Dims == null ? "NULL" : "set")}");
        Shape shape = Shape.Create(new ReadOnlySpan<long>(tensor->Dims, tensor->Rank));
        var type = (DType)tensor->Type;
        if (!type.IsDefined() || type == DType.String)
            throw new ArgumentException($"'{Text(tensor->Name)}' has element type {tensor->Type}, which has no C form");
        if (tensor->Data == null && shape.Count > 0)
            throw new ArgumentException($"'{Text(tensor->Name)}' has no data");
        long bytes = checked((long)tensor->ByteLength);
        if (bytes != type.ByteCount(shape.Count))
            throw new ArgumentException($"'{Text(tensor->Name)}' is {type.ShortName()}{shape} of {type.ByteCount(shape.Count)} bytes, got {bytes}");
        return Tensor.Borrow(type, shape, (nint)tensor->Data, bytes);
    }

    private static void CheckSize(nuint given, int wanted, string name)
    {
        if (given < (nuint)wanted)
            throw new ArgumentException($"{name}.struct_size is {given}, must be {wanted} (interface version {AbiVersion})");
    }

    private static string Required(byte* text, string what) => text == null ? throw new ArgumentException($"{what} is NULL") : Text(text);

    private static string Text(byte* text) => Marshal.PtrToStringUTF8((nint)text)!;

    private static int Fail(Exception e)
    {
        LastError.Set(e.Message);
        return 1;
    }
}
