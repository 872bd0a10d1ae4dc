using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;
using Ai3.Plugins;
using Ai3.Tensors;

namespace Ai3.NativeAot.Tests;

/// <summary>Algorithms that are registered as C does it, and saved plans.</summary>
public unsafe class CatalogTests
{
    private static int s_runs;

    [Fact]
    public void ARegisteredConvolutionComputesByName()
    {
        nint catalog, model = Native.LoadDigits();
        Native.Check(Create(&catalog));
        Native.Check(Register(catalog, "zeros"));
        nint session = Compile(model, catalog, "Conv=zeros,auto");
        Native.Check(((delegate* unmanaged[Cdecl]<nint, int>)&CatalogExports.Free)(catalog));
        int before = s_runs;
        using Lease<SessionHandle> lease = Handles.Use<SessionHandle>(session);
        string[] conv = [.. lease.Target.Session.Plan!.Steps.Where(s => s.Op == "Conv").Select(s => s.Algorithm)];
        Assert.Contains("zeros", conv);
        lease.Target.Session.Run(("picture", Tensor.Zeros(DType.Float32, [1, 1, 24, 24]))).Dispose();
        Assert.True(s_runs > before);
    }

    [Fact]
    public void WrongTablesAreRefusedWithALine()
    {
        nint catalog;
        Native.Check(Create(&catalog));
        Native.Check(Register(catalog, "twice"));
        Assert.Contains("already has an algorithm named twice", Native.Fails(AbiStatus.Argument, Register(catalog, "twice")), StringComparison.Ordinal);
        Assert.Contains("snake_case", Native.Fails(AbiStatus.Argument, Register(catalog, "Not This")), StringComparison.Ordinal);
        AbiConv2dAlgorithm empty = Native.New<AbiConv2dAlgorithm>();
        empty.StructSize--;
        Assert.Contains("struct_size", Native.Fails(AbiStatus.Struct, Register(catalog, &empty)), StringComparison.Ordinal);
        Assert.Contains("there is no file 'none.so'", Native.Fails(AbiStatus.File, Load(catalog, "none.so")), StringComparison.Ordinal);
        Assert.Contains("no shared library", Native.Fails(AbiStatus.File, Load(catalog, Path.Combine(AppContext.BaseDirectory, "digits.onnx"))), StringComparison.Ordinal);
    }

    [Fact]
    public void APlanIsSavedAndDecides()
    {
        string path = Path.Combine(Path.GetTempPath(), $"ai3-plan-{Environment.ProcessId}.json");
        nint model = Native.LoadDigits(), session = Compile(model, 0, "Conv=gemm,auto");
        fixed (byte* file = Bytes(path))
        {
            Native.Check(((delegate* unmanaged[Cdecl]<nint, byte*, int>)&SessionExports.SavePlan)(session, file));
            AbiCompileOptions options = Native.New<AbiCompileOptions>();
            options.Plan = file;
            using Lease<SessionHandle> lease = Handles.Use<SessionHandle>(Native.Compile(model, &options));
            Assert.Contains(lease.Target.Session.Plan!.Steps, s => s.Algorithm == "gemm" && s.Op == "Conv");
            File.WriteAllText(path, "{}");
            nint refused;
            Assert.Contains("ai3-plan", Native.Fails(AbiStatus.Format, Native.TryCompile(model, &options, &refused)), StringComparison.Ordinal);
        }
        File.Delete(path);
    }

    private static nint Compile(nint model, nint catalog, string algorithm)
    {
        fixed (byte* text = Bytes(algorithm))
        {
            byte** algorithms = stackalloc byte*[1];
            algorithms[0] = text;
            AbiCompileOptions options = Native.New<AbiCompileOptions>();
            (options.Threads, options.Catalog, options.AlgorithmCount) = (1, catalog, 1);
            options.Algorithms = algorithms;
            return Native.Compile(model, &options);
        }
    }

    private static int Create(nint* catalog) => ((delegate* unmanaged[Cdecl]<nint*, int>)&CatalogExports.Create)(catalog);

    private static int Load(nint catalog, string path)
    {
        fixed (byte* text = Bytes(path))
            return ((delegate* unmanaged[Cdecl]<nint, byte*, int>)&CatalogExports.Load)(catalog, text);
    }

    private static int Register(nint catalog, AbiConv2dAlgorithm* table) =>
        ((delegate* unmanaged[Cdecl]<nint, AbiConv2dAlgorithm*, int>)&CatalogExports.RegisterConv2d)(catalog, table);

    private static int Register(nint catalog, string name)
    {
        fixed (byte* text = Bytes(name))
        {
            AbiConv2dAlgorithm table = Native.New<AbiConv2dAlgorithm>();
            table.Name = text;
            table.Supports = &Supports;
            table.Run = &Zeros;
            return Register(catalog, &table);
        }
    }

    private static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text + "\0");

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static byte* Supports(AbiConv2dProblem* problem) => problem->Dtype == (int)DType.Float32 ? null : Refusal;

    // The bytes of a literal are in the program's image, which stays.
    private static byte* Refusal => (byte*)Unsafe.AsPointer(ref MemoryMarshal.GetReference("needs f32"u8));

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void Zeros(AbiConv2dProblem* problem, AbiConv2dArgs* args)
    {
        s_runs++;
        new Span<float>(args->Y, checked((int)(problem->Batch * problem->OutChannels * problem->OutHeight * problem->OutWidth))).Clear();
    }
}
