using System.Runtime.InteropServices;

namespace Ai3.Plugins;

/// <summary>ai3_conv2d_problem of ai3.h.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct AbiConv2dProblem
{
    public uint StructSize;
    public uint AbiVersion;
    public int Dtype;
    public int Threads;
    public int HasBias;
    public int ConstantWeights;
    public long Batch;
    public long Group;
    public long InChannels;
    public long OutChannels;
    public long InHeight;
    public long InWidth;
    public long OutHeight;
    public long OutWidth;
    public long KernelHeight;
    public long KernelWidth;
    public long StrideHeight;
    public long StrideWidth;
    public long DilationHeight;
    public long DilationWidth;
    public long PadTop;
    public long PadLeft;
    public long PadBottom;
    public long PadRight;
}

/// <summary>ai3_conv2d_args of ai3.h.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct AbiConv2dArgs
{
    public uint StructSize;
    public uint AbiVersion;
    public void* X;
    public void* W;
    public void* Bias;
    public void* Y;
    public void* Workspace;
    public void* Packed;
    public nint Workers;
    public delegate* unmanaged[Cdecl]<nint, long, delegate* unmanaged[Cdecl]<void*, long, long, int, void>, void*, void> ParallelFor;
}

/// <summary>ai3_conv2d_algorithm of ai3.h.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct AbiConv2dAlgorithm
{
    public uint StructSize;
    public uint AbiVersion;
    public byte* Name;
    public byte* Source;
    public byte* Needs;
    public delegate* unmanaged[Cdecl]<AbiConv2dProblem*, byte*> Supports;
    public delegate* unmanaged[Cdecl]<AbiConv2dProblem*, long> WorkspaceBytes;
    public delegate* unmanaged[Cdecl]<AbiConv2dProblem*, long> PackedBytes;
    public delegate* unmanaged[Cdecl]<AbiConv2dProblem*, void*, void*, void> Pack;
    public delegate* unmanaged[Cdecl]<AbiConv2dProblem*, double> Cost;
    public delegate* unmanaged[Cdecl]<AbiConv2dProblem*, double> Error;
    public delegate* unmanaged[Cdecl]<AbiConv2dProblem*, AbiConv2dArgs*, void> Run;
    public int ErrorKind;
    public int SpreadsNan;
}

/// <summary>ai3_plugin_host of ai3.h.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct AbiPluginHost
{
    public uint StructSize;
    public uint AbiVersion;
    public nint Catalog;
    public delegate* unmanaged[Cdecl]<nint, AbiConv2dAlgorithm*, int> RegisterConv2d;
    public delegate* unmanaged[Cdecl]<nint, AbiGemmAlgorithm*, int> RegisterGemm;
}
