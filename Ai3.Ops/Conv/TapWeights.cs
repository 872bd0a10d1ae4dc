using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>
/// Weights [M, C/G, taps] with the channels innermost: [taps][M][C/G] or [M][taps][C/G]. Packed once where they are constant, else put into the
/// workspace by each run.
/// </summary>
internal static unsafe class TapWeights
{
    /// <summary>Bytes of the reordered weights, a whole number of cache lines.</summary>
    public static long Bytes(ConvProblem p) => ShapeMath.RoundUp(ShapeMath.Product([sizeof(float), p.OutChannels, p.GroupInChannels, p.Taps]), NativeBuffer.Alignment);

    /// <summary>Bytes in the workspace.</summary>
    public static long WorkspaceBytes(ConvProblem p) => p.HasConstantWeights ? 0 : Bytes(p);

    /// <summary>Bytes that are packed.</summary>
    public static long PackedBytes(ConvProblem p) => p.HasConstantWeights ? Bytes(p) : 0;

    public static string? PackKey(ConvProblem p, bool tapsFirst) => p.HasConstantWeights ? $"conv_tap_weights/{(tapsFirst ? "kmc" : "mkc")}" : null;

    public static PackedConstants Pack(ConvProblem p, bool tapsFirst, IReadOnlyList<Tensor?> constants)
    {
        PackedConstants packed = PackedConstants.Allocate(Bytes(p));
        Reorder(new ConvGeometry(p), tapsFirst, (float*)constants[1]!.Address, (float*)packed.Address, WorkerPool.Single);
        GC.KeepAlive(constants);
        return packed;
    }

    public static void Reorder(ConvGeometry g, bool tapsFirst, float* w, float* target, WorkerPool workers)
    {
        var body = new Body { G = g, TapsFirst = tapsFirst, W = w, Target = target };
        workers.For(g.OutChannels, ref body);
    }

    private struct Body : IParallelBody
    {
        public ConvGeometry G;
        public bool TapsFirst;
        public float* W, Target;

        public readonly void Run(int begin, int end, int worker)
        {
            nint channels = G.GroupChannels, taps = G.Taps;
            nint row = TapsFirst ? channels : taps * channels, tapStep = TapsFirst ? G.OutChannels * channels : channels;
            for (nint m = begin; m < end; m++)
                for (nint c = 0; c < channels; c++)
                    for (nint tap = 0; tap < taps; tap++)
                        Target[m * row + tap * tapStep + c] = W[(m * channels + c) * taps + tap];
        }
    }
}
