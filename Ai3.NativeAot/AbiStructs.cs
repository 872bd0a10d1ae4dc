using System.Runtime.InteropServices;

namespace Ai3.NativeAot;

/// <summary>The first two members of every struct of ai3.h.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct AbiHeader
{
    public uint StructSize;
    public uint AbiVersion;
}

/// <summary>ai3_tensor of ai3.h.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct AbiTensor
{
    public uint StructSize;
    public uint AbiVersion;
    public byte* Name;
    public int Dtype;
    public int Rank;
    public long* Dims;
    public void* Data;
    public nuint ByteLength;
}

/// <summary>ai3_value_info of ai3.h.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct AbiValueInfo
{
    public uint StructSize;
    public uint AbiVersion;
    public byte* Name;
    public int Kind;
    public int Dtype;
    public int Rank;
    public int Reserved;
    public long* Dims;
    public byte** Symbols;
    public byte* Text;
}

/// <summary>ai3_model_info of ai3.h.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct AbiModelInfo
{
    public uint StructSize;
    public uint AbiVersion;
    public int InputCount;
    public int OutputCount;
    public long IrVersion;
    public long ModelVersion;
    public byte* GraphName;
    public byte* Producer;
    public byte* Domain;
    public byte* Description;
    public int OpsetCount;
    public int PropertyCount;
    public byte** OpsetDomains;
    public long* OpsetVersions;
    public byte** PropertyKeys;
    public byte** PropertyValues;
}

/// <summary>ai3_session_info of ai3.h.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct AbiSessionInfo
{
    public uint StructSize;
    public uint AbiVersion;
    public int InputCount;
    public int OutputCount;
    public int Threads;
    public int StepCount;
    public byte* Isa;
    public long ArenaBytes;
    public long WorkspaceBytes;
    public long PackedBytes;
    public long ConstantBytes;
}

/// <summary>ai3_step of ai3.h.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct AbiStep
{
    public uint StructSize;
    public uint AbiVersion;
    public byte* Name;
    public byte* Op;
    public byte* Algorithm;
    public byte* Problem;
    public double Start;
    public double Duration;
    public double Flops;
}

/// <summary>ai3_load_options of ai3.h.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct AbiLoadOptions
{
    public uint StructSize;
    public uint AbiVersion;
    public int Untrusted;
    public int Reserved;
}

/// <summary>ai3_compile_options of ai3.h.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct AbiCompileOptions
{
    public uint StructSize;
    public uint AbiVersion;
    public int Threads;
    public int Untrusted;
    public byte* Isa;
    public byte** Algorithms;
    public byte** DisabledRewrites;
    public byte** DimNames;
    public long* DimValues;
    public int AlgorithmCount;
    public int DisabledRewriteCount;
    public int DimCount;
    public int StrictNan;
    public long MaxTensorBytes;
    public long MaxSessionBytes;
    public long MaxFoldedBytes;
    public long MaxLoopTrips;
    public long MaxRunMilliseconds;
    public nint Catalog;
    public byte* Plan;
    public byte* Rules;
}

/// <summary>ai3_run_options of ai3.h.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct AbiRunOptions
{
    public uint StructSize;
    public uint AbiVersion;
    public nint Cancel;
    public nint Profile;
}
