using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using Ai3.Tensors;

namespace Ai3.Ops;

/// <summary>What the two float32 algorithms share: contiguous rows, or rows beside each other with a lane for each.</summary>
internal static unsafe class SoftmaxRows
{
    /// <summary>Elements of a contiguous row whose sum is float32 throughout; between such blocks sums are double.</summary>
    public const int Block = 4096;

    /// <summary>Elements of a lane's row that are added serially; between such blocks again.</summary>
    public const int LaneBlock = 256;

    public static Applicability Supports(SoftmaxProblem p, Target target) =>
        Applicability.If(p.Type == DType.Float32, $"element type is {p.Type.ShortName()}, needs f32")
            .And(Applicability.If(p.Kind != SoftmaxKind.Hardmax, "Hardmax sums nothing"));

    /// <summary>Over the channels of single pixels a blocked tensor is a row-major one with longer rows.</summary>
    public static ImmutableArray<FormatChoice> Formats(SoftmaxProblem p, Target target) =>
        p.Axis == 1 && p.Shape.Rank > 2 && p.Shape.CountOf(2..) == 1 ? [FormatChoice.Plain, FormatChoice.Uniform(Format.Blocked(target.ChannelBlock), 1)]
            : FormatChoice.PlainOnly;

    public static double Vectors(Request<SoftmaxProblem> r) => r.Problem.Inner == 1
        ? (double)r.Problem.Outer * Math.Ceiling((double)r.Problem.Length / r.Target.Lanes)
        : (double)r.Problem.Outer * r.Problem.Length * Math.Ceiling((double)r.Problem.Inner / r.Target.Lanes);

    /// <summary>
    /// What contiguous rows cost that leave the second cache between passes: so many elements read or written in memory for each of
    /// the row, a written line being read first.
    /// </summary>
    public static double Streaming(Request<SoftmaxProblem> r, int elements) => r.Problem.Inner == 1 && 2 * sizeof(float) * (double)r.Problem.Length > r.Target.Caches.L2
        ? elements * sizeof(float) * (double)r.Problem.Shape.Count / (2 * r.Target.BytesPerNanosecond) : 0;

    /// <summary>The longest chain of additions.</summary>
    public static double Chain(SoftmaxProblem p, Target target) => p.Inner == 1
        ? Math.Min(Block, p.Length) / (4.0 * target.Lanes) + 8 : Math.Min(LaneBlock, p.Length) + p.Length / LaneBlock;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Load<S, V>(float* p, int lanes) where S : struct, ISimd<V> where V : unmanaged => lanes == S.Lanes ? S.Load(p) : S.LoadPartial(p, lanes);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store<S, V>(V v, float* p, int lanes) where S : struct, ISimd<V> where V : unmanaged
    {
        if (lanes == S.Lanes)
            S.Store(v, p);
        else
            S.StorePartial(v, p, lanes);
    }

    /// <summary>y = x - largest - log(sum) along a contiguous row.</summary>
    public static void WriteLogs<S, V>(float* x, float* y, nint n, float largest, double sum) where S : struct, ISimd<V> where V : unmanaged
    {
        V m = S.Create(largest), log = S.Create((float)Math.Log(sum));
        for (nint i = 0; i < n; i += S.Lanes)
        {
            int lanes = (int)Math.Min(S.Lanes, n - i);
            Store<S, V>(S.Sub(S.Sub(Load<S, V>(x + i, lanes), m), log), y + i, lanes);
        }
    }

    /// <summary>y = e^(x - largest) / sum, or its logarithm, in each lane; rows are <paramref name="stride"/> elements apart.</summary>
    public static void WriteLanes<S, V>(bool log, float* x, float* y, nint n, nint stride, int lanes, V largest, V sum) where S : struct, ISimd<V> where V : unmanaged
    {
        V factor = log ? VectorMath.Log<S, V>(sum) : S.Div(S.Create(1), sum);
        for (nint i = 0; i < n; i++, x += stride, y += stride)
        {
            V d = S.Sub(Load<S, V>(x, lanes), largest);
            Store<S, V>(log ? S.Sub(d, factor) : S.Mul(VectorMath.Exp<S, V>(d), factor), y, lanes);
        }
    }
}

/// <summary>How one algorithm computes a row.</summary>
internal unsafe interface ISoftmaxRow
{
    /// <summary>One contiguous row of n elements, n at least 1; y may be x.</summary>
    static abstract void Contiguous<S, V>(bool log, float* x, float* y, nint n) where S : struct, ISimd<V> where V : unmanaged;

    /// <summary>Rows of n elements, one in each of the first <paramref name="lanes"/> lanes, elements <paramref name="stride"/> apart; y may be x.</summary>
    static abstract void Lanes<S, V>(bool log, float* x, float* y, nint n, nint stride, int lanes) where S : struct, ISimd<V> where V : unmanaged;
}

/// <summary>Runs an algorithm over all rows.</summary>
internal static unsafe class SoftmaxDriver<R> where R : struct, ISoftmaxRow
{
    public static PreparedKernel Bind(Request<SoftmaxProblem> r, PackedConstants? packed) => Isa.Select<Binder, PreparedKernel>(r.Target.Isa, new Binder(r));

    private readonly struct Binder(Request<SoftmaxProblem> r) : IIsaFunc<PreparedKernel>
    {
        public PreparedKernel Create<S, V>() where S : struct, ISimd<V> where V : unmanaged
        {
            SoftmaxProblem p = r.Problem;
            Format format = r.Formats.Input(0);
            bool blocked = format.Kind == FormatKind.Blocked;
            return new Kernel<S, V>(p.Kind == SoftmaxKind.LogSoftmax, p.Outer, p.Length, p.Inner, blocked ? ShapeMath.RoundUp(p.Length, format.Block) : p.Length);
        }
    }

    private sealed class Kernel<S, V>(bool log, long outer, long length, long inner, long pitch) : PreparedKernel where S : struct, ISimd<V> where V : unmanaged
    {
        public override void Run(in KernelArgs args)
        {
            var body = new Body<S, V>
            {
                Log = log,
                Length = (nint)length,
                Inner = (nint)inner,
                Pitch = (nint)pitch,
                X = (float*)args.Inputs[0],
                Y = (float*)args.Outputs[0],
                Split = new RowSplit(length == 0 ? 0 : inner == 1 ? outer : outer * ShapeMath.CeilDiv(inner, S.Lanes)),
            };
            args.Workers.For(body.Split.Items, ref body);
        }
    }

    private struct Body<S, V> : IParallelBody where S : struct, ISimd<V> where V : unmanaged
    {
        public bool Log;
        public nint Length;
        public nint Inner;

        // From one contiguous row to the next.
        public nint Pitch;
        public float* X;
        public float* Y;
        public RowSplit Split;

        public void Run(int begin, int end, int worker)
        {
            nint vectors = (Inner + S.Lanes - 1) / S.Lanes;
            for (nint row = (nint)Split.Begin(begin); row < (nint)Split.End(end); row++)
            {
                if (Inner > 1)
                {
                    nint column = row % vectors * S.Lanes, at = row / vectors * Length * Inner + column;
                    R.Lanes<S, V>(Log, X + at, Y + at, Length, Inner, (int)Math.Min(S.Lanes, Inner - column));
                    continue;
                }
                R.Contiguous<S, V>(Log, X + row * Pitch, Y + row * Pitch, Length);
                for (nint i = Length; i < Pitch; i++)
                    Y[row * Pitch + i] = 0;
            }
        }
    }
}
