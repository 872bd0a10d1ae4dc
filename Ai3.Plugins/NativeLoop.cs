using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Ai3.Ops;

namespace Ai3.Plugins;

/// <summary>ai3_parallel_for: lets an algorithm in C split its outer loop over the workers of the run.</summary>
internal static unsafe class NativeLoop
{
    private struct Body : IParallelBody
    {
        public delegate* unmanaged[Cdecl]<void*, long, long, int, void> Function;
        public void* Context;

        public readonly void Run(int begin, int end, int worker) => Function(Context, begin, end, worker);
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    public static void For(nint workers, long count, delegate* unmanaged[Cdecl]<void*, long, long, int, void> function, void* context)
    {
        if (count <= 0 || function == null)
            return;
        if (count > int.MaxValue)
        {
            function(context, 0, count, 0);
            return;
        }
        var body = new Body { Function = function, Context = context };
        ((WorkerPool)GCHandle.FromIntPtr(workers).Target!).For((int)count, ref body);
    }
}
