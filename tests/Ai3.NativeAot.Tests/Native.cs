using System.Collections.Immutable;
using System.Runtime.InteropServices;
using Ai3.Ops;
using Ai3.Runtime;
using Ai3.Tensors;

namespace Ai3.NativeAot.Tests;

/// <summary>Calls the exported functions as C does.</summary>
internal static unsafe class Native
{
    public static string Error => Marshal.PtrToStringUTF8((nint)Call(&ModelExports.GetLastError))!;

    public static void Check(int status)
    {
        if (status != 0)
            Assert.Fail($"{(AbiStatus)status}: {Error}");
    }

    /// <summary>Asserts a status and gives the message.</summary>
    public static string Fails(AbiStatus expected, int status)
    {
        Assert.Equal(expected, (AbiStatus)status);
        Assert.DoesNotContain('\n', Error);
        return Error;
    }

    public static T New<T>() where T : unmanaged
    {
        T value = default;
        *(AbiHeader*)&value = new AbiHeader { StructSize = (uint)sizeof(T), AbiVersion = AbiStruct.Version };
        return value;
    }

    public static string Text(byte* text) => Marshal.PtrToStringUTF8((nint)text)!;

    public static nint LoadDigits()
    {
        byte[] bytes = File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "digits.onnx"));
        nint model;
        fixed (byte* p = bytes)
            Check(((delegate* unmanaged[Cdecl]<byte*, nuint, AbiLoadOptions*, nint*, int>)&ModelExports.LoadBytes)(p, (nuint)bytes.Length, null, &model));
        return model;
    }

    public static nint Compile(nint model, AbiCompileOptions* options = null)
    {
        nint session;
        Check(TryCompile(model, options, &session));
        return session;
    }

    public static int TryCompile(nint model, AbiCompileOptions* options, nint* session) =>
        ((delegate* unmanaged[Cdecl]<nint, AbiCompileOptions*, nint*, int>)&SessionExports.Compile)(model, options, session);

    public static int Run(nint session, AbiRunOptions* options, AbiTensor[] inputs, AbiTensor[] outputs)
    {
        fixed (AbiTensor* i = inputs, o = outputs)
            return ((delegate* unmanaged[Cdecl]<nint, AbiRunOptions*, AbiTensor*, int, AbiTensor*, int, int>)&SessionExports.Run)(
                session, options, i, inputs.Length, o, outputs.Length);
    }

    public static int RunAlloc(nint session, AbiTensor[] inputs, nint* result)
    {
        fixed (AbiTensor* i = inputs)
            return ((delegate* unmanaged[Cdecl]<nint, AbiRunOptions*, AbiTensor*, int, nint*, int>)&SessionExports.RunAlloc)(session, null, i, inputs.Length, result);
    }

    public static int FreeModel(nint handle) => ((delegate* unmanaged[Cdecl]<nint, int>)&ModelExports.Free)(handle);

    public static int FreeSession(nint handle) => ((delegate* unmanaged[Cdecl]<nint, int>)&SessionExports.Free)(handle);

    public static int FreeResult(nint handle) => ((delegate* unmanaged[Cdecl]<nint, int>)&ResultExports.Free)(handle);

    /// <summary>A handle of a model of a few nodes.</summary>
    public static nint ModelOf(ValueSpec[] inputs, string[] outputs, params NodeSpec[] nodes)
    {
        var graph = new GraphSpec("g", [.. inputs], [.. outputs.Select(o => new ValueSpec(o, null))], [], [.. nodes], []);
        return Handles.Create(new ModelHandle(Model.Create(graph, new Dictionary<string, int> { [""] = 17, ["ai.onnx.ml"] = 3 })));
    }

    public static NodeSpec Node(string op, string[] inputs, string[] outputs, Attributes? attributes = null, string domain = "") =>
        new(outputs[0], domain, op, [.. inputs], [.. outputs], attributes ?? Attributes.Empty, ImmutableSortedDictionary<string, GraphSpec>.Empty);

    private static byte* Call(delegate* unmanaged[Cdecl]<byte*> function) => function();
}

/// <summary>A tensor in native memory of a test.</summary>
internal sealed unsafe class NativeTensor : IDisposable
{
    private readonly NativeArena _arena = new();
    private readonly NativeBuffer _data;

    public NativeTensor(string name, DType type, params long[] dims)
    {
        long bytes = type == DType.String ? dims.Aggregate(8L, (a, b) => a * b) : type.ByteCount(dims.Aggregate(1L, (a, b) => a * b));
        _data = new NativeBuffer(bytes, clear: true);
        AbiTensor tensor = Native.New<AbiTensor>();
        tensor.Name = _arena.Text(name);
        tensor.Dtype = (int)type;
        tensor.Rank = dims.Length;
        tensor.Dims = _arena.Numbers(dims);
        tensor.Data = (void*)_data.Address;
        tensor.ByteLength = (nuint)bytes;
        Abi = tensor;
    }

    public NativeTensor(string name, string[] texts) : this(name, DType.String, texts.Length)
    {
        for (int i = 0; i < texts.Length; i++)
            ((byte**)_data.Address)[i] = _arena.Text(texts[i]);
    }

    public AbiTensor Abi { get; }

    public Span<float> Floats => new((void*)_data.Address, (int)(Abi.ByteLength / 4));

    public void Dispose()
    {
        _data.Dispose();
        _arena.Dispose();
    }
}
