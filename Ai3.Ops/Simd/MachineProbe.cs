using System.Diagnostics;
using System.Runtime.CompilerServices;
using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>Measures what a machine can do: the peaks that kernels are held against.</summary>
public static unsafe class MachineProbe
{
    private const int Iterations = 400_000;
    private const int Rounds = 5;

    /// <summary>float32 operations a nanosecond (GFLOP/s) of all workers together, fused multiply-add counted as two: the best of some rounds.</summary>
    public static double MeasureFlops(IsaLevel level, WorkerPool workers)
    {
        Probe probe = Isa.Select<Factory, Probe>(level, default);
        var body = new FlopsBody(probe);
        double operations = (double)probe.FlopsPerIteration * Iterations * workers.Threads;
        return operations / BestNanoseconds(() => workers.For(workers.Threads, ref body));
    }

    /// <summary>Bytes a nanosecond (GB/s) that all workers together read from memory: the best of some rounds.</summary>
    /// <param name="level">The instruction set.</param>
    /// <param name="workers">Who reads.</param>
    /// <param name="bytes">Bytes to read in a round; more than the last cache holds.</param>
    public static double MeasureBandwidth(IsaLevel level, WorkerPool workers, long bytes)
    {
        Probe probe = Isa.Select<Factory, Probe>(level, default);
        long share = bytes / workers.Threads / 4096 * 4096;
        using var buffer = new NativeBuffer(share * workers.Threads, clear: true);
        var body = new ReadBody(probe, (float*)buffer.Address, share / sizeof(float));
        return (double)share * workers.Threads / BestNanoseconds(() => workers.For(workers.Threads, ref body));
    }

    private static double BestNanoseconds(Action round)
    {
        double best = double.PositiveInfinity;
        for (int i = 0; i < Rounds; i++)
        {
            long start = Stopwatch.GetTimestamp();
            round();
            best = Math.Min(best, Stopwatch.GetElapsedTime(start).TotalNanoseconds);
        }
        return Math.Max(best, 1);
    }

    private readonly struct FlopsBody(Probe probe) : IParallelBody
    {
        public void Run(int begin, int end, int worker)
        {
            for (int i = begin; i < end; i++)
                probe.MultiplyAdd(Iterations);
        }
    }

    private readonly struct ReadBody(Probe probe, float* start, long floatsPerShare) : IParallelBody
    {
        public void Run(int begin, int end, int worker)
        {
            for (int i = begin; i < end; i++)
                probe.Read(start + i * floatsPerShare, floatsPerShare);
        }
    }

    private readonly struct Factory : IIsaFunc<Probe>
    {
        public Probe Create<S, V>() where S : struct, ISimd<V> where V : unmanaged => new Probe<S, V>();
    }

    private abstract class Probe
    {
        public abstract int FlopsPerIteration { get; }

        public abstract float MultiplyAdd(int iterations);

        public abstract float Read(float* p, long count);
    }

    private sealed class Probe<S, V> : Probe where S : struct, ISimd<V> where V : unmanaged
    {
        private const int Chains = 12;

        public override int FlopsPerIteration => 2 * Chains * S.Lanes;

        // Twelve independent chains: more than latency times units of any processor to date, and within 16 registers.
        [MethodImpl(MethodImplOptions.NoInlining)]
        public override float MultiplyAdd(int iterations)
        {
            V half = S.Create(0.5f);
            V a = half, b = half, c = half, d = half, e = half, f = half, g = half, h = half, i = half, j = half, k = half, l = half;
            for (int n = 0; n < iterations; n++)
            {
                a = S.MulAdd(a, half, half);
                b = S.MulAdd(b, half, half);
                c = S.MulAdd(c, half, half);
                d = S.MulAdd(d, half, half);
                e = S.MulAdd(e, half, half);
                f = S.MulAdd(f, half, half);
                g = S.MulAdd(g, half, half);
                h = S.MulAdd(h, half, half);
                i = S.MulAdd(i, half, half);
                j = S.MulAdd(j, half, half);
                k = S.MulAdd(k, half, half);
                l = S.MulAdd(l, half, half);
            }
            V low = S.Add(S.Add(S.Add(a, b), S.Add(c, d)), S.Add(e, f));
            V high = S.Add(S.Add(S.Add(g, h), S.Add(i, j)), S.Add(k, l));
            return S.Sum(S.Add(low, high));
        }

        [MethodImpl(MethodImplOptions.NoInlining)]
        public override float Read(float* p, long count)
        {
            V a = S.Zero, b = S.Zero, c = S.Zero, d = S.Zero;
            int step = 4 * S.Lanes;
            for (long n = 0; n + step <= count; n += step, p += step)
            {
                a = S.Add(a, S.Load(p));
                b = S.Add(b, S.Load(p + S.Lanes));
                c = S.Add(c, S.Load(p + 2 * S.Lanes));
                d = S.Add(d, S.Load(p + 3 * S.Lanes));
            }
            return S.Sum(S.Add(S.Add(a, b), S.Add(c, d)));
        }
    }
}
