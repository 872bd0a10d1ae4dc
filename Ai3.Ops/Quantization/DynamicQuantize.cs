using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>
/// scale = (max(0, x) - min(0, x)) / 255, zero = round(saturate(-min / scale)), y = saturate(round(x / scale) + zero). NaN is no part
/// of the range and gives 0.
/// </summary>
internal static unsafe class DynamicQuantize
{
    private const int Grain = 16384;

    /// <summary>Bytes of workspace: the range of each part.</summary>
    public static long WorkspaceBytes(long count) => 2 * sizeof(float) * Parts(count);

    /// <summary>Quantises x [count] to y [count].</summary>
    public static (float Scale, byte Zero) Run<S, V>(float* x, byte* y, long count, float* ranges, WorkerPool workers)
        where S : struct, ISimd<V> where V : unmanaged
    {
        var body = new Body<S, V> { X = x, Y = y, Count = count, Grain = GrainOf(count), Ranges = ranges };
        int parts = (int)Parts(count);
        workers.For(parts, ref body);
        float low = 0, high = 0;
        for (int i = 0; i < parts; i++)
            (low, high) = (ranges[2 * i] < low ? ranges[2 * i] : low, ranges[2 * i + 1] > high ? ranges[2 * i + 1] : high);
        float scale = (low == high ? 1 : high - low) / 255;
        float offset = 0f - low / scale;
        byte zero = float.IsNaN(offset) ? (byte)0 : (byte)MathF.Round(Math.Clamp(offset, 0, 255));
        (body.Quantize, body.Scale, body.Zero) = (true, scale, zero);
        workers.For(parts, ref body);
        return (scale, zero);
    }

    private static long GrainOf(long count) => Math.Max(Grain, count / 1_000_000);

    private static long Parts(long count) => ShapeMath.CeilDiv(count, GrainOf(count));

    private struct Body<S, V> : IParallelBody where S : struct, ISimd<V> where V : unmanaged
    {
        public float* X;
        public byte* Y;
        public float* Ranges;
        public long Count, Grain;
        public bool Quantize;
        public float Scale;
        public byte Zero;

        public readonly void Run(int begin, int end, int worker)
        {
            for (int part = begin; part < end; part++)
            {
                nint first = (nint)(part * Grain), count = (nint)Math.Min(Grain, Count - part * Grain);
                if (Quantize)
                    ToBytes(X + first, Y + first, count);
                else
                    Range(X + first, count, Ranges + 2 * (nint)part);
            }
        }

        // Min(x, low) and Max(x, high) keep the second operand where x is NaN.
        private static void Range(float* x, nint count, float* range)
        {
            V low = S.Zero, high = S.Zero;
            nint i = 0;
            for (; i + S.Lanes <= count; i += S.Lanes)
                (low, high) = (S.Min(S.Load(x + i), low), S.Max(S.Load(x + i), high));
            if (i < count)
                (low, high) = (S.Min(S.LoadPartial(x + i, (int)(count - i)), low), S.Max(S.LoadPartial(x + i, (int)(count - i)), high));
            (range[0], range[1]) = (S.MinAcross(low), S.MaxAcross(high));
        }

        private readonly void ToBytes(float* x, byte* y, nint count)
        {
            V scale = S.Create(Scale), zero = S.CreateInt(Zero), low = S.Create(-Zero), high = S.Create(255 - Zero);
            nint i = 0;
            for (; i + S.Lanes <= count; i += S.Lanes)
                S.StoreBytes(S.AddInt(S.ToInt(S.Min(S.Max(S.Div(S.Load(x + i), scale), low), high)), zero), y + i);
            for (; i < count; i++)
            {
                float quotient = x[i] / Scale;
                quotient = quotient > -Zero ? quotient : -Zero;
                y[i] = (byte)((int)MathF.Round(Math.Min(quotient, 255 - Zero)) + Zero);
            }
        }
    }
}
