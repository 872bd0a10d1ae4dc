using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>
/// Weights [M, C/G, taps] with the channels innermost: [taps][M][C/G] or [M][taps][C/G]. Packed once where they are constant, else put into the
/// workspace by each run.
/// </summary>
internal static unsafe class TapWeights
{
    /// <summary>Elements from one output channel to the next; where the taps of a channel follow each other, spread over the sets of a cache.</summary>
    public static long Row(ConvProblem p, bool tapsFirst) => tapsFirst ? p.GroupInChannels : GemmPlan.PaddedRow(p.Depth);

    /// <summary>Bytes in the workspace, a whole number of cache lines.</summary>
    public static long WorkspaceBytes(ConvProblem p, bool tapsFirst) => p.HasConstantWeights ? 0 : Bytes(p, tapsFirst);

    /// <summary>Bytes that are packed.</summary>
    public static long PackedBytes(ConvProblem p, bool tapsFirst) => p.HasConstantWeights ? Bytes(p, tapsFirst) : 0;

    public static string? PackKey(ConvProblem p, bool tapsFirst) => p.HasConstantWeights ? $"conv_tap_weights/{(tapsFirst ? "kmc" : "mkc")}" : null;

    public static PackedConstants Pack(ConvProblem p, bool tapsFirst, IReadOnlyList<Tensor?> constants)
    {
        PackedConstants packed = PackedConstants.Allocate(Bytes(p, tapsFirst));
        Reorder(p, tapsFirst, (float*)constants[1]!.Address, (float*)packed.Address, WorkerPool.Single);
        GC.KeepAlive(constants);
        return packed;
    }

    public static void Reorder(ConvProblem p, bool tapsFirst, float* w, float* target, WorkerPool workers)
    {
        var body = new Body
        {
            Channels = (nint)p.GroupInChannels,
            Taps = (nint)p.Taps,
            Row = (nint)Row(p, tapsFirst),
            TapStep = (nint)(tapsFirst ? p.OutChannels * p.GroupInChannels : p.GroupInChannels),
            W = w,
            Target = target,
        };
        workers.For((int)p.OutChannels, ref body);
    }

    private static long Bytes(ConvProblem p, bool tapsFirst) =>
        ShapeMath.RoundUp(ShapeMath.Product([sizeof(float), p.OutChannels, Row(p, tapsFirst), tapsFirst ? p.Taps : 1]), NativeBuffer.Alignment);

    private struct Body : IParallelBody
    {
        public nint Channels, Taps, Row, TapStep;
        public float* W, Target;

        public readonly void Run(int begin, int end, int worker)
        {
            for (nint m = begin; m < end; m++)
                for (nint c = 0; c < Channels; c++)
                    for (nint tap = 0; tap < Taps; tap++)
                        Target[m * Row + tap * TapStep + c] = W[(m * Channels + c) * Taps + tap];
        }
    }
}
