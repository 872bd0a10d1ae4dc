using System.Runtime.InteropServices;

namespace Ai3.NativeAot;

/// <summary>ai3_tensor of ai3.h.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct AbiTensor
{
    public nuint StructSize;
    public byte* Name;
    public int Type;
    public int Rank;
    public long* Dims;
    public void* Data;
    public nuint ByteLength;
}

/// <summary>ai3_value_info of ai3.h.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct AbiValueInfo
{
    public const int MaxRank = 16;

    public nuint StructSize;
    public byte* Name;
    public int Type;
    public int Rank;
    public fixed long Dims[MaxRank];
}

/// <summary>ai3_load_options of ai3.h.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct AbiLoadOptions
{
    public nuint StructSize;
    public int Untrusted;
}

/// <summary>ai3_compile_options of ai3.h.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct AbiCompileOptions
{
    public nuint StructSize;
    public int Threads;
    public int Untrusted;
    public byte* Isa;
    public byte* Selection;
}
