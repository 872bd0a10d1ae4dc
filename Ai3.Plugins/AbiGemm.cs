using System.Runtime.InteropServices;

namespace Ai3.Plugins;

/// <summary>ai3_gemm_problem of ai3.h.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct AbiGemmProblem
{
    public uint StructSize;
    public uint AbiVersion;
    public int Dtype;
    public int Threads;
    public int TransA;
    public int TransB;
    public int HasC;
    public int ConstantB;
    public long Batch;
    public long M;
    public long N;
    public long K;
    public long StrideA;
    public long StrideB;
    public long StrideCRow;
    public long StrideCColumn;
    public double Alpha;
    public double Beta;
}

/// <summary>ai3_gemm_args of ai3.h.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct AbiGemmArgs
{
    public uint StructSize;
    public uint AbiVersion;
    public void* A;
    public void* B;
    public void* C;
    public void* Y;
    public void* Workspace;
    public void* Packed;
    public nint Workers;
    public delegate* unmanaged[Cdecl]<nint, long, delegate* unmanaged[Cdecl]<void*, long, long, int, void>, void*, void> ParallelFor;
}

/// <summary>ai3_gemm_algorithm of ai3.h.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct AbiGemmAlgorithm
{
    public uint StructSize;
    public uint AbiVersion;
    public byte* Name;
    public byte* Source;
    public byte* Needs;
    public delegate* unmanaged[Cdecl]<AbiGemmProblem*, byte*> Supports;
    public delegate* unmanaged[Cdecl]<AbiGemmProblem*, long> WorkspaceBytes;
    public delegate* unmanaged[Cdecl]<AbiGemmProblem*, long> PackedBytes;
    public delegate* unmanaged[Cdecl]<AbiGemmProblem*, void*, void*, void> Pack;
    public delegate* unmanaged[Cdecl]<AbiGemmProblem*, double> Cost;
    public delegate* unmanaged[Cdecl]<AbiGemmProblem*, double> Error;
    public delegate* unmanaged[Cdecl]<AbiGemmProblem*, AbiGemmArgs*, void> Run;
    public int ErrorKind;
    public int SpreadsNan;
}
